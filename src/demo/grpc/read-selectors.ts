import { Failure } from '../failure.ts';
import type { PayloadSelector, VectorSelector } from '../store/projection.ts';
import type { Shown } from '../store/query.ts';
import type { Selection } from '../store/selection.ts';
import { get, type Message, maybe } from './message.ts';
import { filterOfMessage } from './read-filter.ts';
import { pointIdOf } from './read-values.ts';

/** Reads what an answer shows. */
export function shownOf(message: Message): Shown {
  return {
    payload: payloadSelectorOf(maybe.child(message, 'with_payload')),
    vectors: vectorSelectorOf(maybe.child(message, 'with_vectors')),
  };
}

/** Reads which points a change is for. */
export function selectionOf(message: Message | undefined): Selection {
  const ids = message && maybe.child(message, 'points');
  if (ids) return { ids: get.list(ids, 'ids').map(pointIdOf) };
  const filter = message && filterOfMessage(maybe.child(message, 'filter'));
  if (!filter) throw new Failure('malformed', 'PointsSelector is missing');
  return { filter };
}

function payloadSelectorOf(message: Message | undefined): PayloadSelector {
  const include = message && maybe.child(message, 'include');
  if (include) return { include: get.list<string>(include, 'fields') };
  const exclude = message && maybe.child(message, 'exclude');
  if (exclude) return { exclude: get.list<string>(exclude, 'fields') };
  return message !== undefined && get.flag(message, 'enable');
}

function vectorSelectorOf(message: Message | undefined): VectorSelector {
  const include = message && maybe.child(message, 'include');
  if (include) return get.list<string>(include, 'names');
  return message !== undefined && get.flag(message, 'enable');
}

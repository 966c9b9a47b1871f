import { Failure } from '../failure.ts';
import type { Change, NewPoint } from '../store/changes.ts';
import { get, type Message, maybe } from './message.ts';
import { filterOfMessage } from './read-filter.ts';
import { selectionOf } from './read-selectors.ts';
import { payloadOf, pointIdOf } from './read-values.ts';
import { vectorsOf } from './read-vectors.ts';

const modes = ['upsert', 'insert_only', 'update_only'] as const;

/** The changes that requests ask for, by the kind of change. */
export const changeOf = {
  upsert: (message: Message): Change => ({
    kind: 'upsert',
    points: get.list(message, 'points').map(pointOf),
    mode: modes[get.number(message, 'update_mode')] ?? 'upsert',
    only: filterOfMessage(maybe.child(message, 'update_filter')),
  }),
  delete: (message: Message): Change => {
    return { kind: 'delete', points: selectionOf(maybe.child(message, 'points')) };
  },
  set_payload: (message: Message): Change => settingOf('set_payload', message),
  overwrite_payload: (message: Message): Change => settingOf('overwrite_payload', message),
  delete_payload: (message: Message): Change => ({
    kind: 'delete_payload',
    points: selectionOf(maybe.child(message, 'points_selector')),
    keys: get.list<string>(message, 'keys'),
  }),
  clear_payload: (message: Message): Change => {
    return { kind: 'clear_payload', points: selectionOf(maybe.child(message, 'points')) };
  },
  update_vectors: (message: Message): Change => ({
    kind: 'update_vectors',
    points: get.list(message, 'points').map((point) => ({
      id: pointIdOf(maybe.child(point, 'id')),
      vectors: vectorsOf(maybe.child(point, 'vectors')),
    })),
    only: filterOfMessage(maybe.child(message, 'update_filter')),
  }),
  delete_vectors: (message: Message): Change => ({
    kind: 'delete_vectors',
    points: selectionOf(maybe.child(message, 'points_selector')),
    names: get.list<string>(maybe.child(message, 'vectors') ?? {}, 'names'),
  }),
} satisfies Readonly<Record<Change['kind'], (message: Message) => Change>>;

const operations: Readonly<Record<string, (message: Message) => Change>> = {
  ...changeOf,
  delete_points: changeOf.delete,
  delete_deprecated: (points) => changeOf.delete({ points }),
  clear_payload_deprecated: (points) => changeOf.clear_payload({ points }),
};

/** Reads one change of a batch. */
export function operationOf(message: Message): Change {
  for (const [name, read] of Object.entries(operations)) {
    const found = maybe.child(message, name);
    if (found) return read(found);
  }
  throw new Failure('malformed', 'Operation is missing');
}

function settingOf(kind: 'set_payload' | 'overwrite_payload', message: Message): Change {
  return {
    kind,
    points: selectionOf(maybe.child(message, 'points_selector')),
    payload: payloadOf(get.map(message, 'payload')),
    key: maybe.text(message, 'key'),
  };
}

function pointOf(message: Message): NewPoint {
  return {
    id: pointIdOf(maybe.child(message, 'id')),
    vectors: vectorsOf(maybe.child(message, 'vectors')),
    payload: payloadOf(get.map(message, 'payload')),
  };
}

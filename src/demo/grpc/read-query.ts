import type { GroupQuery } from '../store/groups.ts';
import type { LookupFrom, Query } from '../store/query.ts';
import { get, type Message, maybe } from './message.ts';
import { filterOfMessage } from './read-filter.ts';
import { rankingOf } from './read-ranking.ts';
import { shownOf } from './read-selectors.ts';

/** Reads a query, or a query that fetches candidates for another. */
export function queryOf(message: Message): Query {
  const limit = maybe.number(message, 'limit') ?? 10;
  return {
    prefetch: get.list(message, 'prefetch').map(queryOf),
    ranking: rankingOf(maybe.child(message, 'query')),
    limit,
    ...commonOf(message),
  };
}

/** What all queries have in common, in the words that each of the requests has for it. */
export function commonOf(message: Message): Omit<Query, 'prefetch' | 'ranking' | 'limit'> {
  return {
    using: maybe.text(message, 'using') ?? get.text(message, 'vector_name'),
    filter: filterOfMessage(maybe.child(message, 'filter')),
    scoreThreshold: maybe.number(message, 'score_threshold'),
    offset: get.number(message, 'offset'),
    lookupFrom: lookupFromOf(maybe.child(message, 'lookup_from')),
  };
}

/** Reads how a query is grouped. */
export function groupQueryOf(message: Message, query: Query, limit: number): GroupQuery {
  const lookup = maybe.child(message, 'with_lookup');
  return {
    query,
    groupBy: get.text(message, 'group_by'),
    groupSize: maybe.number(message, 'group_size') ?? 3,
    limit,
    lookup: lookup && { collection: get.text(lookup, 'collection'), shown: lookupShown(lookup) },
  };
}

function lookupShown(lookup: Message): ReturnType<typeof shownOf> {
  const shown = shownOf(lookup);
  return lookup['with_payload'] === undefined ? { ...shown, payload: true } : shown;
}

function lookupFromOf(message: Message | undefined): LookupFrom | undefined {
  if (!message) return undefined;
  const collection = get.text(message, 'collection_name');
  return { collection, vector: maybe.text(message, 'vector_name') };
}

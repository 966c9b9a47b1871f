import { mapped } from '../json/alternatives.ts';
import { list, type Read, scalars } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import { flatStruct } from './flat.ts';
import { atLeastOne } from './limit.ts';
import { olderFields, rankedBy } from './older-fields.ts';
import type { ShownQuery } from './query.ts';

const limited = {
  limit: field.required(scalars.size, 'top'),
  offset: field.optional(scalars.size),
};

function paged(
  { query, shown }: ShownQuery,
  read: { readonly limit: number; readonly offset: number | undefined },
  path: string,
): ShownQuery {
  const limit = atLeastOne(read.limit, `${path}.limit`);
  return { query: { ...query, limit, offset: read.offset ?? 0 }, shown };
}

/** The bodies of the older requests. */
export const olderRequests = {
  search: flatStruct('SearchRequest', { ...olderFields.search, ...limited }, (read) =>
    paged(rankedBy.search(read.vector, read), read, 'search_request'),
  ),
  recommend: flatStruct('RecommendRequest', { ...olderFields.recommend, ...limited }, (read) =>
    paged(rankedBy.recommend(read), read, 'recommend_request'),
  ),
  discover: flatStruct('DiscoverRequest', { ...olderFields.discover, ...limited }, (read) =>
    paged(rankedBy.discover(read), read, 'discover_request'),
  ),
};

/** Reads a batch of requests: all of one kind, for one collection. */
export function searches(name: string, read: Read<ShownQuery>): Read<readonly ShownQuery[]> {
  return mapped(struct(name, { searches: field.required(list(read)) }), (found) => found.searches);
}

import type { Read } from '../json/read.ts';
import type { Json } from '../json/write.ts';
import { searchGroups } from '../store/groups.ts';
import { search } from '../store/search.ts';
import { collectionOf } from './call.ts';
import { groupRequests, type ShownGroups } from './groups.ts';
import { queryRequest, type ShownQuery } from './query.ts';
import { type Call, type Route, route, usual } from './route.ts';
import { olderRequests, searches } from './search.ts';
import { pointGroup, scoredPoint } from './shown.ts';

function hits(call: Call<unknown>, { query, shown }: ShownQuery): Json[] {
  const collection = collectionOf(call);
  return search(call.session, collection, query).map((hit) => scoredPoint(hit, shown));
}

function grouped(call: Call<ShownGroups>): Json {
  const { groups, shown } = call.body;
  const found = searchGroups(call.session, collectionOf(call), groups);
  const lookup = groups.lookup?.shown ?? shown;
  return { groups: found.map((group) => pointGroup(group, shown, lookup)) };
}

function searching(operation: string, path: string, body: Read<ShownQuery>, name: string): Route[] {
  return [
    route(operation, `POST ${usual.path}/points/${path}`, { ...usual.reading, body }, (call) =>
      hits(call, call.body),
    ),
    route(
      `${operation}_batch`,
      `POST ${usual.path}/points/${path}/batch`,
      { ...usual.reading, body: searches(name, body) },
      (call) => call.body.map((each) => hits(call, each)),
    ),
  ];
}

/** Routes that rank points. */
export const searchRoutes: readonly Route[] = [
  route(
    'points.query',
    `POST ${usual.path}/points/query`,
    { ...usual.reading, body: queryRequest },
    (call) => ({
      points: hits(call, call.body),
    }),
  ),
  route(
    'points.query_batch',
    `POST ${usual.path}/points/query/batch`,
    { ...usual.reading, body: searches('QueryRequestBatch', queryRequest) },
    (call) => call.body.map((each) => ({ points: hits(call, each) })),
  ),
  ...searching('points.search', 'search', olderRequests.search, 'SearchRequestBatch'),
  ...searching('points.recommend', 'recommend', olderRequests.recommend, 'RecommendRequestBatch'),
  ...searching('points.discover', 'discover', olderRequests.discover, 'DiscoverRequestBatch'),
  ...(['query', 'search', 'recommend'] as const).map((kind) =>
    route(
      `points.${kind}_groups`,
      `POST ${usual.path}/points/${kind}/groups`,
      { ...usual.reading, body: groupRequests[kind] },
      grouped,
    ),
  ),
];

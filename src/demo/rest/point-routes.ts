import { Failure } from '../failure.ts';
import type { Read } from '../json/read.ts';
import { type Json, single } from '../json/write.ts';
import { changePoints } from '../store/changes.ts';
import { pointsInOrder } from '../store/collection.ts';
import { facet } from '../store/facet.ts';
import { searchGroups } from '../store/groups.ts';
import { matrixPairs, type Pair } from '../store/matrix.ts';
import type { PointId } from '../store/point.ts';
import { idOfInteger, idOfText } from '../store/point-id.ts';
import { scroll } from '../store/scroll.ts';
import { search } from '../store/search.ts';
import { collectionNamed } from '../store/storage.ts';
import { changeBatch, changeRequests } from './changes.ts';
import { groupRequests, type ShownGroups } from './groups.ts';
import { queryRequest, type ShownQuery } from './query.ts';
import {
  countRequest,
  facetRequest,
  matrixRequest,
  pointRequest,
  scrollRequest,
} from './retrieve.ts';
import { type Call, known, type Route, route } from './route.ts';
import { olderRequests, searches } from './search.ts';
import { pointGroup, record, scoredPoint } from './shown.ts';

const base = '/collections/{collection_name}';
const reading = { access: 'read', parameters: known.reading } as const;
const writing = { access: 'manage', parameters: known.writing } as const;

/** What came of a change: it is made at once, but only said to be so if the client waits. */
export function updated(call: Call<unknown>, operation: number): Json {
  const status = call.parameters.wait ? 'completed' : 'acknowledged';
  return { operation_id: operation, status };
}

function changing(kind: keyof typeof changeRequests, line: string): Route {
  const operation = kind === 'delete' ? 'points.delete' : `points.${kind}`;
  const body = changeRequests[kind];
  return route(operation, line, { ...writing, body }, (call) =>
    updated(call, changePoints(collectionNamed(call.session, call.collection), call.body)),
  );
}

/** Routes that change points. */
export const changeRoutes: readonly Route[] = [
  changing('upsert', `PUT ${base}/points`),
  changing('delete', `POST ${base}/points/delete`),
  changing('update_vectors', `PUT ${base}/points/vectors`),
  changing('delete_vectors', `POST ${base}/points/vectors/delete`),
  changing('set_payload', `POST ${base}/points/payload`),
  changing('overwrite_payload', `PUT ${base}/points/payload`),
  changing('delete_payload', `POST ${base}/points/payload/delete`),
  changing('clear_payload', `POST ${base}/points/payload/clear`),
  route(
    'points.update_batch',
    `POST ${base}/points/batch`,
    { ...writing, body: changeBatch },
    (call) =>
      call.body.map((change) =>
        updated(call, changePoints(collectionNamed(call.session, call.collection), change)),
      ),
  ),
];

function hits(call: Call<unknown>, { query, shown }: ShownQuery): Json[] {
  const collection = collectionNamed(call.session, call.collection);
  return search(call.session, collection, query).map((hit) => scoredPoint(hit, shown));
}

function grouped(call: Call<ShownGroups>): Json {
  const { groups, shown } = call.body;
  const found = searchGroups(call.session, collectionNamed(call.session, call.collection), groups);
  const lookup = groups.lookup?.shown ?? shown;
  return { groups: found.map((group) => pointGroup(group, shown, lookup)) };
}

function searching(operation: string, path: string, body: Read<ShownQuery>, name: string): Route[] {
  return [
    route(operation, `POST ${base}/points/${path}`, { ...reading, body }, (call) =>
      hits(call, call.body),
    ),
    route(
      `${operation}_batch`,
      `POST ${base}/points/${path}/batch`,
      { ...reading, body: searches(name, body) },
      (call) => call.body.map((each) => hits(call, each)),
    ),
  ];
}

/** Routes that rank points. */
export const searchRoutes: readonly Route[] = [
  route(
    'points.query',
    `POST ${base}/points/query`,
    { ...reading, body: queryRequest },
    (call) => ({
      points: hits(call, call.body),
    }),
  ),
  route(
    'points.query_batch',
    `POST ${base}/points/query/batch`,
    { ...reading, body: searches('QueryRequestBatch', queryRequest) },
    (call) => call.body.map((each) => ({ points: hits(call, each) })),
  ),
  ...searching('points.search', 'search', olderRequests.search, 'SearchRequestBatch'),
  ...searching('points.recommend', 'recommend', olderRequests.recommend, 'RecommendRequestBatch'),
  ...searching('points.discover', 'discover', olderRequests.discover, 'DiscoverRequestBatch'),
  ...(['query', 'search', 'recommend'] as const).map((kind) =>
    route(
      `points.${kind}_groups`,
      `POST ${base}/points/${kind}/groups`,
      { ...reading, body: groupRequests[kind] },
      grouped,
    ),
  ),
];

/** Routes that show points. */
export const retrieveRoutes: readonly Route[] = [
  route('points.get', `POST ${base}/points`, { ...reading, body: pointRequest }, (call) => {
    const { points } = collectionNamed(call.session, call.collection);
    return [...new Set(call.body.ids)].flatMap((id) => {
      const point = points.get(id);
      return point ? [record(point, call.body.shown)] : [];
    });
  }),
  route('points.get_one', `GET ${base}/points/{id}`, reading, (call) => {
    const id = idOfPath(call.path['id'] ?? '');
    const point = collectionNamed(call.session, call.collection).points.get(id);
    if (!point) throw new Failure('notFound', `Point with id ${id} does not exists!`);
    return record(point, { payload: true, vectors: true });
  }),
  route(
    'points.scroll',
    `POST ${base}/points/scroll`,
    { ...reading, body: scrollRequest },
    (call) => {
      const { page, shown } = call.body;
      const found = scroll(collectionNamed(call.session, call.collection), page);
      const points = found.hits.map((hit) => record(hit.point, shown, hit.orderValue));
      return { points, next_page_offset: found.next ?? null };
    },
  ),
  route('points.count', `POST ${base}/points/count`, { ...reading, body: countRequest }, (call) => {
    const collection = collectionNamed(call.session, call.collection);
    return { count: [...pointsInOrder(collection, call.body.filter)].length };
  }),
  route('points.facet', `POST ${base}/facet`, { ...reading, body: facetRequest }, (call) => {
    const { key, filter, limit } = call.body;
    const found = facet(collectionNamed(call.session, call.collection), key, filter, limit);
    return { hits: found.map(({ value, count }) => ({ value, count })) };
  }),
  ...(['pairs', 'offsets'] as const).map((form) =>
    route(
      `points.matrix_${form}`,
      `POST ${base}/points/search/matrix/${form}`,
      { ...reading, body: matrixRequest },
      (call) => {
        const collection = collectionNamed(call.session, call.collection);
        const pairs = matrixPairs(collection, call.body);
        return form === 'pairs' ? { pairs: pairs.map(pairShown) } : offsetsShown(pairs);
      },
    ),
  ),
];

function pairShown({ a, b, score }: Pair): Json {
  return { a, b, score: single(score) };
}

function offsetsShown(pairs: readonly Pair[]): Json {
  const ids = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))];
  return {
    offsets_row: pairs.map(({ a }) => ids.indexOf(a)),
    offsets_col: pairs.map(({ b }) => ids.indexOf(b)),
    scores: pairs.map(({ score }) => single(score)),
    ids,
  };
}

function idOfPath(text: string): PointId {
  const integer = /^\+?\d{1,20}$/.test(text) ? BigInt(text) : undefined;
  if (integer !== undefined && integer < 2n ** 64n) return idOfInteger(integer);
  const id = idOfText(text);
  if (id === undefined) {
    throw new Failure('wrongInput', `Can not recognize ${JSON.stringify(text)} as point id`);
  }
  return id;
}

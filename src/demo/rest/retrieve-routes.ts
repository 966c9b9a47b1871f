import { Failure } from '../failure.ts';
import { type Json, single } from '../json/write.ts';
import { pointsInOrder } from '../store/collection.ts';
import { facet } from '../store/facet.ts';
import { matrixPairs, type Pair } from '../store/matrix.ts';
import type { PointId } from '../store/point.ts';
import { idOfInteger, idOfText } from '../store/point-id.ts';
import { scroll } from '../store/scroll.ts';
import { collectionOf } from './call.ts';
import { countRequest, facetRequest } from './count.ts';
import { matrixRequest } from './matrix.ts';
import { pointRequest, scrollRequest } from './retrieve.ts';
import { type Route, route, usual } from './route.ts';
import { record } from './shown.ts';

/** Routes that show points: those of a collection, and those of its one shard. */
export const retrieveRoutes: readonly Route[] = [
  ...showing('points', usual.path),
  ...showing('shard_points', `${usual.path}/shards/{shard}`),
  route('points.get_one', `GET ${usual.path}/points/{id}`, usual.reading, (call) => {
    const id = idOfPath(call.path['id'] ?? '');
    const point = collectionOf(call).points.get(id);
    if (!point) throw new Failure('notFound', `Point with id ${id} does not exists!`);
    return record(point, { payload: true, vectors: true });
  }),
  route(
    'points.facet',
    `POST ${usual.path}/facet`,
    { ...usual.reading, body: facetRequest },
    (call) => {
      const { key, filter, limit } = call.body;
      const found = facet(collectionOf(call), key, filter, limit);
      return { hits: found.map(({ value, count }) => ({ value, count })) };
    },
  ),
  ...(['pairs', 'offsets'] as const).map((form) =>
    route(
      `points.matrix_${form}`,
      `POST ${usual.path}/points/search/matrix/${form}`,
      { ...usual.reading, body: matrixRequest },
      (call) => {
        const pairs = matrixPairs(collectionOf(call), call.body);
        return form === 'pairs' ? { pairs: pairs.map(pairShown) } : offsetsShown(pairs);
      },
    ),
  ),
];

function showing(kind: string, path: string): Route[] {
  const { reading } = usual;
  const get = { ...reading, body: pointRequest };
  const page = { ...reading, body: scrollRequest };
  const count = { ...reading, body: countRequest };
  return [
    route(`${kind}.get`, `POST ${path}/points`, get, (call) => {
      const { points } = collectionOf(call);
      const found = [...new Set(call.body.ids)].flatMap((id) => points.get(id) ?? []);
      return found.map((point) => record(point, call.body.shown));
    }),
    route(`${kind}.scroll`, `POST ${path}/points/scroll`, page, (call) => {
      const { page, shown } = call.body;
      const { hits, next } = scroll(collectionOf(call), page);
      const points = hits.map((hit) => record(hit.point, shown, hit.orderValue));
      return { points, next_page_offset: next ?? null };
    }),
    route(`${kind}.count`, `POST ${path}/points/count`, count, (call) => {
      return { count: [...pointsInOrder(collectionOf(call), call.body.filter)].length };
    }),
  ];
}

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

import { Failure } from '../failure.ts';
import { pointsInOrder } from '../store/collection.ts';
import { facet } from '../store/facet.ts';
import { matrixPairs, type Pair } from '../store/matrix.ts';
import { scroll } from '../store/scroll.ts';
import type { Session } from '../store/storage.ts';
import { atLeastOne } from './checks.ts';
import { get, type Message, maybe } from './message.ts';
import { collectionOf, type Methods } from './method.ts';
import { filterOfMessage } from './read-filter.ts';
import { orderByOf } from './read-ranking.ts';
import { shownOf } from './read-selectors.ts';
import { pointIdOf } from './read-values.ts';
import { reading } from './reading.ts';
import { retrievedPoint } from './shown.ts';
import { shownId } from './shown-values.ts';

function getPoints(session: Session, message: Message): Message {
  const { points } = collectionOf(session, message);
  const shown = shownOf(message);
  const ids = new Set(get.list(message, 'ids').map(pointIdOf));
  const found = [...ids].flatMap((id) => points.get(id) ?? []);
  return { result: found.map((point) => retrievedPoint(point, shown)) };
}

function scrollPoints(session: Session, message: Message): Message {
  const offset = maybe.child(message, 'offset');
  const order = maybe.child(message, 'order_by');
  const page = scroll(collectionOf(session, message), {
    offset: offset && pointIdOf(offset),
    limit: maybe.number(message, 'limit') ?? 10,
    filter: filterOfMessage(maybe.child(message, 'filter')),
    orderBy: order && orderByOf(order),
  });
  const shown = shownOf(message);
  return {
    next_page_offset: page.next === undefined ? undefined : shownId(page.next),
    result: page.hits.map((hit) => retrievedPoint(hit.point, shown, hit.orderValue)),
  };
}

function countPoints(session: Session, message: Message): Message {
  const filter = filterOfMessage(maybe.child(message, 'filter'));
  return { result: { count: [...pointsInOrder(collectionOf(session, message), filter)].length } };
}

function countValues(session: Session, message: Message): Message {
  const key = get.text(message, 'key');
  if (key === '') throw new Failure('malformed', 'Validation error in body: [key: empty]');
  const filter = filterOfMessage(maybe.child(message, 'filter'));
  const hits = facet(
    collectionOf(session, message),
    key,
    filter,
    maybe.number(message, 'limit') ?? 10,
  );
  const facetValue = (value: string | bigint | boolean): Message => {
    if (typeof value === 'string') return { string_value: value };
    return typeof value === 'bigint' ? { integer_value: value } : { bool_value: value };
  };
  return { hits: hits.map(({ value, count }) => ({ value: facetValue(value), count })) };
}

function pairs(session: Session, message: Message): Pair[] {
  return matrixPairs(collectionOf(session, message), {
    filter: filterOfMessage(maybe.child(message, 'filter')),
    sample: maybe.number(message, 'sample') ?? 10,
    limit: maybe.number(message, 'limit') ?? 3,
    using: get.text(message, 'using'),
  });
}

function pairsShown(found: readonly Pair[]): Message {
  return { pairs: found.map(({ a, b, score }) => ({ a: shownId(a), b: shownId(b), score })) };
}

function offsetsShown(found: readonly Pair[]): Message {
  const ids = [...new Set(found.flatMap(({ a, b }) => [a, b]))];
  return {
    offsets_row: found.map(({ a }) => ids.indexOf(a)),
    offsets_col: found.map(({ b }) => ids.indexOf(b)),
    scores: Float32Array.from(found, ({ score }) => score),
    ids: ids.map(shownId),
  };
}

/** Methods that show points. */
export const retrieveMethods: Methods = {
  '/qdrant.Points/Get': reading('points.get', 'GetPoints', 'GetResponse', [], getPoints),
  '/qdrant.Points/Scroll': reading(
    'points.scroll',
    'ScrollPoints',
    'ScrollResponse',
    [atLeastOne('limit', true)],
    scrollPoints,
  ),
  '/qdrant.Points/Count': reading('points.count', 'CountPoints', 'CountResponse', [], countPoints),
  '/qdrant.Points/Facet': reading('points.facet', 'FacetCounts', 'FacetResponse', [], countValues),
  '/qdrant.Points/SearchMatrixPairs': reading(
    'points.matrix_pairs',
    'SearchMatrixPoints',
    'SearchMatrixPairsResponse',
    [],
    (session, message) => ({ result: pairsShown(pairs(session, message)) }),
  ),
  '/qdrant.Points/SearchMatrixOffsets': reading(
    'points.matrix_offsets',
    'SearchMatrixPoints',
    'SearchMatrixOffsetsResponse',
    [],
    (session, message) => ({ result: offsetsShown(pairs(session, message)) }),
  ),
};

import { Failure } from '../failure.ts';
import { changePoints } from '../store/changes.ts';
import { pointsInOrder } from '../store/collection.ts';
import { facet } from '../store/facet.ts';
import { searchGroups } from '../store/groups.ts';
import { matrixPairs, type Pair } from '../store/matrix.ts';
import type { Query } from '../store/query.ts';
import { scroll } from '../store/scroll.ts';
import { search } from '../store/search.ts';
import { collectionNamed, type Session } from '../store/storage.ts';
import { atLeastOne, named } from './checks.ts';
import { get, type Message, maybe } from './message.ts';
import type { Check, Method, Methods } from './method.ts';
import { changeOf, operationOf } from './read-changes.ts';
import { filterOfMessage } from './read-filter.ts';
import { olderQueries } from './read-older.ts';
import { groupQueryOf, orderByOf, queryOf } from './read-query.ts';
import { pointIdOf, shownOf } from './read-values.ts';
import { pointGroup, retrievedPoint, scoredPoint, shownId } from './shown.ts';

function of(session: Session, message: Message) {
  return collectionNamed(session, get.text(message, 'collection_name'));
}

function updated(message: Message, operation: number): Message {
  return { operation_id: operation, status: get.flag(message, 'wait') ? 2 : 1 };
}

function changing(kind: keyof typeof changeOf, request: string): Method {
  return {
    operation: `points.${kind}`,
    request,
    response: 'PointsOperationResponse',
    access: 'manage',
    checks: [named],
    run: (session, message) => {
      const operation = changePoints(of(session, message), changeOf[kind](message));
      return { result: updated(message, operation), usage: {} };
    },
  };
}

/** Methods that change points. */
export const changeMethods: Methods = {
  '/qdrant.Points/Upsert': changing('upsert', 'UpsertPoints'),
  '/qdrant.Points/Delete': changing('delete', 'DeletePoints'),
  '/qdrant.Points/UpdateVectors': changing('update_vectors', 'UpdatePointVectors'),
  '/qdrant.Points/DeleteVectors': changing('delete_vectors', 'DeletePointVectors'),
  '/qdrant.Points/SetPayload': changing('set_payload', 'SetPayloadPoints'),
  '/qdrant.Points/OverwritePayload': changing('overwrite_payload', 'SetPayloadPoints'),
  '/qdrant.Points/DeletePayload': changing('delete_payload', 'DeletePayloadPoints'),
  '/qdrant.Points/ClearPayload': changing('clear_payload', 'ClearPayloadPoints'),
  '/qdrant.Points/UpdateBatch': {
    operation: 'points.update_batch',
    request: 'UpdateBatchPoints',
    response: 'UpdateBatchResponse',
    access: 'manage',
    checks: [named],
    run: (session, message) => ({
      result: get.list(message, 'operations').map((operation) => {
        return updated(message, changePoints(of(session, message), operationOf(operation)));
      }),
    }),
  },
};

function reading(
  operation: string,
  request: string,
  response: string,
  checks: readonly Check[],
  run: Method['run'],
): Method {
  return { operation, request, response, access: 'read', checks: [named, ...checks], run };
}

function hits(session: Session, outer: Message, inner: Message, query: Query): Message[] {
  const shown = shownOf(inner);
  return search(session, of(session, outer), query).map((hit) => scoredPoint(hit, shown));
}

interface Searching {
  readonly operation: string;
  readonly request: string;
  readonly answer: string;
  readonly list: string;
  readonly checks: readonly Check[];
  readonly read: (message: Message) => Query;
}

function one({ operation, request, answer, checks, read }: Searching): Method {
  return reading(operation, request, `${answer}Response`, checks, (session, message) => ({
    result: hits(session, message, message, read(message)),
  }));
}

/** The names of the collections in a batch are not looked at, but have to be names. */
function many({ operation, request, answer, list, checks, read }: Searching): Method {
  const each: Check = (message) => {
    const wrong = get.list(message, list).map((inner, at) => {
      const found = [named, ...checks].map((check) => check(inner)).find((text) => text);
      return found && `${list}[${at}].${found}`;
    });
    return wrong.find((text) => text);
  };
  const name = `${request.replace(/Points$/, '')}BatchPoints`;
  const run: Method['run'] = (session, message) => ({
    result: get.list(message, list).map((inner) => ({
      result: hits(session, message, inner, read(inner)),
    })),
  });
  return reading(`${operation}_batch`, name, `${answer}BatchResponse`, [each], run);
}

function grouped(operation: string, request: string, read: (message: Message) => Query): Method {
  const response = `${request.replace(/PointGroups$/, '')}GroupsResponse`;
  const presence = request === 'QueryPointGroups';
  const checks = [atLeastOne('limit', presence), atLeastOne('group_size', presence)];
  return reading(operation, request, response, checks, (session, message) => {
    const limit = maybe.number(message, 'limit') ?? 10;
    const query = groupQueryOf(message, read(message), limit);
    const shown = shownOf(message);
    const groups = searchGroups(session, of(session, message), query);
    const lookup = query.lookup?.shown ?? shown;
    return { result: { groups: groups.map((group) => pointGroup(group, shown, lookup)) } };
  });
}

function searching(operation: string, request: string, answer: string, list: string) {
  return { operation, request, answer, list };
}

const limited = [atLeastOne('limit')];

const kinds = {
  Search: {
    ...searching('points.search', 'SearchPoints', 'Search', 'search_points'),
    checks: limited,
    read: olderQueries.search,
  },
  Recommend: {
    ...searching('points.recommend', 'RecommendPoints', 'Recommend', 'recommend_points'),
    checks: limited.slice(1),
    read: olderQueries.recommend,
  },
  Discover: {
    ...searching('points.discover', 'DiscoverPoints', 'Discover', 'discover_points'),
    checks: limited,
    read: olderQueries.discover,
  },
  Query: {
    ...searching('points.query', 'QueryPoints', 'Query', 'query_points'),
    checks: [atLeastOne('limit', true)],
    read: queryOf,
  },
} satisfies Readonly<Record<string, Searching>>;

/** Methods that rank points. */
export const searchMethods: Methods = {
  '/qdrant.Points/Search': one(kinds.Search),
  '/qdrant.Points/SearchBatch': many(kinds.Search),
  '/qdrant.Points/Recommend': one(kinds.Recommend),
  '/qdrant.Points/RecommendBatch': many(kinds.Recommend),
  '/qdrant.Points/Discover': one(kinds.Discover),
  '/qdrant.Points/DiscoverBatch': many(kinds.Discover),
  '/qdrant.Points/Query': one(kinds.Query),
  '/qdrant.Points/QueryBatch': many(kinds.Query),
  '/qdrant.Points/SearchGroups': grouped(
    'points.search_groups',
    'SearchPointGroups',
    olderQueries.search,
  ),
  '/qdrant.Points/RecommendGroups': grouped(
    'points.recommend_groups',
    'RecommendPointGroups',
    olderQueries.recommend,
  ),
  '/qdrant.Points/QueryGroups': grouped('points.query_groups', 'QueryPointGroups', queryOf),
};

function getPoints(session: Session, message: Message): Message {
  const { points } = of(session, message);
  const shown = shownOf(message);
  const ids = new Set(get.list(message, 'ids').map(pointIdOf));
  const found = [...ids].flatMap((id) => points.get(id) ?? []);
  return { result: found.map((point) => retrievedPoint(point, shown)) };
}

function scrollPoints(session: Session, message: Message): Message {
  const offset = maybe.child(message, 'offset');
  const order = maybe.child(message, 'order_by');
  const page = scroll(of(session, message), {
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
  return { result: { count: [...pointsInOrder(of(session, message), filter)].length } };
}

function countValues(session: Session, message: Message): Message {
  const key = get.text(message, 'key');
  if (key === '') throw new Failure('malformed', 'Validation error in body: [key: empty]');
  const filter = filterOfMessage(maybe.child(message, 'filter'));
  const hits = facet(of(session, message), key, filter, maybe.number(message, 'limit') ?? 10);
  const facetValue = (value: string | bigint | boolean): Message => {
    if (typeof value === 'string') return { string_value: value };
    return typeof value === 'bigint' ? { integer_value: value } : { bool_value: value };
  };
  return { hits: hits.map(({ value, count }) => ({ value: facetValue(value), count })) };
}

function pairs(session: Session, message: Message): Pair[] {
  return matrixPairs(of(session, message), {
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

import type { Field, Message } from '../reading/message.ts';

type Fields = Readonly<Record<number, Field>>;

function message(what: string, fields: Fields, only?: true): Message {
  const table = new Map(Object.entries(fields).map(([number, field]) => [Number(number), field]));
  return only ? { what, fields: table, only } : { what, fields: table };
}

const collection: Field = { kind: 'text', mark: 'collection' };
/** The collection's name once more, in an element of a batch: Qdrant ignores it. */
const echo: Field = { kind: 'text', mark: 'echo' };
const count: Field = { kind: 'count' };

function text(mark: string): Field {
  return { kind: 'text', mark };
}

function one(inner: Message, mark?: string): Field {
  return mark === undefined
    ? { kind: 'message', message: inner }
    : { kind: 'message', message: inner, mark };
}

function many(inner: Message): Field {
  return { kind: 'message', message: inner, repeated: true };
}

/** What a batch is worth: each counts. */
function parts(inner: Message): Field {
  return { kind: 'message', message: inner, repeated: true, counted: true };
}

const lookupLocation = one(message('LookupLocation', { 1: text('lookup') }));
const withLookup = one(message('WithLookup', { 1: text('lookup') }));

const prefetch: Field = (() => {
  const fields = new Map<number, Field>([[8, lookupLocation]]);
  const nested = many({ what: 'PrefetchQuery', fields });
  fields.set(1, nested);
  return nested;
})();

/** A request about one collection that names no other. */
function plain(what: string, more: Fields = {}): Message {
  return message(what, { 1: collection, ...more });
}

function batch(what: string, element: string, fields: Fields): Message {
  return plain(what, { 2: parts(message(element, { 1: echo, ...fields })) });
}

const selector = one(message('PointsSelector', { 1: one(message('PointsIdsList', { 1: count })) }));
const pointList = message('PointStructList', { 1: count });
const vectorList = message('UpdateVectors', { 1: count });
const bySelector = (at: number) => message('PointsUpdateOperation', { [at]: selector });

/** points.proto, PointsUpdateOperation: what an element of a batch of updates does. */
const updateOperation = message(
  'PointsUpdateOperation',
  {
    1: one(pointList, 'points.upsert'),
    2: one(message('PointsSelector', {}), 'points.delete'),
    3: one(bySelector(2), 'points.set_payload'),
    4: one(bySelector(2), 'points.overwrite_payload'),
    5: one(bySelector(2), 'points.delete_payload'),
    6: one(message('PointsSelector', {}), 'points.clear_payload'),
    7: one(vectorList, 'points.update_vectors'),
    8: one(bySelector(1), 'points.delete_vectors'),
    9: one(bySelector(1), 'points.delete'),
    10: one(bySelector(1), 'points.clear_payload'),
  },
  true,
);

/** collections.proto, AliasOperations. */
const aliasAction = message(
  'AliasOperations',
  {
    1: one(message('CreateAlias', { 1: text('target'), 2: text('new-alias') })),
    2: one(message('RenameAlias', { 1: text('alias'), 2: text('new-alias') })),
    3: one(message('DeleteAlias', { 1: text('alias') })),
  },
  true,
);

/** The request messages of Qdrant's public services (lib/api/src/grpc/proto, 1.19): where each
 * names a collection, and where it holds points. */
export const messages = {
  empty: message('the message', {}),
  plain: plain('the message'),
  createCollection: plain('CreateCollection', { 13: { kind: 'refused' } }),
  changeAliases: message('ChangeAliases', { 1: many(aliasAction) }),
  deleteSnapshot: plain('DeleteSnapshotRequest', { 2: text('file') }),
  deleteFullSnapshot: message('DeleteFullSnapshotRequest', { 1: text('file') }),
  upsert: plain('UpsertPoints', { 3: count }),
  deletePoints: plain('DeletePoints', { 3: selector }),
  updateVectors: plain('UpdatePointVectors', { 3: count }),
  deleteVectors: plain('DeletePointVectors', { 3: selector }),
  setPayload: plain('SetPayloadPoints', { 5: selector }),
  deletePayload: plain('DeletePayloadPoints', { 5: selector }),
  clearPayload: plain('ClearPayloadPoints', { 3: selector }),
  updateBatch: plain('UpdateBatchPoints', { 3: parts(updateOperation) }),
  searchBatch: batch('SearchBatchPoints', 'SearchPoints', {}),
  searchGroups: plain('SearchPointGroups', { 13: withLookup }),
  recommend: plain('RecommendPoints', { 13: lookupLocation }),
  recommendBatch: batch('RecommendBatchPoints', 'RecommendPoints', { 13: lookupLocation }),
  recommendGroups: plain('RecommendPointGroups', { 11: lookupLocation, 15: withLookup }),
  discover: plain('DiscoverPoints', { 11: lookupLocation }),
  discoverBatch: batch('DiscoverBatchPoints', 'DiscoverPoints', { 11: lookupLocation }),
  query: plain('QueryPoints', { 2: prefetch, 14: lookupLocation }),
  queryBatch: batch('QueryBatchPoints', 'QueryPoints', { 2: prefetch, 14: lookupLocation }),
  queryGroups: plain('QueryPointGroups', {
    2: prefetch,
    10: lookupLocation,
    15: withLookup,
  }),
} as const satisfies Record<string, Message>;

import { fromJson, type JsonValue, toBinary } from '@bufbuild/protobuf';
import { file_collections, file_points, file_snapshots_service } from '@qdrant/js-client-grpc';

/** The collection that every case is about. */
export const every = 'every';

/** How one operation is asked for, beside its path: over REST and as a message. */
export interface OperationCase {
  readonly json?: unknown;
  /** A form with a file, in place of JSON. */
  readonly form?: true;
  /** The type of its message, and what it says beside the name of the collection. */
  readonly message?: readonly [type: string, json?: Readonly<Record<string, JsonValue>>];
}

const ids = { points: [1] };
const id = { num: '1' };
const selected = { points: { ids: [id] } };
const vector = [0.5, 0.25];
const query = { nearest: { dense: { data: vector } } };
const positive = [{ num: '1' }];
const search = { collectionName: every, vector, limit: '1' };
const key = { shardKey: { keyword: 'k' } };
const plain: OperationCase = {};

const of = (type: string, json: Readonly<Record<string, JsonValue>> = {}) => {
  return [type, json] as const;
};

/** A case for each operation that passes and is asked of the database. */
export const cases: Readonly<Record<string, OperationCase>> = {
  'collections.list': { message: ['ListCollectionsRequest'] },
  'collections.get': { message: of('GetCollectionInfoRequest') },
  'collections.exists': { message: of('CollectionExistsRequest') },
  'collections.create': {
    json: { vectors: { size: 2, distance: 'Dot' } },
    message: of('CreateCollection', {
      vectorsConfig: { params: { size: '2', distance: 'Dot' } },
    }),
  },
  'collections.update': { json: { params: {} }, message: of('UpdateCollection', { params: {} }) },
  'collections.delete': { message: of('DeleteCollection') },
  'collections.cluster_info': { message: of('CollectionClusterInfoRequest') },
  'collections.cluster_update': {
    json: { drop_replica: { shard_id: 0, peer_id: 1 } },
    message: of('UpdateCollectionClusterSetupRequest', { dropReplica: { peerId: '1' } }),
  },
  'collections.optimizations': plain,
  'collections.memory': plain,
  'collections.truncate_unapplied_wal': plain,
  'aliases.list': { message: ['ListAliasesRequest'] },
  'aliases.list_collection': { message: of('ListCollectionAliasesRequest') },
  'aliases.update': {
    json: { actions: [{ create_alias: { collection_name: every, alias_name: 'every-alias' } }] },
    message: [
      'ChangeAliases',
      { actions: [{ createAlias: { collectionName: every, aliasName: 'every-alias' } }] },
    ],
  },
  'shard_keys.list': { message: of('ListShardKeysRequest') },
  'shard_keys.create': {
    json: { shard_key: 'k' },
    message: of('CreateShardKeyRequest', { request: key }),
  },
  'shard_keys.delete': {
    json: { shard_key: 'k' },
    message: of('DeleteShardKeyRequest', { request: key }),
  },
  'index.create': {
    json: { field_name: 'city', field_schema: 'keyword' },
    message: of('CreateFieldIndexCollection', { fieldName: 'city' }),
  },
  'index.delete': { message: of('DeleteFieldIndexCollection', { fieldName: 'city' }) },
  'vector_names.create': {
    json: { size: 2, distance: 'Dot' },
    message: of('CreateVectorNameRequest', { vectorName: 'v' }),
  },
  'vector_names.delete': { message: of('DeleteVectorNameRequest', { vectorName: 'v' }) },
  'points.upsert': {
    json: { points: [{ id: 1, vector }] },
    message: of('UpsertPoints', { points: [{ id, vectors: { vector: { data: vector } } }] }),
  },
  'points.delete': { json: ids, message: of('DeletePoints', { points: selected }) },
  'points.update_vectors': {
    json: { points: [{ id: 1, vector }] },
    message: of('UpdatePointVectors', { points: [{ id, vectors: { vector: { data: vector } } }] }),
  },
  'points.delete_vectors': {
    json: { ...ids, vector: ['v'] },
    message: of('DeletePointVectors', { pointsSelector: selected, vectors: { names: ['v'] } }),
  },
  'points.set_payload': {
    json: { ...ids, payload: { a: 1 } },
    message: of('SetPayloadPoints', { payload: { a: { integerValue: '1' } } }),
  },
  'points.overwrite_payload': {
    json: { ...ids, payload: { a: 1 } },
    message: of('SetPayloadPoints', { payload: { a: { integerValue: '1' } } }),
  },
  'points.delete_payload': {
    json: { ...ids, keys: ['a'] },
    message: of('DeletePayloadPoints', { keys: ['a'] }),
  },
  'points.clear_payload': { json: ids, message: of('ClearPayloadPoints', { points: selected }) },
  'points.update_batch': {
    json: { operations: [{ delete: ids }] },
    message: of('UpdateBatchPoints', { operations: [{ deletePoints: { points: selected } }] }),
  },
  'points.get_one': plain,
  'points.get': { json: { ids: [1] }, message: of('GetPoints', { ids: [id] }) },
  'points.scroll': { json: { limit: 1 }, message: of('ScrollPoints', { limit: 1 }) },
  'points.count': { json: { exact: true }, message: of('CountPoints', { exact: true }) },
  'points.facet': { json: { key: 'city' }, message: of('FacetCounts', { key: 'city' }) },
  'points.search': { json: { vector, limit: 1 }, message: of('SearchPoints', search) },
  'points.search_batch': {
    json: { searches: [{ vector, limit: 1 }] },
    message: of('SearchBatchPoints', { searchPoints: [search] }),
  },
  'points.search_groups': {
    json: { vector, limit: 1, group_by: 'city', group_size: 1 },
    message: of('SearchPointGroups', { vector, limit: 1, groupBy: 'city', groupSize: 1 }),
  },
  'points.matrix_pairs': {
    json: { sample: 2 },
    message: of('SearchMatrixPoints', { sample: '2' }),
  },
  'points.matrix_offsets': {
    json: { sample: 2 },
    message: of('SearchMatrixPoints', { sample: '2' }),
  },
  'points.recommend': {
    json: { positive: [1], limit: 1, lookup_from: { collection: every } },
    message: of('RecommendPoints', { positive, lookupFrom: { collectionName: every } }),
  },
  'points.recommend_batch': {
    json: { searches: [{ positive: [1], limit: 1 }] },
    message: of('RecommendBatchPoints', {
      recommendPoints: [{ collectionName: every, positive, limit: '1' }],
    }),
  },
  'points.recommend_groups': {
    json: { positive: [1], limit: 1, group_by: 'city', group_size: 1 },
    message: of('RecommendPointGroups', { positive, limit: 1, groupBy: 'city', groupSize: 1 }),
  },
  'points.discover': {
    json: { target: 1, limit: 1 },
    message: of('DiscoverPoints', { target: { single: { id } }, limit: '1' }),
  },
  'points.discover_batch': {
    json: { searches: [{ target: 1, limit: 1 }] },
    message: of('DiscoverBatchPoints', {
      discoverPoints: [{ collectionName: every, target: { single: { id } }, limit: '1' }],
    }),
  },
  'points.query': {
    json: {
      query: vector,
      limit: 1,
      prefetch: [{ query: vector, lookup_from: { collection: every } }],
    },
    message: of('QueryPoints', {
      query,
      prefetch: [{ query, lookupFrom: { collectionName: every } }],
    }),
  },
  'points.query_batch': {
    json: { searches: [{ query: vector, limit: 1 }] },
    message: of('QueryBatchPoints', { queryPoints: [{ collectionName: every, query }] }),
  },
  'points.query_groups': {
    json: { query: vector, group_by: 'city', with_lookup: every },
    message: of('QueryPointGroups', { query, groupBy: 'city', withLookup: { collection: every } }),
  },
  'shard_points.get': { json: { ids: [1] } },
  'shard_points.scroll': { json: { limit: 1 } },
  'shard_points.count': { json: { exact: true } },
  'shard_points.cleanup': plain,
  'snapshots.list': { message: of('ListSnapshotsRequest') },
  'snapshots.create': { message: of('CreateSnapshotRequest') },
  'snapshots.download': plain,
  'snapshots.delete': { message: of('DeleteSnapshotRequest', { snapshotName: 'x.snapshot' }) },
  'snapshots.upload': { form: true },
  'snapshots.recover': { json: { location: `file:///qdrant/snapshots/${every}/x.snapshot` } },
  'full_snapshots.list': { message: ['ListFullSnapshotsRequest'] },
  'full_snapshots.create': { message: ['CreateFullSnapshotRequest'] },
  'full_snapshots.download': plain,
  'full_snapshots.delete': {
    message: ['DeleteFullSnapshotRequest', { snapshotName: 'x.snapshot' }],
  },
  'shard_snapshots.list': plain,
  'shard_snapshots.create': plain,
  'shard_snapshots.stream': plain,
  'shard_snapshots.download': plain,
  'shard_snapshots.delete': plain,
  'shard_snapshots.upload': { form: true },
  'shard_snapshots.recover': { json: { location: 'x.snapshot' } },
  'shard_snapshots.partial_create': { json: {} },
  'shard_snapshots.partial_recover': { form: true },
  'shard_snapshots.partial_manifest': plain,
  'service.telemetry': plain,
  'service.metrics': plain,
  'service.issues': plain,
  'service.issues_clear': plain,
  'service.slow_requests': plain,
  'service.audit_logs': { json: {} },
  'service.quotas_get': plain,
  'service.quotas_update': { json: {} },
  'cluster.status': plain,
  'cluster.telemetry': plain,
  'cluster.recover': plain,
  'cluster.remove_peer': plain,
  'cluster.metadata_list': plain,
  'cluster.metadata_get': plain,
  'cluster.metadata_put': { json: { any: 'value' } },
  'cluster.metadata_delete': plain,
};

/** What stands for each parameter of a path. */
const parameters: Readonly<Record<string, string>> = {
  collection_name: every,
  snapshot_name: 'x.snapshot',
  snapshot: 'x.snapshot',
  field_name: 'city',
  vector_name: 'v',
  key: 'k',
  id: '1',
  shard: '0',
  peer_id: '1',
  any: 'x',
  tail: 'x',
};

/** A path of the catalogue with its parameters filled in. Throws for one that is not known here. */
export function pathOf(pattern: string): string {
  return pattern.replace(/\{(\w+)(:[^}]*)?\}/g, (_, name: string) => {
    const value = parameters[name];
    if (value === undefined) throw new Error(`${pattern} has a parameter ${name} without a value`);
    return value;
  });
}

const files = [file_collections, file_points, file_snapshots_service];

/** The bytes of a case's message, as the official client writes them. */
export function messageOf([type, json = {}]: readonly [
  string,
  { readonly [k: string]: JsonValue }?,
]) {
  const found = files.flatMap(({ messages }) => messages).find(({ name }) => name === type);
  if (!found) throw new Error(`the official client knows no message ${type}`);
  const names = found.fields.some(({ jsonName }) => jsonName === 'collectionName');
  const whole = { ...(names ? { collectionName: every } : {}), ...json } as JsonValue;
  return toBinary(found, fromJson(found, whole));
}

import type { Shape } from '../reading/shape.ts';
import { judgeAliases } from './aliases.ts';
import { trimAliases, trimCollections } from './answers.ts';
import { confine } from './asks.ts';
import { judgeCreate } from './create.ts';
import { rest, row, rpc } from './define.ts';
import { internalCalls, storageCalls } from './internal.ts';
import { answerAlive, answerReady, answerRoot } from './local.ts';
import { messages } from './messages.ts';
import { trimMetrics } from './metrics.ts';
import { trimClusterTelemetry, trimIssues, trimTelemetry } from './observations.ts';
import { partsIn, pointsIn, pointsOut } from './points.ts';
import { judgeRecover, judgeShardRecover } from './recover.ts';
import { referenceWords, shapes } from './resources.ts';
import { type BodyPlan, defaultCap, type Row } from './row.ts';

const kibibyte = 1024;
const json: BodyPlan = { kind: 'stream', type: 'json' };
const multipart: BodyPlan = { kind: 'stream', type: 'multipart' };

function held(shape: Shape, absent: readonly Buffer[], cap = defaultCap): BodyPlan {
  return { kind: 'held', shape, absent, cap };
}

const { lookups, queries, creation, always } = referenceWords;
const reading = ['consistency', 'timeout'];
const writing = ['wait', 'ordering', 'timeout'];
const restoring = ['wait', 'priority', 'checksum'];
const ranges = ['range', 'if-range'];
const c = '/collections/{collection_name}';
const shard = `${c}/shards/{shard}`;
const changes = true;
const bringsLookups = true;

const small = 64 * kibibyte;
const large = 8 * kibibyte * kibibyte;

const collections: readonly Row[] = [
  row('collections.list', 'list', 'collection.list', {
    rest: rest('GET /collections'),
    rpc: rpc('Collections/List', messages.empty, small),
    trim: trimCollections,
  }),
  row('collections.get', 'list', 'collection.list', {
    rest: rest(`GET ${c}`),
    rpc: rpc('Collections/Get', messages.plain, small),
  }),
  row('collections.exists', 'list', 'collection.list', {
    rest: rest(`GET ${c}/exists`),
    rpc: rpc('Collections/CollectionExists', messages.plain, small),
  }),
  row('collections.create', 'manage', 'collection.create', {
    rest: rest(`PUT ${c}`, {
      query: ['timeout'],
      body: held(shapes.createCollection, creation, large),
    }),
    rpc: rpc('Collections/Create', messages.createCollection, large),
    literal: true,
    changes,
    renames: true,
    late: true,
    judge: judgeCreate,
  }),
  row('collections.update', 'manage', 'collection.change', {
    rest: rest(`PATCH ${c}`, { query: ['timeout'], body: json }),
    rpc: rpc('Collections/Update', messages.plain, large),
    changes,
  }),
  row('collections.delete', 'manage', 'collection.drop', {
    rest: rest(`DELETE ${c}`, { query: ['timeout'] }),
    rpc: rpc('Collections/Delete', messages.plain, small),
    literal: true,
    changes,
    renames: true,
  }),
  row('collections.cluster_info', 'observe', 'database.observe', {
    rest: rest(`GET ${c}/cluster`),
    rpc: rpc('Collections/CollectionClusterInfo', messages.plain, small),
  }),
  row('collections.cluster_update', 'manage', 'collection.change', {
    rest: rest(`POST ${c}/cluster`, { query: ['timeout'], body: json }),
    rpc: rpc('Collections/UpdateCollectionClusterSetup', messages.plain, large),
    changes,
  }),
  row('collections.optimizations', 'observe', 'database.observe', {
    rest: rest(`GET ${c}/optimizations`, { query: ['with', 'completed_limit'] }),
  }),
  row('collections.memory', 'observe', 'database.observe', { rest: rest(`GET ${c}/memory`) }),
  row('collections.truncate_unapplied_wal', 'admin', 'database.change', {
    rest: rest(`POST ${c}/truncate_unapplied_wal`, { query: ['wait'] }),
    changes,
  }),
  row('aliases.list', 'list', 'collection.list', {
    rest: rest('GET /aliases'),
    rpc: rpc('Collections/ListAliases', messages.empty, small),
    trim: trimAliases,
  }),
  row('aliases.list_collection', 'list', 'collection.list', {
    rest: rest(`GET ${c}/aliases`),
    rpc: rpc('Collections/ListCollectionAliases', messages.plain, small),
    literal: true,
    trim: trimAliases,
  }),
  row('aliases.update', 'manage', 'alias.change', {
    rest: rest('POST /collections/aliases', {
      query: ['timeout'],
      body: held(shapes.aliases, always, large),
    }),
    rpc: rpc('Collections/UpdateAliases', messages.changeAliases, large),
    literal: true,
    changes,
    renames: true,
    judge: judgeAliases,
  }),
  row('shard_keys.list', 'list', 'collection.list', {
    rest: rest(`GET ${c}/shards`),
    rpc: rpc('Collections/ListShardKeys', messages.plain, small),
  }),
  row('shard_keys.create', 'manage', 'collection.change', {
    rest: rest(`PUT ${c}/shards`, { query: ['timeout'], body: json }),
    rpc: rpc('Collections/CreateShardKey', messages.plain, small),
    changes,
  }),
  row('shard_keys.delete', 'manage', 'collection.change', {
    rest: rest(`POST ${c}/shards/delete`, { query: ['timeout'], body: json }),
    rpc: rpc('Collections/DeleteShardKey', messages.plain, small),
    changes,
  }),
  row('index.create', 'schema', 'collection.change', {
    rest: rest(`PUT ${c}/index`, { query: writing, body: json }),
    rpc: rpc('Points/CreateFieldIndex', messages.plain, large),
    changes,
  }),
  row('index.delete', 'schema', 'collection.change', {
    rest: rest(`DELETE ${c}/index/{field_name}`, { query: writing }),
    rpc: rpc('Points/DeleteFieldIndex', messages.plain, small),
    changes,
  }),
  row('vector_names.create', 'schema', 'collection.change', {
    rest: rest(`PUT ${c}/vectors/{vector_name}`, { query: writing, body: json }),
    rpc: rpc('Points/CreateVectorName', messages.plain, large),
    changes,
  }),
  row('vector_names.delete', 'schema', 'collection.change', {
    rest: rest(`DELETE ${c}/vectors/{vector_name}`, { query: writing }),
    rpc: rpc('Points/DeleteVectorName', messages.plain, small),
    changes,
  }),
];

const writes: readonly Row[] = [
  row('points.upsert', 'write', 'data.upsert', {
    rest: rest(`PUT ${c}/points`, { query: writing, body: json }),
    rpc: rpc('Points/Upsert', messages.upsert),
    changes,
    countIn: pointsIn.upserted,
  }),
  row('points.delete', 'write', 'data.delete', {
    rest: rest(`POST ${c}/points/delete`, { query: writing, body: json }),
    rpc: rpc('Points/Delete', messages.deletePoints),
    changes,
    countIn: pointsIn.selected,
  }),
  row('points.update_vectors', 'write', 'data.update', {
    rest: rest(`PUT ${c}/points/vectors`, { query: writing, body: json }),
    rpc: rpc('Points/UpdateVectors', messages.updateVectors),
    changes,
    countIn: pointsIn.selected,
  }),
  row('points.delete_vectors', 'write', 'data.update', {
    rest: rest(`POST ${c}/points/vectors/delete`, { query: writing, body: json }),
    rpc: rpc('Points/DeleteVectors', messages.deleteVectors),
    changes,
    countIn: pointsIn.selected,
  }),
  row('points.set_payload', 'write', 'data.update', {
    rest: rest(`POST ${c}/points/payload`, { query: writing, body: json }),
    rpc: rpc('Points/SetPayload', messages.setPayload),
    changes,
    countIn: pointsIn.selected,
  }),
  row('points.overwrite_payload', 'write', 'data.update', {
    rest: rest(`PUT ${c}/points/payload`, { query: writing, body: json }),
    rpc: rpc('Points/OverwritePayload', messages.setPayload),
    changes,
    countIn: pointsIn.selected,
  }),
  row('points.delete_payload', 'write', 'data.update', {
    rest: rest(`POST ${c}/points/payload/delete`, { query: writing, body: json }),
    rpc: rpc('Points/DeletePayload', messages.deletePayload),
    changes,
    countIn: pointsIn.selected,
  }),
  row('points.clear_payload', 'write', 'data.update', {
    rest: rest(`POST ${c}/points/payload/clear`, { query: writing, body: json }),
    rpc: rpc('Points/ClearPayload', messages.clearPayload),
    changes,
    countIn: pointsIn.selected,
  }),
  row('points.update_batch', 'write', 'data.update', {
    rest: rest(`POST ${c}/points/batch`, {
      query: writing,
      body: held(shapes.updateBatch, always),
    }),
    rpc: rpc('Points/UpdateBatch', messages.updateBatch),
    changes,
    countIn: pointsIn.inBatch,
    countWork: partsIn.updates,
  }),
];

const reads: readonly Row[] = [
  row('points.get_one', 'read', 'data.read', {
    rest: rest(`GET ${c}/points/{id}`, { query: reading }),
    countOut: pointsOut.one,
    confine: confine.one,
  }),
  row('points.get', 'read', 'data.read', {
    rest: rest(`POST ${c}/points`, { query: reading, body: json }),
    rpc: rpc('Points/Get'),
    countOut: pointsOut.listed,
    confine: confine.listed,
  }),
  row('points.scroll', 'read', 'data.read', {
    rest: rest(`POST ${c}/points/scroll`, { query: reading, body: json }),
    rpc: rpc('Points/Scroll'),
    countOut: pointsOut.scrolled,
    confine: confine.scrolled,
  }),
  row('points.count', 'read', 'data.query', {
    rest: rest(`POST ${c}/points/count`, { query: reading, body: json }),
    rpc: rpc('Points/Count'),
    confine: confine.nothing,
  }),
  row('points.facet', 'read', 'data.query', {
    rest: rest(`POST ${c}/facet`, { query: reading, body: json }),
    rpc: rpc('Points/Facet'),
    countOut: pointsOut.facet,
    confine: confine.facet,
  }),
  row('points.search', 'read', 'data.query', {
    rest: rest(`POST ${c}/points/search`, { query: reading, body: json }),
    rpc: rpc('Points/Search'),
    countOut: pointsOut.listed,
    confine: confine.search,
  }),
  row('points.search_batch', 'read', 'data.query', {
    rest: rest(`POST ${c}/points/search/batch`, { query: reading, body: json }),
    rpc: rpc('Points/SearchBatch', messages.searchBatch),
    each: 'points.search',
    countWork: partsIn.searches,
    countOut: pointsOut.batchListed,
    confine: confine.searchBatch,
  }),
  row('points.search_groups', 'read', 'data.query', {
    rest: rest(`POST ${c}/points/search/groups`, {
      query: reading,
      body: held(shapes.searchGroups, lookups),
    }),
    rpc: rpc('Points/SearchGroups', messages.searchGroups),
    countOut: pointsOut.grouped,
    bringsLookups,
    confine: confine.searchGroups,
  }),
  row('points.matrix_pairs', 'read', 'data.query', {
    rest: rest(`POST ${c}/points/search/matrix/pairs`, { query: reading, body: json }),
    rpc: rpc('Points/SearchMatrixPairs'),
    countOut: pointsOut.pairs,
    confine: confine.matrix,
  }),
  row('points.matrix_offsets', 'read', 'data.query', {
    rest: rest(`POST ${c}/points/search/matrix/offsets`, { query: reading, body: json }),
    rpc: rpc('Points/SearchMatrixOffsets'),
    countOut: pointsOut.offsets,
    confine: confine.matrix,
  }),
  row('points.recommend', 'read', 'data.query', {
    rest: rest(`POST ${c}/points/recommend`, {
      query: reading,
      body: held(shapes.lookingUp, lookups),
    }),
    rpc: rpc('Points/Recommend', messages.recommend),
    countOut: pointsOut.listed,
    confine: confine.recommend,
  }),
  row('points.recommend_batch', 'read', 'data.query', {
    rest: rest(`POST ${c}/points/recommend/batch`, {
      query: reading,
      body: held(shapes.lookingUpBatch, lookups),
    }),
    rpc: rpc('Points/RecommendBatch', messages.recommendBatch),
    each: 'points.recommend',
    countWork: partsIn.searches,
    countOut: pointsOut.batchListed,
    confine: confine.recommendBatch,
  }),
  row('points.recommend_groups', 'read', 'data.query', {
    rest: rest(`POST ${c}/points/recommend/groups`, {
      query: reading,
      body: held(shapes.lookingUpGroups, lookups),
    }),
    rpc: rpc('Points/RecommendGroups', messages.recommendGroups),
    countOut: pointsOut.grouped,
    bringsLookups,
    confine: confine.recommendGroups,
  }),
  row('points.discover', 'read', 'data.query', {
    rest: rest(`POST ${c}/points/discover`, {
      query: reading,
      body: held(shapes.lookingUp, lookups),
    }),
    rpc: rpc('Points/Discover', messages.discover),
    countOut: pointsOut.listed,
    confine: confine.discover,
  }),
  row('points.discover_batch', 'read', 'data.query', {
    rest: rest(`POST ${c}/points/discover/batch`, {
      query: reading,
      body: held(shapes.lookingUpBatch, lookups),
    }),
    rpc: rpc('Points/DiscoverBatch', messages.discoverBatch),
    each: 'points.discover',
    countWork: partsIn.searches,
    countOut: pointsOut.batchListed,
    confine: confine.discoverBatch,
  }),
  row('points.query', 'read', 'data.query', {
    rest: rest(`POST ${c}/points/query`, { query: reading, body: held(shapes.query, queries) }),
    rpc: rpc('Points/Query', messages.query),
    countOut: pointsOut.queried,
    confine: confine.query,
  }),
  row('points.query_batch', 'read', 'data.query', {
    rest: rest(`POST ${c}/points/query/batch`, {
      query: reading,
      body: held(shapes.queryBatch, queries),
    }),
    rpc: rpc('Points/QueryBatch', messages.queryBatch),
    each: 'points.query',
    countWork: partsIn.searches,
    countOut: pointsOut.batchQueried,
    confine: confine.queryBatch,
  }),
  row('points.query_groups', 'read', 'data.query', {
    rest: rest(`POST ${c}/points/query/groups`, {
      query: reading,
      body: held(shapes.queryGroups, queries),
    }),
    rpc: rpc('Points/QueryGroups', messages.queryGroups),
    countOut: pointsOut.grouped,
    bringsLookups,
    confine: confine.queryGroups,
  }),
  row('shard_points.get', 'read', 'data.read', {
    rest: rest(`POST ${shard}/points`, { query: reading, body: json }),
    countOut: pointsOut.listed,
    confine: confine.listed,
  }),
  row('shard_points.scroll', 'read', 'data.read', {
    rest: rest(`POST ${shard}/points/scroll`, { query: reading, body: json }),
    countOut: pointsOut.scrolled,
    confine: confine.scrolled,
  }),
  row('shard_points.count', 'read', 'data.query', {
    rest: rest(`POST ${shard}/points/count`, { query: reading, body: json }),
    confine: confine.nothing,
  }),
  row('shard_points.cleanup', 'manage', 'collection.change', {
    rest: rest(`POST ${shard}/cleanup`, { query: ['wait', 'timeout'] }),
    changes,
  }),
];

const snapshots: readonly Row[] = [
  row('snapshots.list', 'export', 'snapshot.list', {
    rest: rest(`GET ${c}/snapshots`),
    rpc: rpc('Snapshots/List', messages.plain, small),
  }),
  row('snapshots.create', 'export', 'snapshot.create', {
    rest: rest(`POST ${c}/snapshots`, { query: ['wait'] }),
    rpc: rpc('Snapshots/Create', messages.plain, small),
    changes,
  }),
  row('snapshots.download', 'export', 'data.export', {
    rest: rest(`GET ${c}/snapshots/{snapshot_name}`, { headers: ranges }),
  }),
  row('snapshots.delete', 'export', 'snapshot.delete', {
    rest: rest(`DELETE ${c}/snapshots/{snapshot_name}`, { query: ['wait'] }),
    rpc: rpc('Snapshots/Delete', messages.deleteSnapshot, small),
    changes,
  }),
  row('snapshots.upload', 'admin', 'snapshot.upload', {
    rest: rest(`POST ${c}/snapshots/upload`, { query: restoring, body: multipart }),
    changes,
    renames: true,
  }),
  row('snapshots.recover', 'admin', 'snapshot.recover', {
    rest: rest(`PUT ${c}/snapshots/recover`, {
      query: ['wait'],
      body: held(shapes.recover, always, small),
    }),
    changes,
    renames: true,
    judge: judgeRecover,
  }),
  row('full_snapshots.list', 'admin', 'snapshot.list', {
    rest: rest('GET /snapshots'),
    rpc: rpc('Snapshots/ListFull', messages.empty, small),
    everything: true,
  }),
  row('full_snapshots.create', 'admin', 'snapshot.create', {
    rest: rest('POST /snapshots', { query: ['wait'] }),
    rpc: rpc('Snapshots/CreateFull', messages.empty, small),
    everything: true,
    changes,
  }),
  row('full_snapshots.download', 'admin', 'data.export', {
    rest: rest('GET /snapshots/{snapshot_name}', { headers: ranges }),
    everything: true,
  }),
  row('full_snapshots.delete', 'admin', 'snapshot.delete', {
    rest: rest('DELETE /snapshots/{snapshot_name}', { query: ['wait'] }),
    rpc: rpc('Snapshots/DeleteFull', messages.deleteFullSnapshot, small),
    everything: true,
    changes,
  }),
  row('shard_snapshots.list', 'export', 'snapshot.list', {
    rest: rest(`GET ${shard}/snapshots`),
  }),
  row('shard_snapshots.create', 'export', 'snapshot.create', {
    rest: rest(`POST ${shard}/snapshots`, { query: ['wait'] }),
    changes,
  }),
  row('shard_snapshots.stream', 'export', 'data.export', {
    rest: rest(`GET ${shard}/snapshot`),
  }),
  row('shard_snapshots.download', 'export', 'data.export', {
    rest: rest(`GET ${shard}/snapshots/{snapshot}`, { headers: ranges }),
  }),
  row('shard_snapshots.delete', 'export', 'snapshot.delete', {
    rest: rest(`DELETE ${shard}/snapshots/{snapshot}`, { query: ['wait'] }),
    changes,
  }),
  row('shard_snapshots.upload', 'admin', 'snapshot.upload', {
    rest: rest(`POST ${shard}/snapshots/upload`, { query: restoring, body: multipart }),
    changes,
  }),
  row('shard_snapshots.recover', 'admin', 'snapshot.recover', {
    rest: rest(`PUT ${shard}/snapshots/recover`, {
      query: ['wait'],
      body: held(shapes.recover, always, small),
    }),
    changes,
    judge: judgeShardRecover,
  }),
  row('shard_snapshots.partial_create', 'export', 'data.export', {
    rest: rest(`POST ${shard}/snapshot/partial/create`, { body: json }),
  }),
  row('shard_snapshots.partial_recover', 'admin', 'snapshot.recover', {
    rest: rest(`POST ${shard}/snapshot/partial/recover`, { query: restoring, body: multipart }),
    changes,
  }),
  row('shard_snapshots.partial_recover_from', 'admin', 'snapshot.recover', {
    rest: rest(`POST ${shard}/snapshot/partial/recover_from`, { query: ['wait'], body: json }),
    changes,
    closed: 'the database would call whatever address the body names',
  }),
  row('shard_snapshots.partial_manifest', 'export', 'snapshot.list', {
    rest: rest(`GET ${shard}/snapshot/partial/manifest`),
  }),
];

const service: readonly Row[] = [
  row('service.root', 'public', 'database.health', {
    rest: rest('GET /'),
    rpc: rpc('Qdrant/HealthCheck', messages.empty, small),
    answer: answerRoot,
  }),
  row('service.healthz', 'public', 'database.health', {
    rest: rest('GET /healthz'),
    rpc: rpc('grpc.health.v1.Health/Check', messages.empty, small),
    answer: answerAlive,
  }),
  row('service.livez', 'public', 'database.health', {
    rest: rest('GET /livez'),
    answer: answerAlive,
  }),
  row('service.readyz', 'public', 'database.health', {
    rest: rest('GET /readyz'),
    answer: answerReady,
  }),
  row('service.telemetry', 'observe', 'database.observe', {
    rest: rest('GET /telemetry', {
      query: ['anonymize', 'details_level', 'per_collection', 'timeout'],
    }),
    trim: trimTelemetry,
  }),
  row('service.metrics', 'observe', 'database.observe', {
    rest: rest('GET /metrics', { query: ['anonymize', 'per_collection', 'timeout'] }),
    trim: trimMetrics,
  }),
  row('service.metrics_port', 'never', 'database.internal', {
    http: ['GET :metrics_port/metrics'],
    closed: 'it is a listener of its own that asks for no credential',
  }),
  row('service.stacktrace', 'never', 'database.internal', {
    rest: rest('GET /stacktrace'),
    closed: 'it shows the inside of the process',
  }),
  row('service.logger_get', 'never', 'database.internal', {
    rest: rest('GET /logger'),
    closed: 'it shows the inside of the process',
  }),
  row('service.logger_update', 'never', 'database.internal', {
    rest: rest('POST /logger', { body: json }),
    closed: "it has written files of the caller's choice",
  }),
  row('service.issues', 'observe', 'database.observe', {
    rest: rest('GET /issues'),
    trim: trimIssues,
  }),
  row('service.issues_clear', 'admin', 'database.change', {
    rest: rest('DELETE /issues'),
    changes,
  }),
  row('service.debugger_get', 'never', 'database.internal', {
    rest: rest('GET /debugger'),
    closed: 'it shows the inside of the process',
  }),
  row('service.debugger_update', 'never', 'database.internal', {
    rest: rest('PATCH /debugger', { body: json }),
    closed: "it sends profiles to an address of the caller's choice",
  }),
  row('service.slow_requests', 'admin', 'database.observe', {
    rest: rest('GET /profiler/slow_requests', { query: ['limit', 'request'] }),
    everything: true,
  }),
  row('service.audit_logs', 'admin', 'database.observe', {
    rest: rest('POST /audit/logs', { query: ['timeout'], body: json }),
    everything: true,
  }),
  row('service.quotas_get', 'observe', 'database.observe', { rest: rest('GET /quotas') }),
  row('service.quotas_update', 'admin', 'database.change', {
    rest: rest('PUT /quotas', { query: ['wait'], body: json }),
    changes,
  }),
  row('webui.index', 'public', 'database.health', {
    rest: rest('GET /dashboard'),
    closed: 'the dashboard is not served through the gateway',
  }),
  row('webui.asset', 'public', 'database.health', {
    rest: rest('GET /dashboard/{tail:.*}'),
    closed: 'the dashboard is not served through the gateway',
  }),
  row('cors.preflight', 'public', 'database.health', {
    rest: rest('OPTIONS /{any}'),
    closed: 'no other origin may use the gateway',
  }),
  row('grpc.reflection_v1', 'list', 'database.observe', {
    rpc: rpc('grpc.reflection.v1.ServerReflection/ServerReflectionInfo', messages.empty),
    closed: 'the gateway passes single calls, and reflection is a stream',
  }),
  row('grpc.reflection_v1alpha', 'list', 'database.observe', {
    rpc: rpc('grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo', messages.empty),
    closed: 'the gateway passes single calls, and reflection is a stream',
  }),
];

const cluster: readonly Row[] = [
  row('cluster.status', 'observe', 'database.observe', { rest: rest('GET /cluster') }),
  row('cluster.telemetry', 'observe', 'database.observe', {
    rest: rest('GET /cluster/telemetry', { query: ['details_level', 'timeout'] }),
    trim: trimClusterTelemetry,
  }),
  row('cluster.recover', 'admin', 'database.change', {
    rest: rest('POST /cluster/recover'),
    changes,
  }),
  row('cluster.remove_peer', 'admin', 'database.change', {
    rest: rest('DELETE /cluster/peer/{peer_id}', { query: ['force', 'timeout'] }),
    changes,
  }),
  row('cluster.metadata_list', 'observe', 'database.observe', {
    rest: rest('GET /cluster/metadata/keys'),
  }),
  row('cluster.metadata_get', 'observe', 'database.observe', {
    rest: rest('GET /cluster/metadata/keys/{key}'),
  }),
  row('cluster.metadata_put', 'admin', 'database.change', {
    rest: rest('PUT /cluster/metadata/keys/{key}', { query: ['wait'], body: json }),
    changes,
  }),
  row('cluster.metadata_delete', 'admin', 'database.change', {
    rest: rest('DELETE /cluster/metadata/keys/{key}', { query: ['wait'] }),
    changes,
  }),
  row('staging.shard_wal', 'never', 'database.internal', {
    rest: rest(`GET ${shard}/wal`, { query: ['entries'] }),
    closed: "it is for the database's own developers",
  }),
  row('staging.shard_recovery_point', 'never', 'database.internal', {
    rest: rest(`GET ${shard}/recovery_point`),
    closed: "it is for the database's own developers",
  }),
  row('staging.operation', 'never', 'database.internal', {
    rest: rest(`POST ${c}/debug`, { query: writing, body: json }),
    closed: "it is for the database's own developers",
  }),
];

/** Qdrant's whole API (1.19): a row for each operation, with both its protocols. */
export const operations: readonly Row[] = [
  ...collections,
  ...writes,
  ...reads,
  ...snapshots,
  ...service,
  ...cluster,
  ...storageCalls,
  ...internalCalls,
];

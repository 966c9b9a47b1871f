import { Failure } from '../failure.ts';
import { reached } from '../store/storage.ts';
import { answering, type Route, usual } from './route.ts';

const shard = `${usual.path}/shards/{shard}`;

/**
 * What the demo knows and does not do, with the access that it takes. They count as reaching the
 * collection they name, so that the judge knows of them.
 */
const table: readonly (readonly [operation: string, access: Route['access'], line: string])[] = [
  ['collections.memory', 'read', `GET ${usual.path}/memory`],
  ['collections.truncate_unapplied_wal', 'manage', `POST ${usual.path}/truncate_unapplied_wal`],
  ['shard_points.cleanup', 'manage', `POST ${shard}/cleanup`],
  ['shard_snapshots.partial_create', 'manage', `POST ${shard}/snapshot/partial/create`],
  ['shard_snapshots.partial_recover', 'manage', `POST ${shard}/snapshot/partial/recover`],
  ['shard_snapshots.partial_recover_from', 'manage', `POST ${shard}/snapshot/partial/recover_from`],
  ['shard_snapshots.partial_manifest', 'read', `GET ${shard}/snapshot/partial/manifest`],
  ['service.stacktrace', 'manage', 'GET /stacktrace'],
  ['service.logger_get', 'read', 'GET /logger'],
  ['service.logger_update', 'manage', 'POST /logger'],
  ['service.debugger_update', 'manage', 'PATCH /debugger'],
  ['service.slow_requests', 'manage', 'GET /profiler/slow_requests'],
  ['service.audit_logs', 'manage', 'POST /audit/logs'],
  ['cluster.telemetry', 'read', 'GET /cluster/telemetry'],
  ['cluster.recover', 'manage', 'POST /cluster/recover'],
  ['cluster.remove_peer', 'manage', 'DELETE /cluster/peer/{peer_id}'],
  ['cluster.metadata_list', 'read', 'GET /cluster/metadata/keys'],
  ['cluster.metadata_get', 'read', 'GET /cluster/metadata/keys/{key}'],
  ['cluster.metadata_put', 'manage', 'PUT /cluster/metadata/keys/{key}'],
  ['cluster.metadata_delete', 'manage', 'DELETE /cluster/metadata/keys/{key}'],
];

/** Routes that are known, and refused. */
export const unbuiltRoutes: readonly Route[] = table.map(([operation, access, line]) =>
  answering(operation, line, { access }, ({ session, collection }) => {
    if (collection !== '') reached(session, collection);
    throw new Failure('notBuilt', operation);
  }),
);

import { confinedBy } from './confine.ts';
import { countRead } from './counts.ts';
import { row } from './define.ts';
import type { Row } from './row.ts';

const changes = true;
const changesCollection = { changes } as const;
const changesServer = { about: 'server', changes } as const;

/** What REST offers by a name of its own, where gRPC has one call for several or another one. */
export const restRows: readonly Row[] = [
  row('collections.refresh_load', 'write', 'collection.change', changesCollection),
  row('collections.function_fields.add', 'manage', 'collection.change', changesCollection),
  row('collections.function_fields.drop', 'manage', 'collection.change', changesCollection),
  row('collections.fields.drop', 'manage', 'collection.change', changesCollection),
  row('entities.get', 'read', 'data.read', {
    countOut: countRead,
    confine: confinedBy('get'),
  }),
  row('indexes.list', 'list', 'collection.list', {}),
  row('users.grant_role', 'admin', 'database.change', changesServer),
  row('users.revoke_role', 'admin', 'database.change', changesServer),
  row('roles.grant_privilege', 'admin', 'database.change', changesServer),
  row('roles.revoke_privilege', 'admin', 'database.change', changesServer),
  row('roles.grant_privilege_v2', 'admin', 'database.change', changesServer),
  row('roles.revoke_privilege_v2', 'admin', 'database.change', changesServer),
  row('privilege_groups.add_privileges', 'admin', 'database.change', changesServer),
  row('privilege_groups.remove_privileges', 'admin', 'database.change', changesServer),
  row('imports.progress', 'admin', 'database.observe', { about: 'server' }),
  row('imports.commit', 'admin', 'data.upsert', changesServer),
  row('imports.abort', 'admin', 'database.change', changesServer),
  row('segments.describe', 'observe', 'database.observe', { about: 'server' }),
  row('cluster.quota', 'observe', 'database.observe', { about: 'server' }),
];

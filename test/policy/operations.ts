import type { Action, Operation } from '../../src/catalog/operation.ts';

/** One operation of each kind that policy tells apart; names as in a real catalogue. */
export const operations: readonly Operation[] = [
  row('service.version', 'public'),
  row('collections.list', 'list'),
  row('collections.get', 'list'),
  row('points.query', 'read'),
  row('points.scroll', 'read'),
  row('points.upsert', 'write'),
  row('points.delete', 'write'),
  row('index.create', 'schema'),
  row('snapshots.create', 'export'),
  row('cluster.status', 'observe'),
  row('collections.create', 'manage'),
  row('collections.delete', 'manage'),
  row('snapshots.recover', 'admin'),
  row('full_snapshots.create', 'admin', true),
  row('storage.read', 'never'),
];

/** The row of that name. */
export function operation(name: string): Operation {
  const found = operations.find((each) => each.name === name);
  if (!found) throw new Error(`no test operation ${name}`);
  return found;
}

function row(name: string, action: Action, everything = false): Operation {
  const changes = action !== 'list' && action !== 'read';
  return { name, action, event: name, http: [], grpc: [], everything, changes, renames: false };
}

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

/** A database that knows them and has no databases inside. */
export const ground = { operations };

/** One with databases inside, and operations on them. */
export const groundWithDatabases = {
  operations: [
    ...operations,
    { ...row('databases.get', 'list'), inDatabase: true as const },
    { ...row('databases.drop', 'admin'), inDatabase: true as const },
    row('databases.list', 'list'),
    row('users.create', 'admin'),
    { ...row('imports.create', 'admin'), beyond: true as const },
  ],
  defaultDatabase: 'default',
};

/** The row of that name. */
export function operation(name: string): Operation {
  const found = groundWithDatabases.operations.find((each) => each.name === name);
  if (!found) throw new Error(`no test operation ${name}`);
  return found;
}

function row(name: string, action: Action, everything = false): Operation {
  const changes = action !== 'list' && action !== 'read';
  const denial = () => 'Forbidden';
  const shown = { name, action, event: name, http: [], grpc: [], denial };
  return { ...shown, everything, changes, renames: false };
}

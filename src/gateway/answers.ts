import type { AdminActions } from '../admin/server.ts';
import type { Keyring } from '../identity/keys/keyring.ts';
import { explain } from '../policy/explain.ts';
import type { LoadedKeys } from './prepare.ts';
import type { OwnedUpstream } from './upstream.ts';

/** What the admin port answers about keys: none of it proves one. */
export function tellKeys({ entries }: LoadedKeys, keyring: Keyring): unknown {
  return entries.map(({ id, name, roles, upstream, labels, created, expires, revoked }) => ({
    id,
    name,
    roles,
    upstream,
    labels,
    createdAt: iso(created),
    expiresAt: iso(expires),
    revokedAt: iso(revoked),
    lastUsedAt: iso(keyring.byId(id)?.lastUsed ?? null),
  }));
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** `policy explain` for a key in force, by the names the database has now. */
export function explainFor(
  upstreams: readonly OwnedUpstream[],
  keyring: Keyring,
): AdminActions['explain'] {
  return ({ upstream: name, key: id, operation, collection, database }) => {
    const owned =
      name === null && upstreams.length === 1
        ? upstreams[0]
        : upstreams.find(({ upstream }) => upstream.name === name);
    if (!owned) throw new RangeError(`there is no upstream ${name ?? 'without a name'}`);
    const key = keyring.byId(id);
    if (!key) throw new RangeError(`there is no key ${id} in force`);
    const { names, upstream, policy } = owned;
    const within = database ?? upstream.database.defaultDatabase ?? null;
    const inside = upstream.database.keyOf(within, '');
    const resolve = (named: string) => {
      const key = names.table()?.aliases.get(inside + named);
      return { named, resolved: key?.slice(inside.length) ?? named };
    };
    const collections = collection === null ? [] : [resolve(collection)];
    const grants = policy.grantsFor(key.identity);
    return explain(grants, upstream.database, { operation, collections, database });
  };
}

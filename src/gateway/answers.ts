import { Objection } from '../admin/objection.ts';
import type { RunActions } from '../admin/run-routes.ts';
import type { Keyring } from '../identity/keys/keyring.ts';
import { type Explanation, explain } from '../policy/explain.ts';
import type { OwnedUpstream } from './upstream.ts';

/** `policy explain` for a key in force, by the names the database has now. */
export function explainFor(
  upstreams: readonly OwnedUpstream[],
  keyring: Keyring,
): RunActions['explain'] {
  return ({ upstream: name, key: id, operation, collection, database }) => {
    const owned =
      name === null && upstreams.length === 1
        ? upstreams[0]
        : upstreams.find(({ upstream }) => upstream.name === name);
    if (!owned) throw new Objection(404, `there is no upstream ${name ?? 'without a name'}`);
    const key = keyring.byId(id);
    if (!key) throw new Objection(404, 'there is no key of that id in force');
    const { names, upstream, policy } = owned;
    const within = database ?? upstream.database.defaultDatabase ?? null;
    const inside = upstream.database.keyOf(within, '');
    const resolve = (named: string) => {
      const key = names.table()?.aliases.get(inside + named);
      return { named, resolved: key?.slice(inside.length) ?? named };
    };
    const collections = collection === null ? [] : [resolve(collection)];
    const grants = policy.grantsFor(key.identity);
    const asked = { operation, collections, database };
    return explained(() => explain(grants, upstream.database, asked));
  };
}

function explained(ask: () => Explanation): Explanation {
  try {
    return ask();
  } catch (error) {
    if (error instanceof RangeError) throw new Objection(404, error.message);
    throw error;
  }
}

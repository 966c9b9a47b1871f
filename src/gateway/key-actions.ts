import type { Administrator } from '../admin/administrator.ts';
import type { KeyActions } from '../admin/key-routes.ts';
import { Objection } from '../admin/objection.ts';
import { issueKey, succeedKey, takeKey } from '../identity/keys/issue.ts';
import type { Keyring } from '../identity/keys/keyring.ts';
import type { KeyOrder } from '../identity/keys/mint.ts';
import { KeyObjection } from '../identity/keys/objection.ts';
import type { WrittenKeyOrder } from '../identity/keys/order.ts';
import { keyRow, listedKey } from '../identity/keys/row.ts';
import type { KeyStore } from '../identity/keys/store.ts';
import { Misconfigured } from '../problem.ts';
import type { KeyWatch } from './key-watch.ts';
import type { LoadedKeys } from './prepare.ts';

/** What keys are administered with. */
export interface KeyMeans {
  readonly store: KeyStore;
  /** The keys in force. */
  readonly keys: () => LoadedKeys;
  readonly keyring: Keyring;
  /** Puts what the store holds in force, now. */
  readonly reload: () => Promise<void>;
  /** Whether the store has still to hear that this key is revoked. */
  readonly owes: (id: string) => boolean;
  readonly watch: Pick<KeyWatch, 'told'>;
  readonly upstreams: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What administrators do with keys: in force, and told who did it, before they are answered. */
export function keyActions(means: KeyMeans): KeyActions {
  const { store, keys, keyring, now } = means;
  const changed = async <T>(
    by: Administrator,
    change: () => Promise<T>,
    ids: (made: T) => readonly string[],
  ): Promise<T> => {
    const made = await change().catch(objected);
    // It is made, and a new key is told this once: what cannot be read now is read in a moment.
    await means.reload().catch(() => undefined);
    means.watch.told(ids(made), { kind: 'administrator', name: by.name });
    return made;
  };
  const lastUsed = (id: string) => keyring.byId(id)?.lastUsed ?? null;
  return {
    // One that was made elsewhere a moment ago is not in force here yet.
    knows: (id) => keyring.byId(id) !== undefined || store.knows(id).catch(() => false),
    list: async () => keys().entries.map((entry) => listedKey(entry, lastUsed(entry.id), now())),
    create: async (written, by) => {
      const order = orderOf(written, means);
      const minted = await changed(
        by,
        () => issueKey(store, order, now()),
        ({ entry }) => [entry.id],
      );
      return { ...keyRow(minted.entry), key: minted.key };
    },
    rotate: async ({ id, grace, expires }, by) => {
      const ends = timeOf(expires, now());
      const minted = await changed(
        by,
        () => succeedKey(store, id, { grace, expires: ends }, now()),
        ({ entry }) => [id, entry.id],
      );
      return { ...keyRow(minted.entry), key: minted.key };
    },
    take: async (key, { weak, ...written }, by) => {
      const order = { ...orderOf(written, means), weak };
      const take = () => takeKey(store, key, order, now());
      return keyRow(await changed(by, take, ({ id }) => [id]));
    },
    revoke: async (id, by) => {
      const entry = await changed(
        by,
        () => store.revoke(id, now()),
        () => [id],
      );
      return { ...listedKey(entry, lastUsed(id), now()), everywhere: !means.owes(id) };
    },
  };
}

function orderOf(written: WrittenKeyOrder, { upstreams, now }: KeyMeans): KeyOrder {
  const { name, roles, upstream = null, expires = null, sources = [], labels = {} } = written;
  if (upstream !== null && !upstreams.includes(upstream)) {
    throw new Objection(422, `there is no upstream ${upstream}`);
  }
  return { name, roles, upstream, expires: timeOf(expires, now()), sources, labels };
}

function timeOf(text: string | null, now: number): number | null {
  if (text === null) return null;
  const time = Date.parse(text);
  if (time > now) return time;
  throw new Objection(422, `expires: ${text} has passed; give a time to come`);
}

const statuses = { unknown: 404, over: 409, known: 409, shape: 422 } as const;

function objected(error: unknown): never {
  if (error instanceof KeyObjection) throw new Objection(statuses[error.about], error.message);
  if (error instanceof Misconfigured) throw new Objection(409, error.message);
  throw error;
}

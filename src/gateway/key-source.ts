import { type LastUse, readLastUse, writeLastUse } from '../identity/keys/last-use.ts';
import { oweRevocations, type Revocation } from '../identity/keys/owed-revocations.ts';
import { fileKeyStore, type KeyStore } from '../identity/keys/store.ts';
import { sharedKeys } from '../identity/keys/store-keys.ts';
import type { SharedEntries } from '../identity/keys/store-read.ts';
import type { Others } from '../limits/others.ts';
import { Misconfigured } from '../problem.ts';
import type { Store } from '../store/store.ts';
import { type LoadedKeys, loadKeys } from './prepare.ts';
import type { Shares } from './share.ts';

/** Where the keys in force come from. */
export interface KeySource {
  readonly kind: 'file' | 'store';
  /** The files it is read from. */
  readonly paths: readonly string[];
  /** For whoever makes and ends keys. */
  readonly store: KeyStore;
  /** What it holds now. Throws `Misconfigured`. */
  load(): LoadedKeys;
  /** Reads it anew where `load` tells what was read before; where that cannot be done `load` says
   * so. Never rejects: whatever else is reloaded does not wait for a store. */
  refresh(): Promise<void>;
  /** Whether the revocation of this key holds in this process alone until the store is back. */
  owes(id: string): boolean;
  /** When keys were used, as it was last written. */
  readonly used: LastUse;
  /** Writes when keys were used. Throws or rejects where that cannot be done. */
  write(used: LastUse): void | Promise<void>;
  /** How often that is worth it, in milliseconds. */
  readonly writeEvery: number;
}

/** What workers tell each other of: a key that was revoked while the store is lost. */
const revoked = 'revoked';
/** How often revocations that the store has not heard of are tried again, in milliseconds. */
const tellEvery = 500;

/** Where the keys of a configuration are: in the file at `path`, or in the store, which is open.
 * Rejects where they cannot be read. */
export async function keySource(
  path: string | null,
  { store, siblings }: Shares,
  changed: () => void,
): Promise<KeySource> {
  if (path !== null) return keysOfFile(path);
  if (!store) throw new TypeError('keys in a store, and no store');
  return keysOfStore(store, siblings?.neighbours ?? null, changed);
}

/** The keys of a key file. */
export function keysOfFile(path: string): KeySource {
  let ids = new Set<string>();
  return {
    kind: 'file',
    paths: [path],
    store: fileKeyStore(path),
    refresh: async () => undefined,
    owes: () => false,
    load: () => {
      const loaded = loadKeys(path);
      ids = new Set(loaded.entries.map(({ id }) => id));
      return loaded;
    },
    used: readLastUse(path),
    // What another process wrote stays, where it is later.
    write: (used) => {
      const times = new Map(used);
      for (const [id, time] of readLastUse(path)) {
        if (ids.has(id) && time > (times.get(id) ?? 0)) times.set(id, time);
      }
      writeLastUse(path, times);
    },
    writeEvery: 60_000,
  };
}

/**
 * The keys of a store, read again whenever it says that they may have changed; `changed` is called
 * once they are there. Rejects where they cannot be read.
 */
async function keysOfStore(
  store: Store,
  others: Pick<Others, 'tell' | 'hear'> | null,
  changed: () => void,
): Promise<KeySource> {
  const shared = sharedKeys(store);
  let latest: SharedEntries | null = null;
  /** Why nothing could be read. */
  let failure: Error | null = null;
  let reading = false;
  let again = false;
  const inForce = (id: string) => latest?.entries.find((entry) => entry.id === id) ?? null;
  const owed = oweRevocations(shared, inForce);
  const fetch = async () => {
    const told = await owed.tell();
    latest = await shared.read();
    owed.told(told, latest);
    failure = null;
  };
  const read = async (): Promise<void> => {
    again = reading;
    if (reading) return;
    reading = true;
    const [before, latestBefore] = [(failure ?? latest?.problem)?.message, latest];
    try {
      await fetch();
    } catch (error) {
      failure = error as Error;
    } finally {
      reading = false;
    }
    const wrong = failure ?? latest?.problem ?? null;
    if (wrong === null || wrong.message !== before || latest !== latestBefore) changed();
    // A revocation may be in it: whoever said that there is something new says so again.
    if (wrong) throw wrong;
    if (again) await read();
  };
  let timer: NodeJS.Timeout | null = null;
  const tellSoon = () => {
    if (timer || !owed.owes()) return;
    timer = setTimeout(async () => {
      await read().catch(() => undefined);
      timer = null;
      tellSoon();
    }, tellEvery).unref();
  };
  const revoke: KeyStore['revoke'] = async (...args) => {
    const entry = await owed.revoke(...args);
    if (owed.owes(entry.id)) {
      const { id, revoked: at } = entry;
      await others?.tell(revoked, JSON.stringify({ id, at })).catch(() => undefined);
      tellSoon();
    }
    return entry;
  };
  others?.hear(revoked, (message) => {
    owed.take(JSON.parse(message) as Revocation);
    changed();
    tellSoon();
  });
  // Before it is read first, so that nothing is missed in between.
  store.onChange(read);
  await read();
  const used = await shared.lastUse();
  const written = new Map(used);
  return {
    kind: 'store',
    paths: [],
    store: { ...shared, revoke },
    owes: owed.owes,
    refresh: async () => {
      try {
        await fetch();
      } catch (error) {
        failure = error as Error;
      }
    },
    load: () => {
      if (!latest) throw failure ?? new Error('the keys of the store are not read yet');
      if (!failure) return owed.over(latest);
      if (!owed.owes()) throw failure;
      return { ...owed.over(latest), problem: unreadable(failure) };
    },
    used,
    write: async (times) => {
      const newer = [...times].filter(([id, time]) => time > (written.get(id) ?? 0));
      await shared.used(new Map(newer));
      for (const [id, time] of newer) written.set(id, time);
    },
    writeEvery: 10_000,
  };
}

/** Why the keys that are known are not those of the store. */
function unreadable({ message }: Error): Misconfigured {
  const remedy = 'Mend it; what was in force stays, and what was revoked here meanwhile is';
  return new Misconfigured([{ file: 'the store', line: null, path: '', message, remedy }]);
}

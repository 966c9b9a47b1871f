import { type LastUse, readLastUse, writeLastUse } from '../identity/keys/last-use.ts';
import { fileKeyStore, type KeyStore } from '../identity/keys/store.ts';
import { sharedKeys } from '../identity/keys/store-keys.ts';
import type { SharedEntries } from '../identity/keys/store-read.ts';
import type { Store } from '../store/store.ts';
import { type LoadedKeys, loadKeys } from './prepare.ts';

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
  /** When keys were used, as it was last written. */
  readonly used: LastUse;
  /** Writes when keys were used. Throws or rejects where that cannot be done. */
  write(used: LastUse): void | Promise<void>;
  /** How often that is worth it, in milliseconds. */
  readonly writeEvery: number;
}

/** Where the keys of a configuration are: in the file at `path`, or in the store, which is open.
 * Rejects where they cannot be read. */
export async function keySource(
  path: string | null,
  store: Store | null,
  changed: () => void,
): Promise<KeySource> {
  if (path !== null) return keysOfFile(path);
  if (!store) throw new TypeError('keys in a store, and no store');
  return keysOfStore(store, changed);
}

/** The keys of a key file. */
export function keysOfFile(path: string): KeySource {
  let ids = new Set<string>();
  return {
    kind: 'file',
    paths: [path],
    store: fileKeyStore(path),
    refresh: async () => undefined,
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
async function keysOfStore(store: Store, changed: () => void): Promise<KeySource> {
  const shared = sharedKeys(store);
  let latest: SharedEntries | null = null;
  /** Why nothing could be read. */
  let failure: Error | null = null;
  let reading = false;
  let again = false;
  const read = async (): Promise<void> => {
    again = reading;
    if (reading) return;
    reading = true;
    const [before, latestBefore] = [(failure ?? latest?.problem)?.message, latest];
    try {
      latest = await shared.read();
      failure = null;
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
  // Before it is read first, so that nothing is missed in between.
  store.onChange(read);
  await read();
  const used = await shared.lastUse();
  const written = new Map(used);
  return {
    kind: 'store',
    paths: [],
    store: shared,
    refresh: async () => {
      try {
        latest = await shared.read();
        failure = null;
      } catch (error) {
        failure = error as Error;
      }
    },
    load: () => {
      if (failure || !latest) throw failure ?? new Error('the keys of the store are not read yet');
      return latest;
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

import { Misconfigured } from '../../problem.ts';
import { isFileError } from '../../secret-file.ts';
import { addKey, revokeKey, rotateKey } from './change.ts';
import type { KeyEntry } from './entry.ts';
import { readKeyFile } from './file.ts';
import { type LastUse, readLastUse } from './last-use.ts';

/** Keys as they were read. */
export interface ReadKeys {
  readonly entries: readonly KeyEntry[];
  /** What could not be read of others; null: nothing. */
  readonly problem: Misconfigured | null;
}

/** Where keys are kept, for whoever makes and ends them. */
export interface KeyStore {
  /** What people call it: `keys.yaml`. */
  readonly name: string;
  /** Rejects with `Misconfigured` where none can be read. */
  read(): Promise<ReadKeys>;
  /** Whether an entry has this id, one that cannot be read too; the id itself is told to nobody.
   * Rejects as `read` does. */
  knows(id: string): Promise<boolean>;
  lastUse(): Promise<LastUse>;
  /** Rejects with `Misconfigured`, file system errors, `Error` where others hold the store. */
  add(entry: KeyEntry): Promise<void>;
  /** Marks a key as revoked from a time on, by a user of the machine where one is named; an entry
   * of a shared store that cannot be read is taken out, and told by its id alone. Rejects with
   * `KeyObjection` for an unknown id, and what `add` rejects with. */
  revoke(id: string, at: number, by?: string): Promise<KeyEntry>;
  /** Adds what `make` makes of a key that then ends at a time. Rejects with `KeyObjection` for an
   * id that is unknown or of a key that counts no more, and what `add` rejects with. */
  rotate(
    id: string,
    when: { readonly now: number; readonly ends: number },
    make: (old: KeyEntry) => KeyEntry,
  ): Promise<KeyEntry>;
}

/** The keys of a key file, which one change at a time can rewrite. */
export function fileKeyStore(path: string): KeyStore {
  return {
    name: path,
    read: async () => ({ entries: readKeyFile(path), problem: null }),
    knows: async (id) => readKeyFile(path).some((entry) => entry.id === id),
    lastUse: async () => readLastUse(path),
    add: (entry) => addKey(path, entry),
    revoke: (id, at, by) => revokeKey(path, id, at, by),
    rotate: (id, when, make) => rotateKey(path, id, when, make),
  };
}

/** The keys of a store that can be read; none where its file is not there yet. Rejects as
 * `KeyStore.read` does. */
export async function entriesIfAny(store: KeyStore): Promise<readonly KeyEntry[]> {
  try {
    return (await store.read()).entries;
  } catch (error) {
    const missing = error instanceof Misconfigured && /does not exist/.test(error.message);
    if (missing || isFileError(error, 'ENOENT')) return [];
    throw error;
  }
}

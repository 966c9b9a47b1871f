import type { KeyEntry } from './entry.ts';
import { objectionToForeignKey } from './foreign-key.ts';
import { entryOfKey, type KeyOrder, type MintedKey, mintKey } from './mint.ts';
import { KeyObjection } from './objection.ts';
import { entriesIfAny, type KeyStore } from './store.ts';

/** Makes a key and keeps its entry. Rejects as `KeyStore.add` does. */
export async function issueKey(store: KeyStore, order: KeyOrder, now: number): Promise<MintedKey> {
  const minted = mintKey(order, now);
  await store.add(minted.entry);
  return minted;
}

/** Takes over a key that others made; `weak`: also one that could be guessed. Rejects with
 * `KeyObjection` where it cannot be one or is there already, and as `KeyStore.add` does. */
export async function takeKey(
  store: KeyStore,
  key: string,
  { weak, ...order }: KeyOrder & { readonly weak: boolean },
  now: number,
): Promise<KeyEntry> {
  const objection = objectionToForeignKey(key, weak);
  if (objection !== null) throw new KeyObjection('shape', objection);
  const entry = entryOfKey(key, { ...order, imported: true }, now);
  const known = (await entriesIfAny(store)).find(({ hash }) => hash === entry.hash);
  if (known) {
    throw new KeyObjection('known', `the key is there already, as ${known.id} (${known.name})`);
  }
  await store.add(entry);
  return entry;
}

/** How one key takes over from another. Times in milliseconds. */
export interface Succession {
  readonly grace: number;
  readonly expires: number | null;
  /** The user of the machine whose command it is. */
  readonly createdBy?: string;
}

/** Makes the key that takes over from another, which goes on for `grace` milliseconds; `expires` is
 * when the new one ends, null: it lives as long as the old. Rejects as `KeyStore.rotate` does. */
export async function succeedKey(
  store: KeyStore,
  id: string,
  { grace, expires, createdBy }: Succession,
  now: number,
): Promise<MintedKey> {
  let key = '';
  const entry = await store.rotate(id, { now, ends: now + grace }, (old) => {
    const made = mintKey({ ...old, replaces: id, imported: false, createdBy }, now);
    key = made.key;
    const span = old.expires === null ? null : old.expires - (old.created ?? now);
    return { ...made.entry, expires: expires ?? (span === null ? null : now + span) };
  });
  return { key, entry };
}

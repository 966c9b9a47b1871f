import { loadWithSecrets } from '../config/load-secrets.ts';
import { fileKeyStore, type KeyStore } from '../identity/keys/store.ts';
import { sharedKeys } from '../identity/keys/store-keys.ts';

/** Where keys are kept: a key file, or what a configuration says, as it may in a shared store. */
export type KeyPlace = { readonly file: string } | { readonly config: string };

/** Does something with the keys of a place. `begins`: an empty store is begun. Rejects with
 * `Misconfigured` for a bad configuration, `Error` where the store does not answer. */
export async function withKeys<T>(
  place: KeyPlace,
  begins: boolean,
  use: (store: KeyStore) => Promise<T>,
): Promise<T> {
  if ('file' in place) return use(fileKeyStore(place.file));
  const { config, stores } = await loadWithSecrets(place.config);
  await stores?.close();
  const { identity, store } = config;
  if (identity.keys.path !== null || !store) return use(fileKeyStore(identity.keys.path ?? ''));
  const { visitStore } = await import('../store/visit.ts');
  const visit = await visitStore(store);
  try {
    if (begins) await visit.begin();
    return await use(sharedKeys(visit));
  } finally {
    visit.close();
  }
}

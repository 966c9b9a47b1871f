import { loadConfig } from '../config/load.ts';
import { fileKeyStore, type KeyStore } from '../identity/keys/store.ts';
import { sharedKeys } from '../identity/keys/store-keys.ts';
import { keyFileOption } from './key-row.ts';
import type { Verb, VerbInput } from './verb.ts';

/** The options that say where keys are. */
export const keyPlaceOptions = {
  ...keyFileOption,
  config: { type: 'string', help: 'a configuration that says where its keys are, as in a store' },
} as const satisfies Verb['options'];

/** Does something with the keys that the options name. `begins`: an empty store is begun. Rejects with
 * `Misconfigured` for a bad configuration, `Error` where the store does not answer. */
export async function withKeys<T>(
  { values }: Pick<VerbInput, 'values'>,
  begins: boolean,
  use: (store: KeyStore) => Promise<T>,
): Promise<T> {
  if (values['config'] === undefined) return use(fileKeyStore(String(values['keys'])));
  const { identity, store } = loadConfig(String(values['config'])).config;
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

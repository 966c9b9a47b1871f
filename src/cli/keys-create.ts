import { mintKey } from '../identity/keys/mint.ts';
import { isoTime, keyRow } from '../identity/keys/row.ts';
import { keyOrderOptions, readKeyOrder } from './key-order.ts';
import { keyPlaceOptions, withKeys } from './key-place.ts';
import type { Verb } from './verb.ts';

/** Makes a key, writes its entry, and shows the key once. */
export const verb: Verb = {
  name: 'keys create',
  summary: 'Make an API key and add it to the key file',
  usage:
    'keys create --name N --role R … [--upstream U] [--expires 90d] [--source CIDR] [--label k=v]',
  options: { ...keyOrderOptions, ...keyPlaceOptions },
  run: async ({ values, json, print, complain }) => {
    const now = Date.now();
    const { key, entry } = mintKey(readKeyOrder(values, now), now);
    const name = await withKeys({ values }, true, async (store) => {
      await store.add(entry);
      return store.name;
    });
    const { createdAt, expiresAt, ...row } = keyRow(entry);
    if (json) {
      print(JSON.stringify({ ...row, key, createdAt, expiresAt }));
      return 0;
    }
    print(key);
    complain(
      `id ${entry.id}, roles ${entry.roles.join(' ')}, ends ${isoTime(entry.expires) ?? 'never'}`,
    );
    complain(
      `This key is not shown again. Clients send it as "api-key" or "authorization: Bearer".`,
    );
    complain(`Its entry is in ${name}.`);
    return 0;
  },
};

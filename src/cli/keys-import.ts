import { text } from 'node:stream/consumers';
import { takeKey } from '../identity/keys/issue.ts';
import { isoTime, keyRow } from '../identity/keys/row.ts';
import { keyOrderOptions, readKeyOrder } from './key-order.ts';
import { keyPlaceOptions, withKeys } from './key-place.ts';
import type { Verb } from './verb.ts';

/** Takes over a key that applications have already. */
export const verb: Verb = {
  name: 'keys import',
  summary: 'Take over a key that applications have already, read from stdin',
  usage: 'keys import --name N --role R … [--weak] [--expires 90d] [--keys F | --config F] < key',
  options: {
    ...keyOrderOptions,
    weak: { type: 'boolean', help: 'take a key of less than 16 characters' },
    ...keyPlaceOptions,
  },
  run: async ({ values, json, print, complain }) => {
    const now = Date.now();
    const order = readKeyOrder(values, now);
    const key = (await text(process.stdin)).trim();
    const weak = values['weak'] === true;
    const entry = await withKeys({ values }, true, (store) =>
      takeKey(store, key, { ...order, weak }, now),
    );
    if (json) print(JSON.stringify(keyRow(entry)));
    else {
      print(`${entry.id} (${entry.name}) counts, and ends ${isoTime(entry.expires) ?? 'never'}`);
      complain(`Rotate it once applications can change: vectorgate keys rotate ${entry.id}`);
    }
    return 0;
  },
};

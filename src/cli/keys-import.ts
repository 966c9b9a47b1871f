import { text } from 'node:stream/consumers';
import { addKey } from '../identity/keys/change.ts';
import { readKeyFile } from '../identity/keys/file.ts';
import { objectionToForeignKey } from '../identity/keys/foreign-key.ts';
import { entryOfKey } from '../identity/keys/mint.ts';
import { isoTime, keyRow } from '../identity/keys/row.ts';
import { Misconfigured } from '../problem.ts';
import { keyOrderOptions, readKeyOrder } from './key-order.ts';
import { keyFileOption } from './key-row.ts';
import type { Verb } from './verb.ts';

/** Takes over a key that applications have already. */
export const verb: Verb = {
  name: 'keys import',
  summary: 'Take over a key that applications have already, read from stdin',
  usage: 'keys import --name N --role R … [--weak] [--expires 90d] [--keys keys.yaml] < key',
  options: {
    ...keyOrderOptions,
    weak: { type: 'boolean', help: 'take a key of less than 16 characters' },
    ...keyFileOption,
  },
  run: async ({ values, json, print, complain }) => {
    const now = Date.now();
    const order = readKeyOrder(values, now);
    const key = (await text(process.stdin)).trim();
    const objection = objectionToForeignKey(key, values['weak'] === true);
    if (objection !== null) throw new Error(objection);
    const path = String(values['keys'] ?? keyFileOption.keys.default);
    const entry = entryOfKey(key, { ...order, imported: true }, now);
    refuseKnown(path, entry.hash);
    await addKey(path, entry);
    if (json) print(JSON.stringify(keyRow(entry)));
    else {
      print(`${entry.id} (${entry.name}) counts, and ends ${isoTime(entry.expires) ?? 'never'}`);
      complain(`Rotate it once applications can change: vectorgate keys rotate ${entry.id}`);
    }
    return 0;
  },
};

function refuseKnown(path: string, hash: string): void {
  const known = entriesOf(path).find((entry) => entry.hash === hash);
  if (known) throw new Error(`the key is there already, as ${known.id} (${known.name})`);
}

/** A file that is not there yet holds no key; what else is wrong with it, adding the key tells. */
function entriesOf(path: string) {
  try {
    return readKeyFile(path);
  } catch (error) {
    if (error instanceof Misconfigured) return [];
    throw error;
  }
}

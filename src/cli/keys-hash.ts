import { text } from 'node:stream/consumers';
import { apiKeyId } from '../identity/api-key.ts';
import { entryText } from '../identity/keys/entry-text.ts';
import { entryOfKey, type KeyOrder, type MintedKey, mintKey } from '../identity/keys/mint.ts';
import { keyRow } from '../identity/keys/row.ts';
import { keyOrderOptions, readKeyOrder } from './key-order.ts';
import type { Verb } from './verb.ts';

/** Below this a key that is no secret of ours could be guessed from its hash. */
const shortest = 16;
const advised = 32;

/** Prints an entry to paste where the key file cannot be written. */
export const verb: Verb = {
  name: 'keys hash',
  summary: 'Print the entry of a key (on stdin, or newly made) to paste into a key file',
  usage: 'keys hash --name N --role R … [--new]',
  options: { ...keyOrderOptions, new: { type: 'boolean', help: 'make a key; read no stdin' } },
  run: async ({ values, json, print, complain }) => {
    const now = Date.now();
    const order = readKeyOrder(values, now);
    const given = values['new'] === true || process.stdin.isTTY ? '' : await readGivenKey();
    const { key, entry } = given === '' ? mintKey(order, now) : known(given, order, now);
    if (given !== '' && given.length < advised) complain('This key is short; replace it soon.');
    if (json) {
      const row = { ...keyRow(entry), hash: `sha256:${entry.hash}`, entry: entryText(entry) };
      print(JSON.stringify(given === '' ? { ...row, key } : row));
      return 0;
    }
    if (given === '') complain(`The key, not shown again: ${key}`);
    print(entryText(entry).trimEnd());
    return 0;
  },
};

async function readGivenKey(): Promise<string> {
  return (await text(process.stdin)).trim();
}

function known(key: string, order: KeyOrder, now: number): MintedKey {
  if (!/^[\x21-\x7e]{1,8192}$/.test(key)) {
    throw new Error('stdin holds no key; a key is 16 to 8192 visible ASCII characters');
  }
  if (key.startsWith('vg_') && apiKeyId(key) === null) {
    throw new Error('the key on stdin is mistyped: its checksum does not fit; copy it again');
  }
  if (key.length < shortest) {
    throw new Error(`the key on stdin is shorter than ${shortest} characters; make one with --new`);
  }
  return { key, entry: entryOfKey(key, order, now) };
}

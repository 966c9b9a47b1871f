import { isoTime, keyRow } from '../identity/keys/row.ts';
import { keyPlaceOptions, withKeys } from './key-place.ts';
import { BadUsage, type Verb } from './verb.ts';

/** Revokes a key; the entry stays, so that its records keep their name. */
export const verb: Verb = {
  name: 'keys revoke',
  summary: 'Revoke an API key; a running gateway refuses it within a second',
  usage: 'keys revoke ID [--keys keys.yaml | --config vectorgate.yaml]',
  words: 1,
  options: keyPlaceOptions,
  run: async ({ values, positionals, json, print }) => {
    const [id] = positionals;
    if (id === undefined) {
      throw new BadUsage('one key id is needed; vectorgate keys list shows them');
    }
    const entry = await withKeys({ values }, false, (store) => store.revoke(id, Date.now()));
    if (json) print(JSON.stringify(keyRow(entry)));
    else print(`${entry.id} (${entry.name}) is revoked since ${isoTime(entry.revoked)}`);
    return 0;
  },
};

import { revokeKey } from '../identity/keys/change.ts';
import { isoTime, keyRow } from '../identity/keys/row.ts';
import { keyFileOption } from './key-row.ts';
import { BadUsage, type Verb } from './verb.ts';

/** Revokes a key; the entry stays, so that its records keep their name. */
export const verb: Verb = {
  name: 'keys revoke',
  summary: 'Revoke an API key; a running gateway refuses it within a second',
  usage: 'keys revoke ID [--keys keys.yaml]',
  words: 1,
  options: keyFileOption,
  run: async ({ values, positionals, json, print }) => {
    const [id] = positionals;
    if (id === undefined) {
      throw new BadUsage('one key id is needed; vectorgate keys list shows them');
    }
    const path = String(values['keys'] ?? keyFileOption.keys.default);
    const entry = await revokeKey(path, id, Date.now());
    if (json) print(JSON.stringify(keyRow(entry)));
    else print(`${entry.id} (${entry.name}) is revoked since ${isoTime(entry.revoked)}`);
    return 0;
  },
};

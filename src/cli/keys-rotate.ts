import { rotateKey } from '../identity/keys/change.ts';
import { mintKey } from '../identity/keys/mint.ts';
import { isoTime, keyRow } from '../identity/keys/row.ts';
import { keyFileOption } from './key-row.ts';
import { durationOf, readExpires } from './key-time.ts';
import { BadUsage, type Verb } from './verb.ts';

/** Makes a key that takes over from another, which goes on for a while. */
export const verb: Verb = {
  name: 'keys rotate',
  summary: 'Make a key that takes over from another, which ends by itself after --grace',
  usage: 'keys rotate ID [--grace 7d] [--expires 90d] [--keys keys.yaml]',
  words: 1,
  options: {
    grace: { type: 'string', default: '7d', help: 'how long the old key goes on: 7d, 12h, 0d' },
    expires: { type: 'string', help: 'when the new key ends (default: lives as long as the old)' },
    ...keyFileOption,
  },
  run: async ({ values, positionals, json, print, complain }) => {
    const [id] = positionals;
    if (id === undefined)
      throw new BadUsage('one key id is needed; vectorgate keys list shows them');
    const now = Date.now();
    const ends = now + durationOf('--grace', String(values['grace'] ?? '7d'));
    const expires = readExpires(values, now);
    const path = String(values['keys'] ?? keyFileOption.keys.default);
    let shown = '';
    const entry = await rotateKey(path, id, { now, ends }, (old) => {
      const { key, entry: made } = mintKey({ ...old, replaces: id, imported: false }, now);
      shown = key;
      const span = old.expires === null ? null : old.expires - (old.created ?? now);
      return { ...made, expires: expires ?? (span === null ? null : now + span) };
    });
    const { createdAt, expiresAt, ...row } = keyRow(entry);
    if (json) {
      print(JSON.stringify({ ...row, key: shown, createdAt, expiresAt }));
      return 0;
    }
    print(shown);
    complain(`id ${entry.id}, roles ${entry.roles.join(' ')}, ends ${expiresAt ?? 'never'}`);
    complain(`This key is not shown again. ${id} goes on until ${isoTime(ends)}, or its own end.`);
    return 0;
  },
};

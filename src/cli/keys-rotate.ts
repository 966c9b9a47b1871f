import { succeedKey } from '../identity/keys/issue.ts';
import { isoTime, keyRow } from '../identity/keys/row.ts';
import { keyPlaceOptions, withKeys } from './key-place.ts';
import { durationOf, readExpires } from './key-time.ts';
import { BadUsage, type Verb } from './verb.ts';

/** Makes a key that takes over from another, which goes on for a while. */
export const verb: Verb = {
  name: 'keys rotate',
  summary: 'Make a key that takes over from another, which ends by itself after --grace',
  usage: 'keys rotate ID [--grace 7d] [--expires 90d] [--keys F | --config F]',
  words: 1,
  options: {
    grace: { type: 'string', default: '7d', help: 'how long the old key goes on: 7d, 12h, 0d' },
    expires: { type: 'string', help: 'when the new key ends (default: lives as long as the old)' },
    ...keyPlaceOptions,
  },
  run: async ({ values, positionals, json, print, complain }) => {
    const [id] = positionals;
    if (id === undefined)
      throw new BadUsage('one key id is needed; vectorgate keys list shows them');
    const now = Date.now();
    const grace = durationOf('--grace', String(values['grace'] ?? '7d'));
    const expires = readExpires(values, now);
    const { key, entry } = await withKeys({ values }, false, (store) =>
      succeedKey(store, id, { grace, expires }, now),
    );
    const { createdAt, expiresAt, ...row } = keyRow(entry);
    if (json) {
      print(JSON.stringify({ ...row, key, createdAt, expiresAt }));
      return 0;
    }
    print(key);
    complain(`id ${entry.id}, roles ${entry.roles.join(' ')}, ends ${expiresAt ?? 'never'}`);
    complain(
      `This key is not shown again. ${id} goes on until ${isoTime(now + grace)}, or its own end.`,
    );
    return 0;
  },
};

import { isoTime } from '../identity/keys/row.ts';
import { keyDesk, keyDeskOptions } from './key-desk.ts';
import { durationOf, readExpires } from './key-time.ts';
import { BadUsage, type Verb } from './verb.ts';

/** Makes a key that takes over from another, which goes on for a while. */
export const verb: Verb = {
  name: 'keys rotate',
  summary: 'Make a key that takes over from another, which ends by itself after --grace',
  usage: 'keys rotate ID [--grace 7d] [--expires 90d]',
  words: 1,
  options: {
    grace: { type: 'string', default: '7d', help: 'how long the old key goes on: 7d, 12h, 0d' },
    expires: { type: 'string', help: 'when the new key ends (default: lives as long as the old)' },
    ...keyDeskOptions,
  },
  run: async ({ values, positionals, json, print, complain }) => {
    const [old] = positionals;
    if (old === undefined)
      throw new BadUsage('one key id is needed; vectorgate keys list shows them');
    const now = Date.now();
    const grace = durationOf('--grace', String(values['grace'] ?? '7d'));
    const expires = readExpires(values, now);
    const desk = await keyDesk(values, now);
    const made = await desk.rotate(old, { grace, expires });
    const { id, name, roles, key, createdAt, expiresAt } = made;
    if (json) {
      print(JSON.stringify({ id, name, roles, key, createdAt, expiresAt }));
      return 0;
    }
    print(key);
    complain(`id ${id}, roles ${roles.join(' ')}, ends ${expiresAt ?? 'never'}`);
    const ends = isoTime(now + grace);
    complain(`This key is not shown again. ${old} goes on until ${ends}, or its own end.`);
    return 0;
  },
};

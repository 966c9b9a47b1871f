import { keyDesk, keyDeskOptions } from './key-desk.ts';
import { BadUsage, type Verb } from './verb.ts';

/** Revokes a key; the entry stays, so that its records keep their name. */
export const verb: Verb = {
  name: 'keys revoke',
  summary: 'Revoke an API key; a running gateway refuses it within a second',
  usage: 'keys revoke ID',
  words: 1,
  options: keyDeskOptions,
  run: async ({ values, positionals, json, print }) => {
    const [given] = positionals;
    if (given === undefined) {
      throw new BadUsage('one key id is needed; vectorgate keys list shows them');
    }
    const desk = await keyDesk(values, Date.now());
    const key = await desk.revoke(given);
    const { id, name, roles, createdAt, expiresAt, revokedAt, everywhere } = key;
    const alone = everywhere ? {} : { everywhere };
    if (json) print(JSON.stringify({ id, name, roles, createdAt, expiresAt, ...alone }));
    else print(`${id} (${name}) is revoked since ${revokedAt}${everywhere ? '' : hereAlone}`);
    return 0;
  },
};

const hereAlone =
  ', by this gateway alone: the store is lost. The others hear of it when it is back, if this gateway ' +
  'still runs; revoke the key at each of them to have it refused there now';

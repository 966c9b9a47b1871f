import { describe } from 'vitest';
import { tellAliasSwap } from '../journeys/stories/alias-swap.ts';
import { tellFirstLight } from '../journeys/stories/first-light.ts';
import { tellFrameworkStart } from '../journeys/stories/framework-start.ts';
import { tellWhoMay } from '../journeys/stories/who-may.ts';
import { namedQdrant } from '../support/gateway-database.ts';

const qdrant = namedQdrant();

async function versionOf({ http, credential }: NonNullable<typeof qdrant>): Promise<string> {
  const headers = credential === null ? {} : { 'api-key': credential };
  const answer = await fetch(http, { headers });
  return ((await answer.json()) as { version: string }).version;
}

if (qdrant) console.log(`live: Qdrant ${await versionOf(qdrant)} at ${qdrant.http}`);
else console.log('live: no database named, skipped');

/** The stories that leave nothing behind, before a database of somebody's own. */
describe.skipIf(!qdrant)('before a real Qdrant', () => {
  const open = async () => qdrant as NonNullable<typeof qdrant>;
  const stories = {
    'first light': tellFirstLight,
    'who may': tellWhoMay,
    'framework start': tellFrameworkStart,
    'alias swap': tellAliasSwap,
  };
  describe.each(Object.entries(stories))('%s', (_, tell) => tell(open));
});

import { appendFileSync } from 'node:fs';
import { openAudit } from '../../src/audit/audit.ts';
import { auditSection } from '../../src/audit/config.ts';
import { peer, permit } from './load-scene.ts';

/*
 * A gateway under load, to be killed at any moment. What its upstream sees and what its clients are
 * told goes to files of their own, one id a line, at that very moment. Where it is said after how many
 * requests, it kills itself.
 */
const [directory = '', round = '', most = 'Infinity'] = process.argv.slice(2);
let served = 0;
const config = { ...auditSection.parse({}), directory: `${directory}/audit` };
const audit = (await openAudit(config, { segmentBytes: 20_000 })).forUpstream('main', () => 'p');
async function client(name: string, changes: boolean): Promise<never> {
  for (let count = 0; ; count++) {
    const id = `${round}-${name}-${count}`;
    const trail = await audit.begin({ id, protocol: 'http', peer }, permit(changes));
    appendFileSync(`${directory}/seen`, `${id}\n`);
    await new Promise((resolve) => setImmediate(resolve));
    const points = { in: 1, out: 0 };
    await trail.end({ status: 200, durationMs: 1, points, bytes: points, attempts: 1 });
    if (changes) appendFileSync(`${directory}/told`, `${id}\n`);
    process.stdout.write('.');
    if (++served >= Number(most)) process.kill(process.pid, 'SIGKILL');
  }
}

await Promise.all([
  ...['a', 'b', 'c'].map((name) => client(name, true)),
  ...['d', 'e'].map((name) => client(name, false)),
]);

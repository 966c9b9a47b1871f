import { appendFileSync, rmSync } from 'node:fs';
import { openAudit } from '../../src/audit/audit.ts';
import { auditSection } from '../../src/audit/config.ts';
import { peer, permit } from './load-scene.ts';

/*
 * A gateway under load on a disk that fails, until it was refused, served again, and took three
 * segments; or four seconds. What its upstream sees and its clients are told goes to files of their
 * own, one id a line, at that very moment; then it stops, and tells how it went. What fills the volume,
 * where that is how the disk fails, is removed once many were refused.
 */
const [directory = '', filling] = process.argv.slice(2);
const removedAfter = 20;
const enoughAgain = filling ? 8 : 30;
const config = { ...auditSection.parse({}), directory: `${directory}/audit` };
const log = await openAudit(config, { segmentBytes: 20_000 });
const audit = log.forUpstream('main', () => 'p');
const points = { in: 1, out: 0 };
const until = performance.now() + (filling ? 60_000 : 4000);
const count = { served: 0, refused: 0, servedAgain: 0 };

async function request(id: string, changes: boolean): Promise<void> {
  const trail = await audit.begin({ id, protocol: 'http', peer }, permit(changes));
  appendFileSync(`${directory}/seen`, `${id}\n`);
  await new Promise((resolve) => setImmediate(resolve));
  await trail.end({ status: 200, durationMs: 1, points, bytes: points, attempts: 1 });
  if (changes) appendFileSync(`${directory}/told`, `${id}\n`);
  count.served++;
  if (count.refused > 0) count.servedAgain++;
}

async function client(name: string, changes: boolean): Promise<void> {
  for (let n = 0; performance.now() < until; n++) {
    try {
      await request(`${name}-${n}`, changes);
    } catch {
      count.refused++;
      if (filling && count.refused === removedAfter) rmSync(filling);
    }
    if (count.servedAgain >= enoughAgain || (count.refused === 0 && count.served >= 300)) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

await Promise.all([
  ...['a', 'b', 'c'].map((name) => client(name, true)),
  ...['d', 'e'].map((name) => client(name, false)),
]);
const { ready } = log.status;
await log.close().catch(() => {});
process.stdout.write(JSON.stringify({ ...count, ready }));

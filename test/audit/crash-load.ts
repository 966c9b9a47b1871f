import { appendFileSync } from 'node:fs';
import { openAudit } from '../../src/audit/audit.ts';
import { auditSection } from '../../src/audit/config.ts';
import type { Permit } from '../../src/policy/permit.ts';
import type { Peer } from '../../src/tls/peer.ts';

/*
 * A gateway under load, to be killed at any moment. What its upstream sees and what its clients are
 * told goes to files of their own, one id a line, at that very moment.
 */
const [directory = '', round = ''] = process.argv.slice(2);
const config = { ...auditSection.parse({}), directory: `${directory}/audit` };
const audit = (await openAudit(config, { segmentBytes: 20_000 })).forUpstream('main', () => 'p');
const peer: Peer = {
  address: '10.0.0.7',
  port: 1,
  version: 'TLSv1.3',
  serverName: null,
  certificate: null,
  client: null,
};
const identity = { kind: 'key', id: 'k', name: 'n', roles: [], claims: {}, labels: {} };

function permit(changes: boolean): Permit {
  const operation = { name: 'points.upsert', event: 'data.upsert', changes };
  return { identity, intent: { operation, needs: [] }, rule: null } as unknown as Permit;
}

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
  }
}

await Promise.all([
  ...['a', 'b', 'c'].map((name) => client(name, true)),
  ...['d', 'e'].map((name) => client(name, false)),
]);

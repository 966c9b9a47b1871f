import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Permit } from '../../src/policy/permit.ts';
import { Refusal } from '../../src/refusal.ts';
import {
  changing,
  config,
  digest,
  exchange,
  identity,
  needs,
  opened,
  outcome,
  permit,
  seconds,
  segmentFiles,
} from './scene.ts';

const canary = 'CANARY';

/** An object with a secret in every member that the audit has no business with. */
function laden<T extends object>(what: T): T {
  return Object.assign(Object.create(Object.getPrototypeOf(what)), what, {
    body: canary,
    payload: { text: canary },
    vector: [canary],
    fields: ['api-key', canary],
    secret: canary,
    hash: canary,
    headers: { authorization: canary },
    field: () => canary,
    target: `/${canary}`,
  });
}

it('no key, token, vector or payload is written, whatever the records are made from', async () => {
  const of = config();
  const second = seconds();
  const log = await opened(of, second);
  const audit = log.forUpstream('main', digest);
  const who = laden(identity({ claims: { tenant: 'acme' }, expires: 1 }));
  const needed = needs(laden(changing), 'docs').map(laden);
  const asked = laden(exchange());
  const trail = await audit.begin(asked, laden(permit(changing, who, needed)) as Permit);
  await trail.attempt(2);
  await trail.end(laden(outcome));
  const refusal = new Refusal('not-authenticated', 'no such key', { cause: new Error(canary) });
  const denied = { exchange: asked, refusal, operation: laden(changing), needs: needed };
  for (let n = 0; n < 12; n++) await audit.deny({ ...denied, identity: who });
  audit.deny({ ...denied, identity: null });
  log.configured(laden({ event: 'keys.changed', upstream: null, digest: 'sha256:d' }));
  second.pass();
  await log.close();
  const [path = ''] = segmentFiles(of);
  const text = readFileSync(path, 'utf8');
  for (const kind of ['intent', 'attempt', 'outcome', 'denial', 'failures', 'config', 'stop']) {
    expect(text).toContain(`"kind":"${kind}"`);
  }
  expect(text).not.toContain(canary);
});

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${file:…} is the file's own spelling
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoDatabase, startDemoDatabase } from '../../src/demo/database.ts';
import { type Client, clientKinds, startClient } from '../support/clients.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { runCli } from '../support/gateway-cli.ts';

const oldKey = 'credential-of-before-0123';
const newKey = 'credential-of-after-4567';
const badKey = 'credential-of-nobody-89ab';
const collection = 'rotated';

/** What the database takes; it has two keys at a time, the second for reading only. */
const keys: { apiKey: string; readOnlyApiKey: string } = { apiKey: oldKey, readOnlyApiKey: newKey };

let database: DemoDatabase;
let gateway: TestGateway;
let clients: readonly Client[];
let adminAddress: string;

beforeAll(async () => {
  database = await startDemoDatabase(keys);
  gateway = await startGateway({
    database: { ...database, credential: null },
    credential: { primary: '${file:primary}', secondary: '${file:secondary}' },
    policies: { admin: 'allow: [{ collections: ["*"], access: m }]' },
    keys: { admin: { roles: ['admin'] } },
    texts: { primary: oldKey, secondary: newKey },
  });
  const ready =
    gateway
      .output()
      .split('\n')
      .find((line) => line.includes('"msg":"ready"')) ?? '';
  adminAddress = (JSON.parse(ready) as { admin: string }).admin;
  clients = clientKinds
    .filter(({ name }) => name.startsWith('js'))
    .map((kind) => startClient(kind, gateway));
  const call = (clients[0] as Client).as(key());
  await call('create', { collection });
  await call('upsert', { collection, first: 1, count: 20 });
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await gateway.stop();
  await database.close();
});

const key = () => gateway.keys['admin'] ?? null;
const soon = { timeout: 10_000, interval: 20 };
const write = (name: string, text: string) => writeFileSync(join(gateway.directory, name), text);

async function inForce(): Promise<string> {
  const { body } = await gateway.admin('/credentials');
  return (
    (body as { upstreams: { state: { inForce: string } }[] }).upstreams[0]?.state.inForce ?? ''
  );
}

const events = (event: string) => gateway.audit().filter((record) => record.event === event);

const credential = (...args: string[]) =>
  runCli('credential', ...args, '--config', gateway.config, '--address', adminAddress, '--json');

/** Has the official clients read without a pause until the work is done. Gives how many calls were
 * made; rejects where one of them failed. */
async function underLoad(work: () => Promise<void>): Promise<number> {
  let done = false;
  let calls = 0;
  const callers = clients.flatMap((client) =>
    Array.from({ length: 4 }, async () => {
      while (!done) {
        await client.as(key())('scroll', { collection, limit: 5 });
        calls += 1;
      }
    }),
  );
  const all = Promise.all(callers);
  await Promise.race([work(), all]);
  done = true;
  await all;
  return calls;
}

describe('the credential of a database', () => {
  it('is switched and rolled back by command, and no request fails meanwhile', async () => {
    const calls = await underLoad(async () => {
      expect((await credential('switch')).code).toBe(0);
      expect(await inForce()).toBe('secondary');
      expect((await credential('rollback', 'main')).code).toBe(0);
      expect(await inForce()).toBe('primary');
      expect((await credential('switch', '--all')).code).toBe(0);
    });
    expect(calls).toBeGreaterThan(8);
    expect((await credential('rollback')).code).toBe(0);
    expect(events('credential.rotated')[0]).toMatchObject({
      kind: 'config',
      upstream: 'main',
      credential: 'secondary',
      cause: 'command',
    });
    expect(events('credential.rolled-back')).toHaveLength(2);
  });

  it('is tested by command, for each that is configured', async () => {
    const { code, stdout } = await credential('test');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      upstreams: [{ tests: [{ credential: 'primary', accepted: true }, { accepted: true }] }],
    });
  });

  it('is read anew where its file changes; one that is not taken stays out', async () => {
    write('primary', badKey);
    await expect.poll(() => events('credential.refused').length, soon).toBe(1);
    await underLoad(async () => expect(await inForce()).toBe('previous'));
    const { body } = await gateway.admin('/status');
    expect(JSON.stringify(body)).toContain('"reason":"the database answered GET');
    expect((await gateway.health('/metrics')).body).toContain(
      'vectorgate_credentials_total{upstream="main",event="refused"} 1',
    );
    write('primary', newKey);
    write('secondary', oldKey);
    await expect.poll(inForce, soon).toBe('primary');
    await underLoad(async () => undefined);
  });

  it('gives way to the other one where the database takes it no more', async () => {
    keys.readOnlyApiKey = 'credential-of-somebody-else';
    await expect.poll(inForce, soon).toBe('secondary');
    await underLoad(async () => undefined);
    expect(events('credential.rotated').at(-1)).toMatchObject({ cause: 'refusal' });
  });

  it('cannot be switched to one that the database does not take: the command says so', async () => {
    const { code, stdout } = await credential('switch');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, upstreams: [{ ok: false }] });
    expect(await inForce()).toBe('secondary');
    expect((await credential('switch', 'nobody')).code).toBe(1);
  });

  it('stands in nothing that the gateway wrote or answered', async () => {
    const { body } = await gateway.admin('/status');
    const told = [
      gateway.output(),
      JSON.stringify(gateway.audit()),
      JSON.stringify(body),
      (await gateway.health('/metrics')).body,
      (await credential('test')).stdout,
    ].join('\n');
    for (const secret of [oldKey, newKey, badKey]) {
      expect(told).not.toContain(secret);
      expect(told).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20));
    }
    expect(readFileSync(gateway.config, 'utf8')).not.toContain(newKey);
  });
});

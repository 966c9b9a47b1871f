import { readFileSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addKey } from '../../src/identity/keys/change.ts';
import { mintKey } from '../../src/identity/keys/mint.ts';
import {
  naming,
  openGrpc,
  openRest,
  type RawCaller,
  type RawClient,
} from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { runCli } from '../support/gateway-cli.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';

const soon = { timeout: 15_000, interval: 20 };
const welcome = [200, 200, 0];
const nobody = [401, 401, 16];

let database: TestDatabase;
let gateway: TestGateway;
let rest: RawClient;
let session: ClientHttp2Session;
let grpc: RawCaller;

beforeAll(async () => {
  database = await openDemo();
  gateway = await startGateway({
    database,
    policies: {
      reader: 'allow: [{ collections: ["*"], access: r }]',
      prod: 'labels: { env: prod }\nallow: [{ collections: ["*"], access: m }]',
    },
    keys: {
      reader: { roles: ['reader'] },
      rotated: { roles: ['reader'] },
      brief: { roles: ['reader'] },
      prod: { roles: ['prod'], labels: { env: 'prod' } },
      dev: { roles: ['prod'], labels: { env: 'dev' } },
    },
  });
  rest = openRest(gateway);
  grpc = openGrpc(gateway);
  session = connect(gateway.http(), { ca: readFileSync(gateway.certificates.ca) });
  await heard(gateway.keys['reader'] ?? '');
});
afterAll(async () => {
  rest.close();
  grpc.close();
  session.destroy();
  await gateway.stop();
  await database.close();
});

let connection: number | null = null;

/** What a key is told on each wire, over connections that stay open throughout. */
async function heard(key: string): Promise<number[]> {
  const over2 = new Promise<number>((resolve, reject) => {
    const stream = session.request({ ':path': '/collections', 'api-key': key });
    stream.on('response', (fields) => resolve(Number(fields[':status'])));
    stream.on('error', reject).resume();
  });
  const over1 = await rest.ask({ path: '/collections', key });
  connection ??= over1.connection;
  expect(over1.connection).toBe(connection);
  const called = await grpc.call('/qdrant.Collections/List', naming(''), key);
  return [over1.status, await over2, called.status];
}

async function command(...args: string[]): Promise<Record<string, string>> {
  const { code, stdout, stderr } = await runCli(...args, '--keys', gateway.keyFile, '--json');
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout);
}

const told = (event: string, id: string | undefined) =>
  gateway.audit().filter((record) => record.event === event && record.key?.id === id).length;

describe('a key in the hands of clients whose connections stay open', () => {
  it('is refused on every wire once it is revoked, and the audit log names it', async () => {
    const key = gateway.keys['brief'] ?? '';
    const id = gateway.keyIds['brief'] ?? '';
    expect(await heard(key)).toEqual(welcome);
    await command('keys', 'revoke', id);
    await expect.poll(() => heard(key), soon).toEqual(nobody);
    await expect.poll(() => told('key.revoked', id), soon).toBe(1);
    expect(await heard(gateway.keys['reader'] ?? '')).toEqual(welcome);
  });

  it('is refused on every wire from its end on, and once it is taken out of the file', async () => {
    const order = { name: 'ending', roles: ['reader'] };
    const ending = mintKey({ ...order, expires: Date.now() + 8000 }, Date.now());
    const removed = mintKey({ ...order, name: 'removed' }, Date.now());
    const before = readFileSync(gateway.keyFile, 'utf8');
    await addKey(gateway.keyFile, removed.entry);
    await expect.poll(() => heard(removed.key), soon).toEqual(welcome);
    writeFileSync(gateway.keyFile, before);
    await expect.poll(() => heard(removed.key), soon).toEqual(nobody);
    await addKey(gateway.keyFile, ending.entry);
    await expect.poll(() => heard(ending.key), soon).toEqual(welcome);
    await expect.poll(() => heard(ending.key), soon).toEqual(nobody);
    await expect.poll(() => told('key.expired', ending.entry.id), soon).toBe(1);
    const why = () => gateway.audit().map(({ reason }) => reason);
    await expect.poll(why, soon).toContain(`key ${ending.entry.id} has expired`);
  });

  it('goes on beside the one that takes over, until its grace has passed', async () => {
    const old = gateway.keys['rotated'] ?? '';
    const id = gateway.keyIds['rotated'] ?? '';
    const fresh = await command('keys', 'rotate', id, '--grace', '1d');
    await expect.poll(() => heard(fresh['key'] ?? ''), soon).toEqual(welcome);
    expect(await heard(old)).toEqual(welcome);
    await expect.poll(() => told('key.rotated', id), soon).toBe(1);
    await expect.poll(() => told('key.created', fresh['id']), soon).toBe(1);
    const last = await command('keys', 'rotate', fresh['id'] ?? '', '--grace', '0d');
    await expect.poll(() => heard(last['key'] ?? ''), soon).toEqual(welcome);
    await expect.poll(() => heard(fresh['key'] ?? ''), soon).toEqual(nobody);
    expect(await heard(old)).toEqual(welcome);
  });

  it('is allowed nothing by a policy that asks for another label', async () => {
    const path = '/collections/labelled';
    const ask = async (name: string) =>
      (await rest.ask({ method: 'DELETE', path, key: gateway.keys[name] ?? null })).status;
    expect(await ask('dev')).toBe(403);
    expect(await ask('prod')).toBe(200);
  });

  it('was last used when the log says, which the list tells after a stop', async () => {
    await heard(gateway.keys['reader'] ?? '');
    const listed = await gateway.admin('/keys');
    const mine = (rows: unknown) =>
      (rows as { id: string; lastUsedAt: string | null }[]).find(
        ({ id }) => id === gateway.keyIds['reader'],
      );
    const before = mine(listed.body)?.lastUsedAt;
    expect(before).toMatch(/^20/);
    gateway.signal('SIGTERM');
    await gateway.ended;
    const after = await command('keys', 'list');
    expect(mine(after)?.lastUsedAt).toBe(before);
    const written = readFileSync(join(gateway.directory, 'keys-used.json'), 'utf8');
    for (const key of Object.values(gateway.keys)) expect(written).not.toContain(key);
  });
});

import { spawnSync } from 'node:child_process';
import { readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

let database: TestDatabase;
let gateway: TestGateway;
let rest: RawClient;
let grpc: RawCaller;
let key: string | null;

beforeAll(async () => {
  database = await openDemo();
  gateway = await startGateway({
    database,
    policies: { admin: 'allow: [{ collections: ["*"], access: m }]' },
    keys: { admin: { roles: ['admin'] } },
  });
  key = gateway.keys['admin'] ?? null;
  rest = openRest(gateway);
  grpc = openGrpc(gateway);
  const body = JSON.stringify({ vectors: { size: 2, distance: 'Dot' } });
  await rest.ask({ method: 'PUT', path: '/collections/kept', key, body });
});
afterAll(async () => {
  rest.close();
  grpc.close();
  await gateway.stop();
  await database.close();
});

const soon = { timeout: 15_000, interval: 20 };
const readyz = async () => (await gateway.health('/readyz')).status;
const points = JSON.stringify({ points: [{ id: 1, vector: [1, 2] }] });

/** What requests came to: of reads and changes, on both protocols. */
async function heard() {
  const path = '/collections/kept';
  const [read, changed, made, count, dropped] = await Promise.all([
    rest.ask({ path, key }),
    rest.ask({ method: 'PUT', path: `${path}/points`, key, body: points }),
    rest.ask({ method: 'DELETE', path: '/collections/none', key }),
    grpc.call('/qdrant.Points/Count', naming('kept'), key),
    grpc.call('/qdrant.Collections/Delete', naming('none'), key),
  ]);
  return { over: [read, changed, made], called: [count, dropped] };
}

const refused = { 'x-vectorgate-refusal': 'audit-unavailable' };
const sentence = 'The audit log cannot be written';

/** Each request is refused for want of a record, and none comes to the database. */
async function expectShut(): Promise<void> {
  const before = database.touches?.filter(({ requestId }) => requestId).length;
  const { over, called } = await heard();
  for (const { status, headers, body } of over) {
    expect([status, headers]).toEqual([503, expect.objectContaining(refused)]);
    expect(JSON.parse(body.toString())).toEqual({ status: { error: sentence }, time: 0 });
  }
  for (const { status, message, headers } of called) {
    expect([status, message, headers]).toEqual([14, sentence, expect.objectContaining(refused)]);
  }
  expect(database.touches?.filter(({ requestId }) => requestId).length).toBe(before);
  expect((await gateway.admin('/status')).body).toMatchObject({
    ready: false,
    audit: { ready: false, lastError: expect.any(String) },
  });
}

/** Requests pass again, and their records with them, in a log whose chain holds. */
async function expectOpen(faults: number): Promise<void> {
  const { over, called } = await heard();
  expect(over.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(called.map(({ status }) => status)).toEqual([0, 0]);
  const outcomes = () => gateway.audit().filter(({ kind }) => kind === 'outcome').length;
  const intents = gateway.audit().filter(({ kind }) => kind === 'intent').length;
  await expect.poll(outcomes).toBe(intents);
  expect(gateway.audit().filter(({ kind }) => kind === 'fault')).toHaveLength(faults);
  const verified = await runCli('audit', 'verify', gateway.auditDirectory, '--json');
  expect([verified.code, JSON.parse(verified.stdout)]).toEqual([
    0,
    expect.objectContaining({ ok: true, firstBad: null }),
  ]);
}

describe('an audit directory that is gone', () => {
  it('shuts the gateway until it is back', async () => {
    expect(await readyz()).toBe(200);
    const away = `${gateway.auditDirectory}.away`;
    renameSync(gateway.auditDirectory, away);
    await expect.poll(readyz, soon).toBe(503);
    await expectShut();
    renameSync(away, gateway.auditDirectory);
    await expect.poll(readyz, soon).toBe(200);
    await expectOpen(1);
  });
});

/** Linux can take from a running process what files it may write. */
const canLimit = spawnSync('prlimit', ['--version']).status === 0;
if (!canLimit) console.log('audit: without prlimit no disk can be full here, skipped');

describe.skipIf(!canLimit)('a disk that is full', () => {
  const limitTo = (bytes: string) => {
    const { status, stderr } = spawnSync('prlimit', [
      '--pid',
      `${gateway.pid}`,
      `--fsize=${bytes}`,
    ]);
    expect([status, String(stderr)]).toEqual([0, '']);
  };

  it('has the very request refused whose record does not fit, and every one until there is room', async () => {
    const segment = readdirSync(gateway.auditDirectory)
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => statSync(join(gateway.auditDirectory, name)).size);
    limitTo(`${Math.max(...segment.slice(-1)) + 10}:unlimited`);
    await expectShut();
    expect(await readyz()).toBe(503);
    limitTo('unlimited:unlimited');
    await expect.poll(readyz, soon).toBe(200);
    await expectOpen(2);
  });
});

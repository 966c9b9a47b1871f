import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeApiKey } from '../../src/identity/api-key.ts';
import {
  naming,
  openGrpc,
  openRest,
  type RawCaller,
  type RawClient,
} from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';

const soon = { timeout: 15_000, interval: 20 };

let database: TestDatabase;
let gateway: TestGateway;
let rest: RawClient;
let grpc: RawCaller;
let session: ClientHttp2Session;

beforeAll(async () => {
  database = await openDemo();
  gateway = await startGateway({
    database,
    policies: { reader: 'allow: [{ collections: ["*"], access: r }]' },
    keys: { reader: { roles: ['reader'] } },
    limits: { failures: { allowed: 4, forget: '1h', delay: '10s' } },
  });
  rest = openRest(gateway);
  grpc = openGrpc(gateway);
  session = connect(gateway.http(), { ca: readFileSync(gateway.certificates.ca) });
});
afterAll(async () => {
  rest.close();
  grpc.close();
  session.destroy();
  await gateway.stop();
  await database.close();
});

/** One request over HTTP/2; what is heard, in milliseconds after it was sent. */
function over2(key: string): Promise<{ status: number; took: number }> {
  const from = performance.now();
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': '/collections', 'api-key': key });
    stream.on('response', (fields) => {
      resolve({ status: Number(fields[':status']), took: performance.now() - from });
    });
    stream.on('error', reject).resume();
  });
}

const held = async () => {
  const { body } = await gateway.admin('/status');
  return (body as { failures: { held: number; alarms: number } }).failures;
};

describe('whoever tries credentials', () => {
  it('is no one who only opens a connection: nothing is counted against them', async () => {
    for (let probe = 0; probe < 20; probe++) {
      await new Promise<void>((resolve) => {
        const port = Number(new URL(gateway.http()).port);
        const socket = connectTcp(port, '127.0.0.1', () => socket.end('GET / HTTP/1.1\r\n\r\n'));
        socket
          .on('close', () => resolve())
          .on('error', () => undefined)
          .resume();
      });
    }
    const answer = await over2(makeApiKey().key);
    expect(answer.status).toBe(401);
    expect(await held()).toEqual({ held: 0, alarms: 0 });
  });

  it('waits longer and longer on every wire, while the honest behind the address wait for nothing', async () => {
    const { key } = makeApiKey();
    for (let at = 0; at < 3; at++) expect((await over2(key)).status).toBe(401);
    const slow = await over2(key);
    expect(slow.status).toBe(401);
    expect(slow.took).toBeGreaterThanOrEqual(99);
    for (let at = 0; at < 8; at++) void over2(key).catch(() => undefined);
    const guesses = [
      rest.ask({ path: '/collections', key }),
      grpc.call('/qdrant.Collections/List', naming(''), key),
    ];
    await vi.waitFor(async () => expect((await held()).held).toBeGreaterThanOrEqual(5), soon);
    const good = gateway.keys['reader'] ?? '';
    const still = (await held()).held;
    expect((await over2(good)).status).toBe(200);
    const other = openGrpc(gateway);
    expect((await other.call('/qdrant.Collections/List', naming(''), good)).status).toBe(0);
    other.close();
    expect((await held()).held).toBeGreaterThan(0);
    expect(still).toBeGreaterThan(0);
    const [heard, called] = await Promise.all(guesses);
    expect([heard?.status, called?.status]).toEqual([401, 16]);
  });

  it('gives up its place by leaving', async () => {
    const waiting = session.request({ ':path': '/collections', 'api-key': makeApiKey().key });
    waiting.on('error', () => undefined);
    await vi.waitFor(async () => expect((await held()).held).toBeGreaterThan(0), soon);
    const before = (await held()).held;
    waiting.close(8);
    await vi.waitFor(async () => expect((await held()).held).toBeLessThan(before), soon);
  });

  it('raises one alarm, in log, metrics and audit log, and buys no further record', async () => {
    const { key } = makeApiKey();
    for (let at = 0; at < 60; at++) void over2(key).catch(() => undefined);
    await vi.waitFor(async () => expect((await held()).alarms).toBe(1), soon);
    const alarms = () => gateway.audit().filter(({ event }) => event === 'auth.alarm');
    await vi.waitFor(() => expect(alarms()).toHaveLength(1), soon);
    expect(alarms()[0]).toMatchObject({ kind: 'failures', source: { prefix: '127.0.0.1/32' } });
    expect((await gateway.health('/metrics')).body).toContain('vectorgate_failure_alarms_total 1');
    const failures = gateway.audit().filter(({ event }) => event === 'auth.failure');
    expect(failures.every(({ kind }) => kind === 'failures')).toBe(true);
    expect(gateway.output()).toContain('many credentials that do not count');
    expect(gateway.output()).not.toContain(key);
  });
});

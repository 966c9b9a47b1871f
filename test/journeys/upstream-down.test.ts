import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoDatabase, startDemoDatabase } from '../../src/demo/database.ts';
import {
  naming,
  openGrpc,
  openRest,
  type RawCaller,
  type RawClient,
} from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { type AuditRecord, recordsPerRequest } from '../support/gateway-audit.ts';
import { credential } from '../support/gateway-database.ts';

let database: DemoDatabase;
let gateway: TestGateway;
let rest: RawClient;
let grpc: RawCaller;
let key: string | null;

/** The same ports again, so that the gateway finds the database where it was. */
async function open(before?: DemoDatabase): Promise<DemoDatabase> {
  const at = (url = 'http://127.0.0.1:0') => ({
    host: '127.0.0.1',
    port: Number(new URL(url).port),
  });
  return startDemoDatabase({ apiKey: credential, http: at(before?.http), grpc: at(before?.grpc) });
}

beforeAll(async () => {
  database = await open();
  gateway = await startGateway({
    database: { ...database, credential },
    policies: { admin: 'allow: [{ collections: ["*"], access: m }]' },
    keys: { admin: { roles: ['admin'] } },
  });
  key = gateway.keys['admin'] ?? null;
  rest = openRest(gateway);
  grpc = openGrpc(gateway);
});
afterAll(async () => {
  rest.close();
  grpc.close();
  await gateway.stop();
  await database.close();
});

const soon = { timeout: 15_000, interval: 20 };
const readyz = async () => (await gateway.health('/readyz')).status;
const body = JSON.stringify({ vectors: { size: 2, distance: 'Dot' } });

async function heard() {
  const read = await rest.ask({ path: '/collections/some/exists', key });
  const called = await grpc.call('/qdrant.Collections/CollectionExists', naming('some'), key);
  // Last, as once a change of names has failed nobody knows what they mean.
  const changed = await rest.ask({ method: 'PUT', path: '/collections/some', key, body });
  return { read, changed, called };
}

const sentence = 'The database cannot be reached';

describe('a database that goes away', () => {
  it('is told of at once, on both protocols, and in the record of each request', async () => {
    const before = await heard();
    expect([before.read.status, before.changed.status, before.called.status]).toEqual([
      200, 200, 0,
    ]);
    // Whoever names what was changed waits until its meaning is known again.
    expect((await rest.ask({ path: '/collections/some/exists', key })).status).toBe(200);
    // What was read is recorded when there is time: nothing of it may come after what is told next.
    const open = () =>
      [...recordsPerRequest(gateway.audit()).values()].filter((kinds) => kinds.at(-1) === 'intent');
    await expect.poll(open).toEqual([]);
    const told = gateway.audit().length;
    await database.close();

    const { read, changed, called } = await heard();
    for (const { status, headers, body: said } of [read, changed]) {
      expect([status, JSON.parse(said.toString())]).toEqual([
        502,
        { status: { error: sentence }, time: 0 },
      ]);
      expect(headers['x-vectorgate-refusal']).toBe('upstream-unreachable');
    }
    expect([called.status, called.message]).toEqual([14, sentence]);
    expect(called.headers['x-vectorgate-refusal']).toBe('upstream-unreachable');

    const since = (): readonly AuditRecord[] => gateway.audit().slice(told);
    const ended = () => [...recordsPerRequest(since()).values()].map((kinds) => kinds.at(-1));
    await expect.poll(ended).toEqual(['outcome', 'outcome', 'outcome']);
    const outcomes = since().filter(({ kind }) => kind === 'outcome');
    for (const { status, failure } of outcomes) {
      expect([status, failure]).toEqual([null, 'upstream-unreachable']);
    }
    // A change is never tried twice: the first try may have come through.
    const change = since().find(({ operation }) => operation === 'collections.create');
    const tries = outcomes.find(({ request }) => request === change?.request)?.attempts;
    expect(tries).toBe(1);
  });

  it('makes the gateway unready, but not dead, and shows in its status and metrics', async () => {
    await expect.poll(readyz, soon).toBe(503);
    expect((await gateway.health('/livez')).status).toBe(200);
    await expect
      .poll(async () => (await gateway.admin('/status')).body, soon)
      .toMatchObject({ ready: false, upstreams: [{ reachable: { http: false, grpc: false } }] });
    const { body: metrics } = await gateway.health('/metrics');
    expect(metrics).toMatch(
      /vectorgate_refusals_total\{upstream="main",protocol="grpc",code="upstream-unreachable"\} [1-9]/,
    );
  });

  it('leaves nobody more than before: strangers stay strangers', async () => {
    expect((await rest.ask({ path: '/collections', key: null })).status).toBe(401);
  });

  it('is found again once it is back', async () => {
    database = await open(database);
    await expect.poll(readyz, soon).toBe(200);
    const { read, changed, called } = await heard();
    expect([read.status, changed.status, called.status]).toEqual([200, 200, 0]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, type Client, clientKinds, startClient, Thrown } from '../support/clients.ts';
import { naming, openGrpc, openRest, type RawClient } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';

const docs = 'swept';
const size = 1000;
const share = 200;
const path = (rest: string) => `/collections/${docs}/points/${rest}`;
const reading = `allow: [{ collections: ["swept*"], access: r }]`;
const stopping = `${reading}\nlimits: { sweep: { share: 20%/d, exceed: stop } }`;

/** Everybody has a share of their own. */
const sweepers = [
  'every client',
  'single points',
  'ids',
  'aliases',
  'batches',
  'groups',
  'matrix',
  'facet',
  'bare',
  'cancelled',
  'reset',
  'compressed',
  'offsets',
];

let database: TestDatabase;
let gateway: TestGateway;
let rest: RawClient;
const clients: Client[] = [];

beforeAll(async () => {
  database = await openDemo();
  const keys = Object.fromEntries(sweepers.map((name) => [name, { roles: ['stopping'] }]));
  gateway = await startGateway({
    database,
    policies: {
      admin: `allow: [{ collections: ["swept*"], access: m }]`,
      stopping,
      alarming: `${reading}\nlimits: { sweep: { share: 20%/d, exceed: alarm } }`,
      exporting: `allow: [{ collections: ["swept*"], access: m }]\nlimits: { sweep: { share: 90%/d, exceed: stop } }`,
      copying: `allow: [{ collections: ["swept*"], access: m }]\nlimits: { sweep: { share: 90%/d, exceed: alarm } }`,
    },
    keys: {
      ...keys,
      ...Object.fromEntries(
        ['admin', 'alarming', 'exporting', 'copying'].map((role) => [role, { roles: [role] }]),
      ),
    },
  });
  clients.push(...clientKinds.map((kind) => startClient(kind, gateway)));
  rest = openRest(gateway);
  const call = clients[0]?.as(gateway.keys['admin'] ?? '') as Call;
  await call('create', { collection: docs, size: 4 });
  await call('upsert', { collection: docs, first: 0, count: size, size: 4 });
  const index = JSON.stringify({ field_name: 'parity', field_schema: 'keyword' });
  const target = `/collections/${docs}/index?wait=true`;
  await rest.ask({ method: 'PUT', path: target, key: keyOf('admin'), body: index });
  await call('create', { collection: 'swept-other', size: 4 });
  await call('upsert', { collection: 'swept-other', first: 0, count: 10, size: 4 });
  await call('alias', { alias: 'swept-alias', collection: docs });
});

afterAll(async () => {
  rest.close();
  await Promise.all(clients.map((client) => client.close()));
  await gateway.stop();
  await database.close();
});

const keyOf = (who: string) => gateway.keys[who] ?? '';

/** One request; gives its status. */
async function ask(who: string, what: string, body: unknown, on = docs): Promise<number> {
  const target = `/collections/${on}/${what}`;
  const asked = { method: 'POST', path: target, key: keyOf(who), body: JSON.stringify(body) };
  return (await rest.ask(asked)).status;
}

/** How often a request passes before it is refused; at most a hundred times. */
async function passes(who: string, what: string, body: (at: number) => unknown): Promise<number> {
  for (let at = 0; at < 100; at++) {
    const status = await ask(who, what, body(at));
    if (status === 429) return at;
    expect(status).toBe(200);
  }
  return 100;
}

describe('a sweep through a collection', () => {
  it('stops within a page, through every client together', async () => {
    let seen = 0;
    let offset: number | null = 0;
    let stopped = 0;
    for (let page = 0; page < 30; page++) {
      const call = clients[page % clients.length]?.as(keyOf('every client')) as Call;
      try {
        const told: { ids: number[]; next: number | null } = await call('scroll', {
          ...{ collection: docs, limit: 15, offset },
        });
        seen += told.ids.length;
        offset = told.next;
      } catch (error) {
        if (!(error instanceof Thrown)) throw error;
        stopped++;
      }
    }
    expect(seen).toBeGreaterThanOrEqual(share);
    expect(seen).toBeLessThanOrEqual(share + 15);
    expect(stopped).toBe(30 - seen / 15);
    expect(await ask('every client', 'points/scroll', {}, 'swept-other')).toBe(200);
  });

  it('is told once in the audit log and the metrics, and to the caller with its share', async () => {
    const denials = () =>
      gateway.audit().filter(({ kind, principal }) => {
        return kind === 'denial' && principal?.name === 'every client';
      });
    await expect.poll(() => denials().length, { timeout: 10_000 }).toBe(1);
    expect(denials()[0]).toMatchObject({ operation: 'points.scroll', refusal: 'over-limit' });
    const { body } = await gateway.health('/metrics');
    expect(body).toMatch(/alerts_total\{.*alert="sweep"\} [1-9]/);
    const key = keyOf('every client');
    const told = await rest.ask({ path: '/.vectorgate/whoami', key });
    const { limits } = JSON.parse(told.body.toString()) as { limits: { on: string }[] };
    expect(limits.find(({ on }) => on === docs)).toMatchObject({
      ...{ name: 'stopping.sweep', measure: 'sweep', units: 2000, seconds: 86_400, left: 0 },
    });
    const refused = await rest.ask({ method: 'POST', path: path('scroll'), key, body: '{}' });
    expect(refused.headers['ratelimit-policy']).toContain('"stopping.sweep";q=2000');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('gains nothing by small pages, nor by points one by one', async () => {
    const ids = (at: number) => ({ ids: [at * 4, at * 4 + 1, at * 4 + 2, at * 4 + 3] });
    expect(await passes('ids', 'points', ids)).toBe(share / 4);
    for (let at = 0; at < share; at++) {
      const { status } = await rest.ask({ path: path(String(at)), key: keyOf('single points') });
      expect(status).toBe(200);
    }
    const { status } = await rest.ask({ path: path('7'), key: keyOf('single points') });
    expect(status).toBe(429);
  });

  it('gains nothing by another name for the collection, nor by any offset', async () => {
    const statuses = [];
    for (const name of [docs, 'swept-alias', docs]) {
      statuses.push(await ask('aliases', 'points/scroll', { limit: 100 }, name));
    }
    expect(statuses).toEqual([200, 200, 429]);
    const search = (at: number) => ({ query: [1, 0, 0, 0], limit: 20, offset: (49 - at) * 20 });
    expect(await passes('offsets', 'points/query', search)).toBe(10);
  });

  it('gains nothing by batches, groups, a matrix or the values of a field', async () => {
    const search = { query: [1, 0, 0, 0], limit: 10 };
    const batch = () => ({ searches: Array(10).fill(search) });
    expect(await passes('batches', 'points/query/batch', batch)).toBe(2);
    const groups = () => ({
      ...{ query: [1, 0, 0, 0], group_by: 'parity', limit: 2, group_size: 50 },
    });
    expect(await passes('groups', 'points/query/groups', groups)).toBe(2);
    const matrix = () => ({ sample: 50, limit: 2 });
    expect(await passes('matrix', 'points/search/matrix/pairs', matrix)).toBe(2);
    const values = () => ({ key: 'parity', limit: 10 });
    expect(await passes('facet', 'facet', values)).toBe(100);
    expect(await ask('facet', 'facet', values())).toBe(429);
  });

  it('gains nothing by leaving payload and vectors out', async () => {
    const page = (at: number) => ({
      ...{ limit: 50, with_payload: at % 2 === 0, with_vector: at % 3 === 0 },
    });
    expect(await passes('bare', 'points/scroll', page)).toBe(4);
  });

  it('gains nothing by asking for an answer that is compressed', async () => {
    const key = keyOf('compressed');
    const headers = { 'accept-encoding': 'gzip, br, zstd' };
    const body = JSON.stringify({ limit: 100 });
    const statuses = [];
    for (let at = 0; at < 3; at++) {
      const asked = { method: 'POST', path: path('scroll'), key, headers, body };
      statuses.push((await rest.ask(asked)).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('gains nothing by going away amid the answer, over gRPC neither', async () => {
    const call = openGrpc(gateway);
    const limit = Buffer.from([0x20, 0xc8, 0x01]);
    for (let at = 0; at < 2; at++) {
      const stream = call.session.request({
        ...{ ':method': 'POST', ':path': '/qdrant.Points/Scroll', te: 'trailers' },
        ...{ 'content-type': 'application/grpc', 'api-key': keyOf('reset') },
      });
      const message = Buffer.concat([naming(docs), limit]);
      const prefix = Buffer.from([0, 0, 0, 0, message.length]);
      const came = new Promise((resolve) => stream.once('data', resolve).once('close', resolve));
      stream.on('error', () => undefined).end(Buffer.concat([prefix, message]));
      await came;
      stream.close(8);
    }
    const message = Buffer.concat([naming(docs), limit]);
    const { status } = await call.call('/qdrant.Points/Scroll', message, keyOf('reset'));
    expect(status).toBe(8);
    call.close();
  });

  it('may change nothing of what else the caller does', async () => {
    expect(await ask('every client', 'points/scroll', {})).toBe(429);
    const { status } = await rest.ask({ path: '/collections', key: keyOf('every client') });
    expect(status).toBe(200);
  });
});

describe('a snapshot, which carries all of a collection', () => {
  it('is refused where a sweep is to stop', async () => {
    const key = keyOf('exporting');
    const made = await rest.ask({ method: 'POST', path: `/collections/${docs}/snapshots`, key });
    expect(made.status).toBe(403);
  });

  it('is told where a sweep alarms', async () => {
    const key = keyOf('copying');
    const made = await rest.ask({ method: 'POST', path: `/collections/${docs}/snapshots`, key });
    const { result } = JSON.parse(made.body.toString()) as { result: { name: string } };
    await rest.ask({ path: `/collections/${docs}/snapshots/${result.name}`, key });
    const told = () => gateway.audit().filter(({ event }) => event === 'limit.sweep');
    await expect
      .poll(told, { timeout: 10_000 })
      .toContainEqual(expect.objectContaining({ holder: 'key:copying', limit: 'copying.sweep' }));
  });
});

describe('a sweep that only alarms', () => {
  it('passes whole, and is told once: in the audit log, the metrics and the status', async () => {
    expect(await passes('alarming', 'points/scroll', () => ({ limit: 100 }))).toBe(100);
    const told = () =>
      gateway.audit().filter(({ event, holder }) => {
        return event === 'limit.sweep' && holder === 'key:alarming';
      });
    await expect.poll(() => told().length, { timeout: 10_000 }).toBe(1);
    expect(told()[0]).toMatchObject({
      ...{ kind: 'alarm', limit: 'alarming.sweep', share: 20, seconds: 86_400 },
      collections: [{ resolved: docs }],
    });
    const { body: metrics } = await gateway.health('/metrics');
    expect(metrics).toMatch(/vectorgate_sweep_alarms_total\{upstream="\w+"\} [1-9]/);
    const { body } = await gateway.admin('/status');
    const { upstreams } = body as { upstreams: { sweeps: unknown[] }[] };
    expect(upstreams[0]?.sweeps).toContainEqual(
      expect.objectContaining({ collection: docs, holder: 'key:alarming', share: 20 }),
    );
    const whoami = await rest.ask({ path: '/.vectorgate/whoami', key: keyOf('alarming') });
    expect(JSON.parse(whoami.body.toString())).toMatchObject({ limits: [] });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, type Client, clientKinds, startClient, Thrown } from '../support/clients.ts';
import { naming, openGrpc, openRest } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { runCli } from '../support/gateway-cli.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';

const docs = 'limited';
const path = (rest: string) => `/collections/${docs}/points/${rest}`;
const onDocs = `allow: [{ collections: [${docs}, limited-alias], access: r }]`;

let database: TestDatabase;
let gateway: TestGateway;
const clients: Client[] = [];

/** Each client as this caller. */
function callers(who: string): readonly (readonly [Client, Call])[] {
  return clients.map((client) => [client, client.as(gateway.keys[who] ?? '')] as const);
}

/** What the SDK raised; null where the call went well. */
async function heard(call: Promise<unknown>): Promise<Thrown['told'] | null> {
  try {
    await call;
    return null;
  } catch (error) {
    if (error instanceof Thrown) return error.told;
    throw error;
  }
}

beforeAll(async () => {
  database = await openDemo();
  gateway = await startGateway({
    database,
    policies: {
      admin: `allow: [{ collections: ["limited*"], access: m }]`,
      paced: `${onDocs}\nlimits: { requests: 24/h }`,
      batching: `${onDocs}\nlimits: { requests: 12/h }`,
      ruled: `allow: [{ collections: [${docs}, limited-alias], access: r, limits: { requests: 3/h } }]`,
      budgeted: `${onDocs}\nlimits: { budget: { points: 25/h } }`,
      bare: `${onDocs}\nlimits: { results: 3, vectors: deny, payload: [] }`,
      lowered: `${onDocs}\nlimits: { results: 3, vectors: deny, payload: [], exceed: lower }`,
      summed: `${onDocs}\nlimits: { requests: 4/h, each: role }`,
    },
    keys: {
      admin: { roles: ['admin'] },
      ...Object.fromEntries(
        ['paced', 'batching', 'ruled', 'budgeted', 'bare', 'lowered'].map((role) => [
          role,
          { roles: [role] },
        ]),
      ),
      'batching over gRPC': { roles: ['batching'] },
      one: { roles: ['summed'] },
      other: { roles: ['summed'] },
    },
  });
  clients.push(...clientKinds.map((kind) => startClient(kind, gateway)));
  const call = clients[0]?.as(gateway.keys['admin'] ?? '') as Call;
  await call('create', { collection: docs, size: 4 });
  await call('upsert', { collection: docs, first: 0, count: 100, size: 4 });
  await call('alias', { alias: 'limited-alias', collection: docs });
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await gateway.stop();
  await database.close();
});

describe('a caller with a limit', () => {
  it('gets what it may through every client together, and then the exception of each', async () => {
    const rest = openRest(gateway);
    const grpc = openGrpc(gateway);
    const key = gateway.keys['paced'] ?? null;
    let passed = 0;
    for (let round = 0; round < 4; round++) {
      for (const [, call] of callers('paced')) {
        if ((await heard(call('count', { collection: docs }))) === null) passed++;
      }
    }
    while (passed < 24) {
      const raw = openRest(gateway);
      const { status } = await raw.ask({ method: 'POST', path: path('count'), key, body: '{}' });
      raw.close();
      expect(status).toBe(200);
      passed++;
    }
    for (const [{ kind }, call] of callers('paced')) {
      // The SDKs have an exception of their own for it, with when to come back: each shows its status
      // in its own way, or not at all.
      const told = await heard(call('count', { collection: docs }));
      const shown = `${told?.code ?? told?.status} ${told?.name} ${told?.message}`;
      expect([kind.name, shown]).toEqual([kind.name, expect.stringMatching(/exhausted|too many/i)]);
    }
    const refused = await rest.ask({ method: 'POST', path: path('count'), key, body: '{}' });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(100);
    expect(refused.headers['ratelimit-policy']).toBe('"paced.requests";q=24;qu="requests";w=3600');
    expect(refused.headers['ratelimit']).toMatch(/^"paced.requests";r=0;t=\d+$/);
    const called = await grpc.call('/qdrant.Points/Count', naming(docs), key);
    expect(called.status).toBe(8);
    expect(Number(called.headers['retry-after'])).toBeGreaterThan(100);
    for (const one of [rest, grpc]) one.close();
  });

  it('gains nothing by a new key', async () => {
    const id = gateway.keyIds['paced'] ?? '';
    const { stdout } = await runCli('keys', 'rotate', id, '--keys', gateway.keyFile, '--json');
    const { key } = JSON.parse(stdout) as { key: string };
    const rest = openRest(gateway);
    const status = async () =>
      (await rest.ask({ method: 'POST', path: path('count'), key, body: '{}' })).status;
    await expect.poll(status, { timeout: 10_000 }).toBe(429);
    rest.close();
  });

  it('is counted in the log, without a record for each refusal', async () => {
    const over = () => gateway.audit().filter(({ refusal }) => refusal === 'over-limit');
    await expect.poll(() => over().length, { timeout: 10_000 }).toBeGreaterThan(0);
    for (const { kind, principal } of over()) {
      expect([kind, principal?.name]).toEqual(['failures', 'paced']);
    }
  });
});

describe('what is counted', () => {
  it.each(['http', 'grpc'] as const)('is each search of a batch, over %s', async (protocol) => {
    const key = gateway.keys[protocol === 'http' ? 'batching' : 'batching over gRPC'] ?? null;
    const rest = openRest(gateway);
    const grpc = openGrpc(gateway);
    const search = { query: [1, 0, 0, 0], limit: 1 };
    const count = async () => {
      if (protocol === 'grpc')
        return (await grpc.call('/qdrant.Points/Count', naming(docs), key)).status;
      return (await rest.ask({ method: 'POST', path: path('count'), key, body: '{}' })).status;
    };
    if (protocol === 'http') {
      const body = JSON.stringify({ searches: Array(10).fill(search) });
      const batch = await rest.ask({ method: 'POST', path: path('query/batch'), key, body });
      expect(batch.status).toBe(200);
    } else {
      const element = Buffer.concat([Buffer.from([0x12, naming(docs).length]), naming(docs)]);
      const message = Buffer.concat([naming(docs), ...Array<Buffer>(10).fill(element)]);
      await grpc.call('/qdrant.Points/QueryBatch', message, key);
    }
    const [well, over] = protocol === 'http' ? [200, 429] : [0, 8];
    expect([await count(), await count(), await count()]).toEqual([well, well, over]);
    for (const one of [rest, grpc]) one.close();
  });

  it('is a collection by itself, by whichever name it is reached', async () => {
    const names = [docs, 'limited-alias', docs, 'limited-alias', docs];
    const [call] = callers('ruled').map(([, each]) => each);
    const told = [];
    for (const collection of names) told.push(await heard((call as Call)('count', { collection })));
    expect(told.map((one) => one === null)).toEqual([true, true, true, false, false]);
  });

  it('is one sum for all who hold a role, where it says so', async () => {
    const rest = openRest(gateway);
    const statuses = [];
    for (const who of ['one', 'other', 'one', 'other', 'one', 'other']) {
      const key = gateway.keys[who] ?? null;
      statuses.push(
        (await rest.ask({ method: 'POST', path: path('count'), key, body: '{}' })).status,
      );
    }
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
    rest.close();
  });

  it('is what answers carry: a sweep by turns through every client stops within a page', async () => {
    let seen = 0;
    let offset: number | null = 0;
    let stopped = 0;
    for (let page = 0; page < 12; page++) {
      const [, call] = callers('budgeted')[page % clients.length] ?? [];
      try {
        const told: { ids: number[]; next: number | null } = await (call as Call)('scroll', {
          ...{ collection: docs, limit: 10, offset },
        });
        seen += told.ids.length;
        offset = told.next;
      } catch (error) {
        if (!(error instanceof Thrown)) throw error;
        stopped++;
      }
    }
    expect(seen).toBe(30);
    expect(stopped).toBe(9);
    const denials = () => {
      return gateway.audit().filter(({ kind, principal }) => {
        return kind === 'denial' && principal?.name === 'budgeted';
      });
    };
    await expect.poll(() => denials().length, { timeout: 10_000 }).toBe(1);
    expect(denials()[0]).toMatchObject({ operation: 'points.scroll', refusal: 'over-limit' });
    expect((await gateway.health('/metrics')).body).toMatch(/alerts_total\{.*alert="egress"\} 1/);
    expect((await gateway.health('/metrics')).body).toMatch(
      /taken_points_total\{upstream="\w+",role="budgeted"\} 30/,
    );
    const { body } = await gateway.admin('/status');
    expect(body).toMatchObject({
      upstreams: [
        {
          taken: expect.arrayContaining([
            expect.objectContaining({
              top: expect.arrayContaining([
                expect.objectContaining({ kind: 'key', name: 'budgeted' }),
              ]),
            }),
          ]),
        },
      ],
    });
  });

  it('is told to whoever it is counted for', async () => {
    const rest = openRest(gateway);
    const key = gateway.keys['budgeted'] ?? null;
    const { body } = await rest.ask({ path: '/.vectorgate/whoami', key });
    const { limits } = JSON.parse(body.toString()) as { limits: unknown };
    expect(limits).toMatchObject([
      { name: 'budgeted.points', measure: 'points', units: 25, seconds: 3600, left: 0 },
    ]);
    rest.close();
  });
});

describe('what may be asked for', () => {
  it('is the same through every client', async () => {
    for (const [{ kind }, call] of callers('bare')) {
      const search = { collection: docs, like: 1, size: 4 };
      expect(await heard(call('search', { ...search, limit: 4 }))).toMatchObject(
        kind.protocol === 'grpc' ? { code: 7 } : { status: 403 },
      );
    }
  });

  it('is given through every client where more is lowered', async () => {
    for (const [, call] of callers('lowered')) {
      const page = await call('scroll', { collection: docs, limit: 10, offset: 0 });
      expect((page as { ids: number[] }).ids).toHaveLength(3);
      await call('search', { collection: docs, like: 1, size: 4, limit: 10 });
    }
    const rest = openRest(gateway);
    const key = gateway.keys['lowered'] ?? null;
    const body = JSON.stringify({ limit: 50, with_payload: true, with_vector: true });
    const { status, body: told } = await rest.ask({
      ...{ method: 'POST', path: path('scroll'), key, body },
    });
    expect(status).toBe(200);
    const { result } = JSON.parse(told.toString()) as { result: { points: object[] } };
    expect(result.points).toHaveLength(3);
    for (const point of result.points) {
      expect(point).not.toHaveProperty('vector.0');
      expect(point).not.toHaveProperty('payload.n');
    }
    expect((await rest.ask({ path: path('1'), key })).status).toBe(403);
    rest.close();
  });

  it('stands in the record of what was lowered, on both protocols, and in no other', () => {
    const intents = gateway.audit().filter(({ kind }) => kind === 'intent');
    const by = (role: string) => intents.filter(({ principal }) => principal?.roles?.[0] === role);
    const told = (protocol: string) =>
      by('lowered').filter((record) => record.protocol === protocol && 'lowered' in record);
    expect(told('grpc').map(({ lowered }) => lowered)).toContainEqual(['results', 'payload']);
    expect(told('http').map(({ lowered }) => lowered)).toContainEqual([
      'results',
      'vectors',
      'payload',
    ]);
    for (const record of by('bare')) expect(record).not.toHaveProperty('lowered');
  });

  it('passes where it is asked for so, byte for byte', async () => {
    const rest = openRest(gateway);
    const key = gateway.keys['bare'] ?? null;
    const ask = async (body: unknown) =>
      (await rest.ask({ method: 'POST', path: path('scroll'), key, body: JSON.stringify(body) }))
        .status;
    expect(await ask({ limit: 3, with_payload: false })).toBe(200);
    expect(await ask({ limit: 3, with_payload: false, with_vector: true })).toBe(403);
    expect(await ask({ limit: 3 })).toBe(403);
    expect((await rest.ask({ path: path('1'), key })).status).toBe(403);
    rest.close();
  });
});

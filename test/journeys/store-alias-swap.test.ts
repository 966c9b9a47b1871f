import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mintKey } from '../../src/identity/keys/mint.ts';
import { sharedKeys } from '../../src/identity/keys/store-keys.ts';
import { storeSection as storeSchema } from '../../src/store/config.ts';
import { visitStore } from '../../src/store/visit.ts';
import { callOn } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';
import { type Gate, openGate } from '../support/gateway-gate.ts';
import { openRedis, redisServer, storeSection, type TestRedis } from '../support/redis.ts';

const server = redisServer();
const soon = { timeout: 15_000, interval: 20 };
const alias = 'live';
const swaps = 15;

describe.skipIf(!server)('an alias that leads elsewhere, behind three gateways', () => {
  let redis: TestRedis;
  let database: TestDatabase;
  let gate: Gate;
  let gateways: readonly TestGateway[] = [];
  let sessions: readonly ClientHttp2Session[] = [];
  const keys: Record<string, string> = {};

  beforeAll(async () => {
    redis = await openRedis(server ?? '');
    database = await openDemo();
    gate = await openGate(database.http);
    const visit = await visitStore(storeSchema.parse(storeSection(redis)));
    await visit.begin();
    for (const role of ['admin', 'free', 'bound']) {
      const { key, entry } = mintKey({ name: role, roles: [role] }, Date.now());
      await sharedKeys(visit).add(entry);
      keys[role] = key;
    }
    visit.close();
    const options = {
      database: { ...database, http: gate.http },
      policies: {
        admin: 'allow: [{ collections: ["*"], access: m }]',
        free: `allow: [{ collections: [${alias}], access: rw }]`,
        bound: 'allow: [{ collections: [blue], access: rw }]',
      },
      keys: {},
      identity: { keys: { store: 'redis' } },
      store: storeSection(redis),
    };
    gateways = await Promise.all([1, 2, 3].map(() => startGateway(options)));
    sessions = gateways.map((gateway) =>
      connect(gateway.http(), { ca: readFileSync(gateway.certificates.ca) }),
    );
    for (const name of ['blue', 'green', 'third']) {
      const told = await ask(0, 'admin', 'PUT', `/collections/${name}`, {
        vectors: { size: 2, distance: 'Dot' },
      });
      expect(told.status).toBe(200);
    }
    expect((await pointAlias(0, 'blue')).status).toBe(200);
  });
  afterAll(async () => {
    for (const session of sessions) session.destroy();
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await gate.close();
    await redis.close();
    await database.close();
  });

  async function ask(at: number, key: string, method: string, path: string, body?: unknown) {
    const session = sessions[at];
    if (!session) throw new RangeError(`there is no gateway ${at}`);
    const fields = {
      ':method': method,
      ':path': path,
      'api-key': keys[key],
      'content-type': 'application/json',
    };
    const told = await callOn(session, fields, Buffer.from(body ? JSON.stringify(body) : ''));
    return { status: Number(told.headers[':status']), body: told.body.toString() };
  }

  const pointAlias = (at: number, collection: string) =>
    ask(at, 'admin', 'POST', '/collections/aliases', {
      actions: [
        { delete_alias: { alias_name: alias } },
        { create_alias: { collection_name: collection, alias_name: alias } },
      ],
    });

  const write = (at: number, key: string, id: number) =>
    ask(at, key, 'PUT', `/collections/${alias}/points?wait=true`, {
      points: [{ id, vector: [1, 2], payload: {} }],
    });

  async function idsIn(collection: string): Promise<number[]> {
    const told = await ask(0, 'admin', 'POST', `/collections/${collection}/points/scroll`, {
      limit: 100_000,
    });
    const { result } = JSON.parse(told.body) as { result: { points: { id: number }[] } };
    return result.points.map(({ id }) => id);
  }

  it('takes every write that is acknowledged where it was judged to go, whichever gateway swaps', async () => {
    const stopped = { yes: false };
    const acknowledged: number[] = [];
    const byBound: number[] = [];
    const statuses = new Set<number>();
    let next = 0;
    const writer = async (at: number, key: string) => {
      while (!stopped.yes) {
        const id = ++next;
        const { status } = await write(at, key, id);
        statuses.add(status);
        if (status !== 200) continue;
        acknowledged.push(id);
        if (key === 'bound') byBound.push(id);
      }
    };
    const writing = [0, 1, 2].flatMap((at) => [writer(at, 'free'), writer(at, 'bound')]);
    for (let swap = 1; swap <= swaps; swap++) {
      const { status, body } = await pointAlias(swap % 3, swap % 2 === 1 ? 'green' : 'blue');
      expect({ status, body }).toMatchObject({ status: 200 });
    }
    stopped.yes = true;
    await Promise.all(writing);
    const green = new Set(await idsIn('green'));
    const lying = new Set([...green, ...(await idsIn('blue'))]);
    expect(lying).toEqual(new Set(acknowledged));
    expect(byBound.filter((id) => green.has(id))).toEqual([]);
    expect([...statuses].sort()).toEqual([200, 403]);
    expect(green.size).toBeGreaterThan(0);
    expect(byBound.length).toBeGreaterThan(0);
  });

  it('keeps requests that name it waiting at every gateway, and then means the new collection', async () => {
    await pointAlias(0, 'blue');
    const shut = gate.hold('/collections/aliases');
    const swap = pointAlias(0, 'green');
    const held = await shut;
    const order: string[] = [];
    const waiting = [1, 2].map(async (at) => {
      const { status } = await write(at, 'bound', 1_000_000 + at);
      order.push(`named at ${at}`);
      return status;
    });
    for (const at of [1, 2]) {
      const other = await ask(at, 'bound', 'POST', '/collections/elsewhere/points/count', {});
      order.push(`another at ${at}: ${other.status}`);
    }
    expect(order).toEqual(['another at 1: 403', 'another at 2: 403']);
    held.release();
    expect((await swap).status).toBe(200);
    expect(await Promise.all(waiting)).toEqual([403, 403]);
  });

  it('is refused to the second of two gateways that change names at once', async () => {
    const shut = gate.hold('/collections/aliases');
    const first = pointAlias(0, 'blue');
    const held = await shut;
    const second = await ask(1, 'admin', 'POST', '/collections/aliases', {
      actions: [{ create_alias: { collection_name: 'third', alias_name: 'other' } }],
    });
    expect([second.status, second.body]).toEqual([
      503,
      expect.stringContaining('The gateway is overloaded'),
    ]);
    held.release();
    expect((await first).status).toBe(200);
  });

  it('goes on without a gateway that has died, whatever it was doing', async () => {
    const dying = gateways[2];
    dying?.signal('SIGKILL');
    await dying?.ended;
    expect((await pointAlias(0, 'green')).status).toBe(200);
    expect((await write(1, 'free', 2_000_000)).status).toBe(200);
    expect(await idsIn('green')).toContain(2_000_000);
  });

  it('is not changed while nobody can be told, and everything else goes on', async () => {
    await redis.stop();
    expect((await pointAlias(0, 'blue')).status).toBe(503);
    expect((await write(0, 'free', 3_000_000)).status).toBe(200);
    expect((await write(1, 'free', 3_000_001)).status).toBe(200);
    await redis.start();
    await vi.waitFor(async () => expect((await pointAlias(1, 'blue')).status).toBe(200), soon);
  });
});

import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mintKey } from '../../src/identity/keys/mint.ts';
import { sharedKeys } from '../../src/identity/keys/store-keys.ts';
import { storeSection as storeSchema } from '../../src/store/config.ts';
import { visitStore } from '../../src/store/visit.ts';
import { naming, openGrpc, type RawCaller } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';
import { openRedis, redisServer, storeSection, type TestRedis } from '../support/redis.ts';

const server = redisServer();
const soon = { timeout: 15_000, interval: 20 };
const identities = 100;
const each = 100;
const allowed = 40;
/** What a gateway holds in advance, and all together may pass beyond the limit: none of a burst so small. */
const batch = Math.ceil(allowed / 16);

describe.skipIf(!server)('a limit that three gateways share', () => {
  let redis: TestRedis;
  let database: TestDatabase;
  let gateways: readonly TestGateway[] = [];
  let sessions: readonly ClientHttp2Session[] = [];
  let callers: readonly RawCaller[] = [];

  beforeAll(async () => {
    redis = await openRedis(server ?? '');
    database = await openDemo();
  });
  afterAll(async () => {
    for (const session of sessions) session.destroy();
    for (const caller of callers) caller.close();
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await redis.close();
    await database.close();
  });

  /** A rotated key goes on with the count of its name, so each has its own. */
  let made = 0;

  /** Makes keys in the store, as `vectorgate keys create` does. */
  async function makeKeys(role: string, count: number): Promise<string[]> {
    const visit = await visitStore(storeSchema.parse(storeSection(redis)));
    await visit.begin();
    const minted = Array.from({ length: count }, () =>
      mintKey({ name: `${role}-${made++}`, roles: [role] }, Date.now()),
    );
    for (const { entry } of minted) await sharedKeys(visit).add(entry);
    visit.close();
    return minted.map(({ key }) => key);
  }

  beforeAll(async () => {
    await makeKeys('begun', 1);
    const options = {
      database,
      policies: {
        begun: 'allow: [{ collections: ["*"], access: r }]',
        hourly: `allow: [{ collections: ["*"], access: r }]\nlimits: { requests: ${allowed}/h, burst: ${allowed} }`,
        lavish:
          'allow: [{ collections: ["*"], access: r }]\nlimits: { requests: 36000/h, burst: 36000 }',
      },
      keys: {},
      identity: { keys: { store: 'redis' } },
      store: storeSection(redis),
    };
    gateways = await Promise.all([1, 2, 3].map(() => startGateway(options)));
    sessions = gateways.map((gateway) =>
      connect(gateway.http(), { ca: readFileSync(gateway.certificates.ca) }),
    );
    callers = gateways.map((gateway) => openGrpc(gateway));
  });

  /** Whether a request passed, over one of the wires in turn. */
  async function ask(key: string, turn: number): Promise<boolean> {
    const at = turn % gateways.length;
    if (turn % 2 === 0) {
      const { status } =
        (await callers[at]?.call('/qdrant.Collections/List', naming(''), key)) ?? {};
      if (status !== 0 && status !== 8) throw new Error(`status ${status}`);
      return status === 0;
    }
    return new Promise((resolve, reject) => {
      const stream = sessions[at]?.request({ ':path': '/collections', 'api-key': key });
      stream?.on('error', reject).resume();
      stream?.on('response', (fields) => {
        const status = fields[':status'];
        if (status === 200 || status === 429) resolve(status === 200);
        else reject(new Error(`status ${status}`));
      });
    });
  }

  /** All requests of some keys, a few at a time of each; gives how many of each passed. */
  async function askAll(keys: readonly string[], from: number, to: number): Promise<number[]> {
    const passed = keys.map(() => 0);
    for (let turn = from; turn < to; turn += 2) {
      const asked = keys.flatMap((key, index) =>
        [0, 1].map(async (step) => {
          if (await ask(key, turn + step + index)) passed[index] = (passed[index] ?? 0) + 1;
        }),
      );
      await Promise.all(asked);
    }
    return passed;
  }

  const known = (keys: readonly string[]) =>
    vi.waitFor(async () => {
      for (let at = 0; at < 6; at++) await ask(keys.at(-1) ?? '', at);
    }, soon);

  it('passes what it is of 10,000 requests by 100 callers on both protocols, and not one more', async () => {
    const keys = await makeKeys('hourly', identities);
    const probe = await makeKeys('hourly', 1);
    await known(probe);
    const passed = await askAll(keys, 0, each);
    const total = passed.reduce((sum, one) => sum + one, 0);
    expect(Math.max(...passed)).toBeLessThanOrEqual(allowed);
    expect(Math.abs(total - identities * allowed)).toBeLessThanOrEqual(identities * allowed * 0.01);
  });

  it('asks the store for no request of those who are under half of it', async () => {
    const keys = await makeKeys('lavish', 1);
    await known(keys);
    const before = await redis.scripts();
    const passed = await askAll(keys, 0, 2000);
    const asked = (await redis.scripts()) - before;
    expect(passed).toEqual([2000]);
    expect(asked).toBeLessThan(200);
  });

  it('is held to by gateways that somebody else tells what none of them says', async () => {
    const [key = ''] = await makeKeys('hourly', 1);
    await known([key]);
    for (const word of ['', 'x', 'null', '{"from":1}', '{"from":"x","left":[["key"]]}']) {
      for (const topic of ['scarce', 'names']) {
        const text = JSON.stringify(`${topic}/main ${word}`);
        expect(await redis.command(`PUBLISH vectorgate:events ${text}`)).toContain(':3');
      }
    }
    for (const gateway of gateways) {
      const { body } = await gateway.admin('/status');
      expect((body as { store: { state: string } }).store.state).toBe('up');
    }
    expect(await ask(key, 0)).toBe(true);
  });

  it('holds while the store is lost, and is not forgotten when it is back', async () => {
    const keys = await makeKeys('hourly', 20);
    await known(await makeKeys('hourly', 1));
    const first = await askAll(keys, 0, 20);
    await redis.stop();
    const meanwhile = await askAll(keys, 20, 60);
    await redis.start();
    await vi.waitFor(async () => {
      for (const gateway of gateways) {
        const { body } = await gateway.admin('/status');
        expect((body as { store: { state: string } }).store.state).toBe('up');
      }
    }, soon);
    const after = await askAll(keys, 60, 100);
    for (const [at] of keys.entries()) {
      const sum = (first[at] ?? 0) + (meanwhile[at] ?? 0) + (after[at] ?? 0);
      expect(sum).toBeLessThanOrEqual(allowed + batch);
      expect(first[at]).toBeGreaterThanOrEqual(20 - 6);
    }
  });
});

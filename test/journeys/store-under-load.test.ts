import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mintKey } from '../../src/identity/keys/mint.ts';
import { sharedKeys } from '../../src/identity/keys/store-keys.ts';
import { storeSection as storeSchema } from '../../src/store/config.ts';
import { openStore } from '../../src/store/store.ts';
import { visitStore } from '../../src/store/visit.ts';
import { naming, openGrpc, type RawCaller } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';
import { openRedis, redisServer, storeSection, type TestRedis } from '../support/redis.ts';

const server = redisServer();
const soon = { timeout: 30_000, interval: 20 };
const allowed = 48;
/** What all gateways together may pass beyond a limit: a sixteenth of its burst. */
const batch = allowed / 16;
/** Callers of one cohort: each its own limit. */
const size = 6;
/** How often a caller asks, in milliseconds: the pace of the load, which nothing waits for. */
const pace = 10;

interface Made {
  readonly id: string;
  readonly key: string;
}

/** One caller under load: what it was told, at each gateway by both wires in turn. */
interface Caller extends Made {
  passed: number;
  refused: number;
  readonly answered: number[];
}

/** Callers that ask at these gateways all the time. */
interface Load {
  readonly callers: readonly Caller[];
  readonly at: readonly number[];
  stop(): Promise<void>;
}

describe.skipIf(!server)('three gateways under load', { timeout: 120_000 }, () => {
  let redis: TestRedis;
  let database: TestDatabase;
  let gateways: readonly TestGateway[] = [];
  let sessions: readonly ClientHttp2Session[] = [];
  let callers: readonly RawCaller[] = [];
  let loads: Load[] = [];
  const everybody: Caller[] = [];
  let [reader, gone, leaked]: Made[] = [];
  let began = 0;

  beforeAll(async () => {
    redis = await openRedis(server ?? '');
    database = await openDemo();
    [reader, gone, leaked] = await makeKeys('reader', 'reader', 'reader');
    const visit = await visitStore(storeSchema.parse(storeSection(redis)));
    await sharedKeys(visit).revoke(gone?.id ?? '', Date.now());
    visit.close();
    const options = {
      database,
      policies: {
        reader: 'allow: [{ collections: ["*"], access: r }]',
        hourly: `allow: [{ collections: ["*"], access: r }]\nlimits: { requests: ${allowed}/h }`,
      },
      keys: {},
      identity: { keys: { store: 'redis' } },
      store: storeSection(redis, { staleFor: '5s', unavailable: { read: 'forward' } }),
    };
    began = performance.now();
    gateways = await Promise.all([1, 2, 3].map(() => startGateway(options)));
    sessions = gateways.map((gateway) =>
      connect(gateway.http(), { ca: readFileSync(gateway.certificates.ca) }),
    );
    callers = gateways.map((gateway) => openGrpc(gateway));
  });
  afterAll(async () => {
    await endLoads();
    for (const session of sessions) session.destroy();
    for (const caller of callers) caller.close();
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await redis.close();
    await database.close();
  });

  let made = 0;

  /** Makes a key of each role in the store, as `vectorgate keys create` does. */
  async function makeKeys(...roles: string[]): Promise<Made[]> {
    const visit = await visitStore(storeSchema.parse(storeSection(redis)));
    await visit.begin();
    const minted = roles.map((role) =>
      mintKey({ name: `${role}-${made++}`, roles: [role] }, Date.now()),
    );
    for (const { entry } of minted) await sharedKeys(visit).add(entry);
    visit.close();
    return minted.map(({ entry, key }) => ({ id: entry.id, key }));
  }

  /** What a key is told at one gateway over HTTP. */
  const told = (at: number, key = '', path = '/collections', method = 'GET'): Promise<number> =>
    new Promise((resolve, reject) => {
      const fields = { ':path': path, ':method': method, 'api-key': key };
      const stream = sessions[at]?.request(fields);
      stream?.on('error', reject).resume();
      stream?.on('response', (answer) => resolve(Number(answer[':status'])));
    });

  const heard = (key = '', path?: string, method?: string) =>
    Promise.all(gateways.map((_, at) => told(at, key, path, method)));

  /** Whether a request passed, over one of the wires. Rejects where it was told anything but that
   * it passed or is over its limit. */
  async function passes(at: number, key: string, grpc: boolean): Promise<boolean> {
    const status = grpc
      ? (await callers[at]?.call('/qdrant.Collections/List', naming(''), key))?.status
      : await told(at, key);
    const [yes, no] = grpc ? [0, 8] : [200, 429];
    if (status === yes || status === no) return status === yes;
    throw new Error(`${grpc ? 'gRPC' : 'HTTP'} status ${status}`);
  }

  /** New callers, once every gateway knows them: that takes none of their limits. */
  async function newCallers(): Promise<Caller[]> {
    const minted = await makeKeys(...Array.from({ length: size }, () => 'hourly'), 'reader');
    const last = minted.pop();
    await vi.waitFor(async () => expect(await heard(last?.key)).toEqual([200, 200, 200]), soon);
    const made = minted.map((each) => ({ ...each, passed: 0, refused: 0, answered: [0, 0, 0] }));
    everybody.push(...made);
    return made;
  }

  /** Puts callers under steady load, at some gateways. Whoever hangs asks no more, and is noticed. */
  function load(cohort: readonly Caller[], at: readonly number[] = [0, 1, 2]): void {
    let going = true;
    const failures: unknown[] = [];
    const one = async (caller: Caller, offset: number) => {
      for (let turn = offset; going; turn++) {
        const place = at[turn % at.length] ?? 0;
        if (await passes(place, caller.key, turn % 2 === 0)) caller.passed++;
        else caller.refused++;
        caller.answered[place] = (caller.answered[place] ?? 0) + 1;
        await pause(pace);
      }
    };
    const ends = cohort.map((caller, index) =>
      one(caller, index).catch((error: unknown) => void failures.push(error)),
    );
    loads.push({
      callers: cohort,
      at,
      stop: async () => {
        going = false;
        await Promise.all(ends);
        expect(failures).toEqual([]);
      },
    });
  }

  async function endLoads(): Promise<void> {
    const all = loads;
    loads = [];
    for (const { stop } of all) await stop();
  }

  /** Waits until each caller under load was answered so many times more at each gateway it asks. */
  async function answered(times: number): Promise<void> {
    const before = loads.map(({ callers }) => callers.map((caller) => [...caller.answered]));
    await vi.waitFor(() => {
      for (const [which, { callers, at }] of loads.entries()) {
        for (const [index, { answered }] of callers.entries()) {
          const more = at.map((place) => {
            return (answered[place] ?? 0) - (before[which]?.[index]?.[place] ?? 0);
          });
          expect(Math.min(...more)).toBeGreaterThanOrEqual(times);
        }
      }
    }, soon);
  }

  const stores = () =>
    Promise.all(
      gateways.map(async (gateway) => {
        const { body } = await gateway.admin('/status');
        return (body as { store: { state: string; serving: boolean; gateways: number } }).store;
      }),
    );

  const everywhere = (state: string) =>
    vi.waitFor(async () => {
      expect((await stores()).map((store) => store.state)).toEqual([state, state, state]);
    }, soon);

  /** Nobody had more than the limit gives in all this time, and one batch. */
  function noneHadMore(): void {
    const back = Math.ceil(((performance.now() - began) * allowed) / 3_600_000);
    for (const { passed } of everybody) expect(passed).toBeLessThanOrEqual(allowed + back + batch);
  }

  const halfSpent = (cohort: readonly Caller[]) =>
    vi.waitFor(() => {
      for (const { passed } of cohort) expect(passed).toBeGreaterThanOrEqual(allowed / 3);
    }, soon);

  const spent = (cohort: readonly Caller[]) =>
    vi.waitFor(() => {
      for (const { refused } of cohort) expect(refused).toBeGreaterThanOrEqual(6);
    }, soon);

  it('know one that starts as soon as it is there, and not with their next look', async () => {
    const never = {
      unref: () => never,
      [Symbol.toPrimitive]: () => 0,
    } as unknown as NodeJS.Timeout;
    const ticking = vi.spyOn(globalThis, 'setInterval').mockReturnValue(never);
    const config = storeSchema.parse(storeSection(redis));
    const now = () => performance.now();
    const open = () => openStore({ config, begin: false, noticed: () => undefined, now });
    const [first, second] = [await open(), await open()];
    ticking.mockRestore();
    try {
      await vi.waitFor(() => expect(first.gateways).toContain(second.id), soon);
      expect(second.gateways).toContain(first.id);
    } finally {
      await first.close();
      await second.close();
    }
  });

  it('pass what the limits are, within 1 %, while the store lives', async () => {
    await vi.waitFor(async () => {
      expect((await stores()).map((store) => store.gateways)).toEqual([3, 3, 3]);
    }, soon);
    const cohort = await newCallers();
    load(cohort);
    await spent(cohort);
    const total = cohort.reduce((sum, { passed }) => sum + passed, 0);
    expect(total).toBeGreaterThanOrEqual(size * allowed * 0.99);
    expect(total).toBeLessThanOrEqual(size * allowed * 1.01 + size);
    noneHadMore();
  });

  it('serve on while it is stopped, refuse by class when that lasts, and forget nothing', async () => {
    const [cohort, elsewhere] = [await newCallers(), await newCallers()];
    load(elsewhere, [0]);
    await spent(elsewhere);
    await endLoads();
    load(cohort);
    await halfSpent(cohort);
    await redis.stop();
    // Those who had everything through one gateway come to those that saw nothing of it.
    load(elsewhere, [1, 2]);
    load(everybody.filter((caller) => !cohort.includes(caller) && !elsewhere.includes(caller)));
    await answered(5);
    await everywhere('lost');
    await answered(5);
    expect(await heard(reader?.key)).toEqual([200, 200, 200]);
    expect(await heard(gone?.key)).toEqual([401, 401, 401]);
    expect(await heard(reader?.key, '/collections/new', 'DELETE')).toEqual([403, 403, 403]);
    const revoked = await gateways[0]?.admin(`/keys/${leaked?.id}/revoke`, 'POST');
    expect(revoked?.status).toBe(202);
    expect(await heard(leaked?.key)).toEqual([401, 200, 200]);
    await vi.waitFor(async () => {
      expect((await stores()).map(({ serving }) => serving)).toEqual([false, false, false]);
    }, soon);
    expect(await heard(reader?.key)).toEqual([200, 200, 200]);
    expect(await heard(reader?.key, '/collections/new', 'DELETE')).toEqual([503, 503, 503]);
    await answered(5);
    await redis.start();
    await everywhere('up');
    await vi.waitFor(async () => expect(await heard(leaked?.key)).toEqual([401, 401, 401]), soon);
    expect(await heard(gone?.key)).toEqual([401, 401, 401]);
    expect(await heard(reader?.key, '/collections/new', 'DELETE')).toEqual([403, 403, 403]);
    await answered(10);
    await endLoads();
    noneHadMore();
  });

  it('answer while it is frozen, and pass no more than the limits when it thaws', async () => {
    const cohort = await newCallers();
    load(cohort);
    await halfSpent(cohort);
    redis.freeze();
    await answered(2);
    await everywhere('lost');
    await answered(5);
    redis.thaw();
    await everywhere('up');
    await answered(10);
    await endLoads();
    noneHadMore();
  });

  it('go on when it starts anew, and take it for lost when it comes back without its data', async () => {
    const cohort = await newCallers();
    load(cohort);
    await halfSpent(cohort);
    await redis.stop();
    await redis.start();
    await answered(5);
    await everywhere('up');
    await redis.startEmpty();
    await everywhere('emptied');
    load(everybody.filter((caller) => !cohort.includes(caller)));
    await answered(5);
    expect(await heard(reader?.key)).toEqual([200, 200, 200]);
    for (const { key } of [gone, leaked] as Made[])
      expect(await heard(key)).toEqual([401, 401, 401]);
    await redis.startRestored();
    await everywhere('up');
    for (const { key } of [gone, leaked] as Made[])
      expect(await heard(key)).toEqual([401, 401, 401]);
    await answered(10);
    await endLoads();
    noneHadMore();
  });

  it('take it for lost when it is emptied, and a revocation holds where it was made', async () => {
    const [cohort, [brief]] = [await newCallers(), await makeKeys('reader')];
    await vi.waitFor(async () => expect(await heard(brief?.key)).toEqual([200, 200, 200]), soon);
    load(cohort);
    await halfSpent(cohort);
    await redis.command('FLUSHALL');
    await everywhere('emptied');
    load(everybody.filter((caller) => !cohort.includes(caller)));
    await answered(5);
    expect((await gateways[1]?.admin(`/keys/${brief?.id}/revoke`, 'POST'))?.status).toBe(202);
    expect(await heard(brief?.key)).toEqual([200, 401, 200]);
    for (const { key } of [gone, leaked] as Made[])
      expect(await heard(key)).toEqual([401, 401, 401]);
    await endLoads();
    noneHadMore();
  });

  it('tell of each loss and each return in the audit log', () => {
    for (const gateway of gateways) {
      const events = gateway.audit().map(({ event }) => String(event));
      const told = events.filter((event) => event.startsWith('store.'));
      expect(told.filter((event) => event === 'store.emptied')).toHaveLength(2);
      expect(told.filter((event) => event === 'store.lost').length).toBeGreaterThanOrEqual(2);
      expect(told.filter((event) => event === 'store.found').length).toBeGreaterThanOrEqual(3);
    }
  });
});

import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mintKey } from '../../src/identity/keys/mint.ts';
import { sharedKeys } from '../../src/identity/keys/store-keys.ts';
import { storeSection as storeSchema } from '../../src/store/config.ts';
import { visitStore } from '../../src/store/visit.ts';
import { type Call, type Client, clientKinds, startClient, Thrown } from '../support/clients.ts';
import { openRest } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';
import type { Behind } from '../support/gateway-folder.ts';
import { openMilvusDouble } from '../support/milvus/double.ts';
import { emptyDatabase, newCollection } from '../support/milvus/store.ts';
import { openRedis, redisServer, storeSection, type TestRedis } from '../support/redis.ts';

const server = redisServer();
const soon = { timeout: 15_000, interval: 20 };
const size = 1000;
const share = 200;
const page = 15;
const policies = {
  admin: 'allow: [{ collections: ["*"], access: m }]',
  swept:
    'allow: [{ collections: ["*"], access: r }]\nlimits: { sweep: { share: 20%/d, exceed: stop } }',
};

/** Three gateways that share a store. */
async function openThree(redis: TestRedis, database: Behind): Promise<readonly TestGateway[]> {
  const visit = await visitStore(storeSchema.parse(storeSection(redis)));
  await visit.begin();
  visit.close();
  const identity = { keys: { store: 'redis' } };
  const options = { database, policies, keys: {}, identity, store: storeSection(redis) };
  return Promise.all([1, 2, 3].map(() => startGateway(options)));
}

async function keyIn(redis: TestRedis, role: string, name: string): Promise<string> {
  const visit = await visitStore(storeSchema.parse(storeSection(redis)));
  const { entry, key } = mintKey({ name, roles: [role] }, Date.now());
  await sharedKeys(visit).add(entry);
  visit.close();
  return key;
}

describe.skipIf(!server)('a sweep through three gateways', () => {
  let redis: TestRedis;
  let database: TestDatabase;
  let gateways: readonly TestGateway[] = [];
  let clients: readonly Client[] = [];

  beforeAll(async () => {
    redis = await openRedis(server ?? '');
    database = await openDemo();
    gateways = await openThree(redis, database);
    // Both protocols at each gateway.
    const kinds = clientKinds.filter(({ name }) => name.startsWith('js'));
    clients = gateways.flatMap((gateway) => kinds.map((kind) => startClient(kind, gateway)));
    const admin = await keyIn(redis, 'admin', 'admin');
    const [first] = clients;
    const call = first?.as(admin) as Call;
    await vi.waitFor(() => call('create', { collection: 'swept', size: 4 }), soon);
    await call('upsert', { collection: 'swept', first: 0, count: size, size: 4 });
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await database.close();
    await redis.close();
  });

  const orders: readonly [string, (at: number) => number][] = [
    ['by turns', (at) => at % 6],
    ['one after the other', (at) => Math.min(5, Math.floor(at / 6))],
    ['most through one, the rest through those that saw nothing', (at) => (at < 12 ? 1 : at % 6)],
    ['in no order', (at) => (at * at * 7 + at * 3) % 6],
  ];

  it.each(orders)('stops within one page of its share, %s', async (name, order) => {
    const key = await keyIn(redis, 'swept', name);
    let [seen, stopped] = [0, 0];
    let offset: number | null = 0;
    for (const client of clients) {
      await vi.waitFor(() => client.as(key)('count', { collection: 'swept' }), soon);
    }
    for (let at = 0; at < 36; at++) {
      try {
        const told: { ids: number[]; next: number | null } = await (
          clients[order(at)] as Client
        ).as(key)('scroll', { collection: 'swept', limit: page, offset });
        seen += told.ids.length;
        offset = told.next;
      } catch (error) {
        if (!(error instanceof Thrown)) throw error;
        stopped++;
      }
    }
    expect(seen).toBeGreaterThanOrEqual(share);
    expect(seen).toBeLessThanOrEqual(share + page);
    expect(stopped).toBe(36 - seen / page);
  });
});

describe.skipIf(!server)('pages of a Milvus through three gateways', () => {
  let redis: TestRedis;
  let gateways: readonly TestGateway[] = [];
  const double = openMilvusDouble();
  const clients: MilvusClient[] = [];

  beforeAll(async () => {
    redis = await openRedis(server ?? '');
    const { store } = await double;
    const held = store.get('default') ?? emptyDatabase();
    const fields = [
      { fieldID: '100', name: 'id', data_type: 5, is_primary_key: true },
      { fieldID: '101', name: 'city', data_type: 21 },
    ];
    const collection = newCollection({ name: 'swept', fields });
    for (let id = 0; id < size; id++) {
      collection.rows.set(
        String(id),
        new Map<string, unknown>([
          ['id', String(id)],
          ['city', 'Oslo'],
        ]),
      );
    }
    collection.loaded = true;
    held.collections.set('swept', collection);
    store.set('default', held);
    gateways = await openThree(redis, await double);
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.closeConnection()));
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await (await double).close();
    await redis.close();
  });

  it('stops within one page of its share', async () => {
    const token = await keyIn(redis, 'swept', 'milvus');
    for (const gateway of gateways) {
      const tls = { rootCertPath: gateway.certificates.ca };
      const address = gateway.grpc().replace('https://', '');
      const client = new MilvusClient({
        ...{ address, ssl: true, token, tls, logLevel: 'error', maxRetries: 0 },
      });
      client.connectPromise.catch(() => undefined);
      clients.push(client);
    }
    let [seen, stopped] = [0, 0];
    for (let at = 0; at < 30; at++) {
      const ids = Array.from({ length: page }, (_, next) => at * page + next);
      const asked = { collection_name: 'swept', filter: `id in [${ids}]`, output_fields: ['city'] };
      const told = await (clients[at % 3] as MilvusClient)
        .query(asked)
        .catch((error: unknown) => ({ error, data: [], status: { code: 8 } }));
      if (told.status.code === 0) seen += told.data.length;
      else stopped++;
    }
    expect(seen).toBeGreaterThanOrEqual(share);
    expect(seen).toBeLessThanOrEqual(share + page);
    expect(stopped).toBe(30 - seen / page);
    const rest = openRest(gateways[0] as TestGateway);
    const headers = { authorization: `Bearer ${token}` };
    const body = JSON.stringify({ collectionName: 'swept', filter: 'id in [1]' });
    const path = '/v2/vectordb/entities/query';
    const told = await rest.ask({ method: 'POST', path, headers, body });
    expect(JSON.parse(told.body.toString())).toMatchObject({ code: 1807 });
    rest.close();
  });
});

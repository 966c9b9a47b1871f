import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGrpc, openRest, type RawCaller, type RawClient } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { runCli } from '../support/gateway-cli.ts';
import { openDemo } from '../support/gateway-database.ts';
import type { Behind } from '../support/gateway-folder.ts';
import { layWire, type Wire } from '../support/gateway-wire.ts';
import { openMilvusDouble } from '../support/milvus/double.ts';
import { encode } from '../support/milvus/messages.ts';
import { newCollection } from '../support/milvus/store.ts';

/** Linux can take from a running process what files it may write. */
const canLimit = spawnSync('prlimit', ['--version']).status === 0;
if (!canLimit) console.log('audit: without prlimit no disk can be full here, skipped');

const soon = { timeout: 15_000, interval: 20 };

/** A change of the collection `kept`, on each protocol, and what it answers where all is well. */
interface Product {
  open(): Promise<Behind & { close(): Promise<void> }>;
  prepare(rest: RawClient, key: string): Promise<unknown>;
  overRest(rest: RawClient, key: string): Promise<{ readonly status: number }>;
  overGrpc(grpc: RawCaller, key: string): Promise<{ readonly status: number }>;
}

const qdrant: Product = {
  open: openDemo,
  prepare: (rest, key) => {
    const body = JSON.stringify({ vectors: { size: 2, distance: 'Dot' } });
    return rest.ask({ method: 'PUT', path: '/collections/kept', key, body });
  },
  overRest: (rest, key) => {
    const body = JSON.stringify({ points: [{ id: 1, vector: [1, 2] }] });
    return rest.ask({ method: 'PUT', path: '/collections/kept/points', key, body });
  },
  // `collection_name` 1, and points 3 that are selected by no ids.
  overGrpc: (grpc, key) => {
    const message = Buffer.from('\x0a\x04kept\x1a\x02\x0a\x00', 'latin1');
    return grpc.call('/qdrant.Points/Delete', message, key);
  },
};

const milvus: Product = {
  open: async () => {
    const double = await openMilvusDouble();
    const fields = [{ name: 'id', fieldID: '100', data_type: 5, is_primary_key: true }];
    double.store.get('default')?.collections.set('kept', newCollection({ name: 'kept', fields }));
    return double;
  },
  prepare: (rest, key) => milvus.overRest(rest, key),
  overRest: (rest, key) => {
    const body = JSON.stringify({ collectionName: 'kept', filter: 'id in [1]' });
    return rest.ask({ method: 'POST', path: '/v2/vectordb/entities/delete', key, body });
  },
  overGrpc: (grpc, key) => {
    const message = encode('milvus.proto.milvus.ReleaseCollectionRequest', {
      collection_name: 'kept',
    });
    return grpc.call('/milvus.proto.milvus.MilvusService/ReleaseCollection', message, key);
  },
};

describe.skipIf(!canLimit).each([
  ['Qdrant', qdrant],
  ['Milvus', milvus],
] as const)('a change of a %s whose outcome cannot be recorded', (_, product) => {
  let database: Awaited<ReturnType<Product['open']>>;
  let wires: Wire[];
  let gateway: TestGateway;
  let rest: RawClient;
  let grpc: RawCaller;
  let key: string;

  beforeAll(async () => {
    database = await product.open();
    const over = database.http ? await layWire(database.http) : null;
    const called = await layWire(database.grpc);
    wires = over ? [over, called] : [called];
    gateway = await startGateway({
      database: { ...database, ...(over ? { http: over.url } : {}), grpc: called.url },
      policies: { admin: 'allow: [{ collections: ["*"], access: m }]' },
      keys: { admin: { roles: ['admin'] } },
    });
    key = gateway.keys['admin'] ?? '';
    rest = openRest(gateway);
    grpc = openGrpc(gateway);
    await product.prepare(rest, key);
  });
  afterAll(async () => {
    rest?.close();
    grpc?.close();
    await gateway?.stop();
    await Promise.all((wires ?? []).map((wire) => wire.close()));
    await database?.close();
  });

  const limitTo = (bytes: string) => {
    const { status } = spawnSync('prlimit', [
      '--pid',
      `${gateway.pid}`,
      `--fsize=${bytes}:unlimited`,
    ]);
    expect(status).toBe(0);
  };
  const intents = () => gateway.audit().filter(({ kind }) => kind === 'intent');
  /** How long the segment is that is written now. */
  const written = () => {
    const numbers = readdirSync(gateway.auditDirectory).map((name) =>
      Number(/^w1-(\d+)\.jsonl$/.exec(name)?.[1] ?? 0),
    );
    return statSync(join(gateway.auditDirectory, `w1-${Math.max(...numbers)}.jsonl`)).size;
  };
  const readyz = async () => (await gateway.health('/readyz')).status;

  it.each([
    ['REST', () => product.overRest(rest, key), 200],
    ['gRPC', () => product.overGrpc(grpc, key), 0],
  ] as const)('is not answered over %s as if it had been', async (_, change, good) => {
    expect((await change()).status).toBe(good);
    for (const wire of wires) wire.pinch();
    const before = intents().length;
    const answered = change().then(
      ({ status }) => status,
      () => 'reset',
    );
    await expect.poll(() => intents().length, soon).toBe(before + 1);
    limitTo(`${written() + 10}`);
    for (const wire of wires) wire.release();
    expect(await answered).not.toBe(good);
    limitTo('unlimited');
    await expect.poll(readyz, soon).toBe(200);
    const { request } = intents().at(-1) ?? {};
    await expect
      .poll(
        () =>
          gateway
            .audit()
            .filter((record) => record.request === request)
            .at(-1),
        soon,
      )
      .toMatchObject({ kind: 'outcome' });
    const verified = await runCli('audit', 'verify', gateway.auditDirectory);
    expect(verified.code).toBe(0);
  });
});

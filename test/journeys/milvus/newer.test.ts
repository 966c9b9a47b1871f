import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { type MilvusDouble, openMilvusDouble } from '../../support/milvus/double.ts';
import { newCollection } from '../../support/milvus/store.ts';

let double: MilvusDouble;
let gateway: TestGateway;
const clients: MilvusClient[] = [];

const policies = {
  rw: 'allow: [{ collections: [books], access: rw }]',
  export: 'allow: [{ collections: [books], access: [list, read, export] }]',
  owner:
    'allow: [{ collections: [books, shelf, "books_*"], access: [list, read, write, export, admin] }]',
  swept:
    'allow: [{ collections: [books], access: [list, read, export, admin], limits: { sweep: { share: 20%/d, exceed: stop } } }, { collections: ["books_*"], access: [admin] }]',
  shown:
    'allow: [{ collections: [books], access: [list, read, export, admin], limits: { vectors: deny } }, { collections: ["books_*"], access: [admin] }]',
};
const fields = [
  { name: 'id', fieldID: '100', data_type: 5, is_primary_key: true },
  { name: 'vector', fieldID: '101', data_type: 101, type_params: [{ key: 'dim', value: '2' }] },
  {
    ...{ name: 'city', fieldID: '102', data_type: 21, nullable: true },
    type_params: [{ key: 'max_length', value: '9' }],
  },
];

beforeAll(async () => {
  double = await openMilvusDouble();
  const { collections, aliases } = double.store.get('default') ?? {};
  for (const name of ['books', 'secret']) collections?.set(name, newCollection({ name, fields }));
  aliases?.set('shelf', 'books');
  const keys = Object.fromEntries(Object.keys(policies).map((role) => [role, { roles: [role] }]));
  gateway = await startGateway({ database: double, policies, keys });
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.closeConnection()));
  await gateway?.stop();
  await double?.close();
});

async function as(role: string): Promise<MilvusClient> {
  const address = gateway.grpc().replace('https://', '');
  const tls = { rootCertPath: gateway.certificates.ca };
  const token = gateway.keys[role] ?? '';
  const client = new MilvusClient({ address, token, ssl: true, tls, logLevel: 'error' });
  clients.push(client);
  await client.connectPromise;
  return client;
}

const books = { collection_name: 'books' };
const taken = { ...books, snapshot_name: 'monday' };
const into = (target_collection_name: string, source_collection_name = 'books') => {
  return { snapshot_name: 'monday', source_collection_name, target_collection_name };
};
const done = expect.objectContaining({ code: 0 });
const denied = expect.objectContaining({ code: 7 });
const succeeded = { status: done };
const touches = async (act: () => Promise<unknown>) => {
  double.touched.length = 0;
  await act();
  return double.touched;
};

describe('a partial upsert', () => {
  it('changes what it names of a row, and keeps the rest', async () => {
    const client = await as('rw');
    const row = { id: 1, vector: [1, 2], city: 'Oslo' };
    await client.insert({ ...books, data: [row] });
    const changed = { ...books, partial_update: true, data: [{ id: 1, city: 'Rome' }] };
    expect(await client.upsert(changed)).toMatchObject({ upsert_cnt: '1' });
    const { data } = await client.query({ ...books, filter: '', output_fields: ['*'] });
    expect(data).toMatchObject([{ id: '1', vector: [1, 2], city: 'Rome' }]);
  });

  it('is a write: nobody does it who may only read', async () => {
    const client = await as('export');
    const changed = { ...books, partial_update: true, data: [{ id: 1, city: 'Bern' }] };
    await expect(client.upsert(changed)).rejects.toEqual(denied);
  });
});

describe('snapshots', () => {
  it('are taken, listed, described and dropped by whoever may export, by an alias too', async () => {
    const client = await as('export');
    expect(await client.createSnapshot({ ...taken, description: 'x' })).toEqual(done);
    expect(await client.listSnapshots(books)).toMatchObject({ snapshots: ['monday'] });
    expect(await client.describeSnapshot(taken)).toMatchObject({ description: 'x' });
    expect(await client.dropSnapshot(taken)).toEqual(done);
    const owner = await as('owner');
    const aliased = { ...taken, collection_name: 'shelf' };
    expect(await touches(() => owner.createSnapshot(aliased))).toEqual(['read default/books']);
  });

  it('are not taken by whoever may only read and write, nor of another collection', async () => {
    const [writer, exporter] = [await as('rw'), await as('export')];
    const foreign = { ...taken, collection_name: 'secret' };
    const nothing = await touches(async () => {
      for (const act of [
        () => writer.createSnapshot(taken),
        () => writer.listSnapshots(books),
        () => exporter.createSnapshot(foreign),
        () => exporter.describeSnapshot(foreign),
        () => exporter.restoreSnapshot(into('books_monday')),
      ]) {
        await expect(act()).rejects.toEqual(denied);
      }
    });
    expect(nothing).toEqual([]);
  });

  it('are restored into a collection that is its caller’s as well, and nowhere else', async () => {
    const owner = await as('owner');
    const restored = () => owner.restoreSnapshot(into('books_monday'));
    expect(await touches(restored)).toEqual(['read default/books', 'write default/books_monday']);
    const kept = double.store.get('default')?.collections.get('books_monday')?.rows;
    expect(kept?.get('1')?.get('city')).toBe('Rome');
    const elsewhere = { ...into('books_monday'), target_db_name: 'acme' };
    const nothing = await touches(async () => {
      for (const asked of [into('secret'), into('books_2', 'secret'), elsewhere]) {
        await expect(owner.restoreSnapshot(asked)).rejects.toEqual(denied);
      }
    });
    expect(nothing).toEqual([]);
    expect(await owner.describeCollection({ collection_name: 'books_monday' })).toMatchObject(
      succeeded,
    );
  });

  it.each(['swept', 'shown'])(
    'are not restored where that would carry data past limits: %s',
    async (role) => {
      const caller = await as(role);
      const nothing = await touches(async () => {
        await expect(caller.restoreSnapshot(into('books_tuesday'))).rejects.toMatchObject({
          ...{ code: 7, details: expect.stringContaining('where answers are limited') },
        });
      });
      expect(nothing).toEqual([]);
    },
  );
});

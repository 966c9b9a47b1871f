import { DataType, MilvusClient } from '@zilliz/milvus2-sdk-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../../../support/gateway.ts';
import type { Behind } from '../../../support/gateway-folder.ts';

/** A Milvus that a story is told before. */
export interface TestMilvus extends Behind {
  close(): Promise<void>;
}

const admin = [
  'allow:',
  '  - { databases: ["*"], collections: ["*"], access: [list, read, write, schema, manage] }',
  '  - { databases: ["*"], access: [list, manage, admin] }',
].join('\n');
const policies = {
  admin,
  rw: 'allow:\n  - { collections: [products], access: rw }',
  r: 'allow:\n  - { collections: [products], access: r }',
  other: 'allow:\n  - { databases: [acme], collections: ["*"], access: m }',
};
const rows = 10_000;
const dimension = 8;
const fields = [
  { name: 'id', data_type: DataType.Int64, is_primary_key: true },
  { name: 'vector', data_type: DataType.FloatVector, dim: dimension },
  { name: 'city', data_type: DataType.VarChar, max_length: 32 },
];
const vector = (seed: number) =>
  Array.from({ length: dimension }, (_, at) => Math.sin(seed * 31 + at));
const search = { collection_name: 'products', data: vector(7), limit: 3 };
const strong = { ...search, consistency_level: 'Strong' } as never;
const denied = expect.objectContaining({
  code: 7,
  message: expect.stringContaining('permission deny'),
});

/** What five callers may do on one Milvus, each with the official Node client. `forgets`: it does not
 * tell of a collection at which consistency level it was made. */
export function tellTenants(open: () => Promise<TestMilvus>, forgets = false): void {
  let database: TestMilvus;
  let gateway: TestGateway;
  const clients: MilvusClient[] = [];

  function clientOf(token: string, name = 'default'): MilvusClient {
    const client = new MilvusClient({
      address: gateway.grpc().replace('https://', ''),
      ...{
        ssl: true,
        token,
        database: name,
        logLevel: 'error',
        tls: { rootCertPath: gateway.certificates.ca },
      },
    });
    client.connectPromise.catch(() => undefined);
    clients.push(client);
    return client;
  }
  const as = (name: string, inside?: string) => clientOf(gateway.keys[name] ?? name, inside);

  beforeAll(async () => {
    database = await open();
    const keys = Object.fromEntries(Object.keys(policies).map((role) => [role, { roles: [role] }]));
    gateway = await startGateway({ database, policies, keys });
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.closeConnection()));
    await gateway?.stop();
    await database?.close();
  });

  describe('an admin', () => {
    it(`makes a collection, fills it with ${rows} rows, and finds them`, async () => {
      const client = as('admin');
      await client.createCollection({
        collection_name: 'products',
        fields,
      });
      const data = Array.from({ length: rows }, (_, id) => {
        return { id, vector: vector(id), city: id % 2 ? 'Oslo' : 'Rome' };
      });
      const inserted = await client.insert({ collection_name: 'products', data });
      expect(inserted.insert_cnt).toBe(String(rows));
      const index = { field_name: 'vector', index_type: 'FLAT', metric_type: 'L2' };
      await client.createIndex({ collection_name: 'products', ...index });
      await client.loadCollectionSync({ collection_name: 'products' });
      const found = await client.search(strong);
      expect(found.results.map(({ id }) => String(id))[0]).toBe('7');
      const read = await client.query({
        ...{ collection_name: 'products', filter: 'id in [1, 2]', output_fields: ['city'] },
        consistency_level: 'Strong' as never,
      });
      expect(read.data.map(({ id, city }) => [String(id), city])).toEqual([
        ['1', 'Oslo'],
        ['2', 'Rome'],
      ]);
    });

    it('gives it another name, and takes that away', async () => {
      const client = as('admin');
      await client.createAlias({ collection_name: 'products', alias: 'shop' });
      expect((await client.listAliases({ collection_name: 'products' })).aliases).toEqual(['shop']);
      await client.dropAlias({ alias: 'shop' });
      expect((await client.listAliases({ collection_name: 'products' })).aliases).toEqual([]);
    });

    it('makes a database for a tenant', async () => {
      const client = as('admin');
      await client.createDatabase({ db_name: 'acme' });
      expect((await client.listDatabases()).db_names).toEqual(
        expect.arrayContaining(['acme', 'default']),
      );
    });
  });

  describe('who may read', () => {
    it('searches and sees what it may, and nothing else', async () => {
      const client = as('r');
      expect((await client.search(strong)).results).toHaveLength(3);
      expect((await client.showCollections()).data.map(({ name }) => name)).toEqual(['products']);
      expect((await client.listDatabases()).db_names).toEqual(['default']);
    });

    it('is told at once, and by an error, that it may not write or drop', async () => {
      const client = as('r');
      const data = [{ id: 1, vector: vector(1), city: 'Bonn' }];
      await expect(client.insert({ collection_name: 'products', data })).rejects.toEqual(denied);
      await expect(client.dropCollection({ collection_name: 'products' })).rejects.toEqual(denied);
      await expect(client.createDatabase({ db_name: 'more' })).rejects.toEqual(denied);
      await expect(client.listUsers()).rejects.toEqual(denied);
    });

    it('hears the same of a collection that is not there', async () => {
      const client = as('r');
      const errors = await Promise.all(
        ['hidden', 'missing'].map((name) =>
          client.describeCollection({ collection_name: name }).catch((error: Error) => error),
        ),
      );
      expect(
        errors.map((error) => (error as Error).message.replaceAll(/hidden|missing/g, 'X')),
      ).toEqual(
        Array.from({ length: 2 }, () => (errors[0] as Error).message.replace('hidden', 'X')),
      );
    });
  });

  describe('who may write', () => {
    it('inserts and loads, and drops nothing', async () => {
      const client = as('rw');
      const data = [{ id: rows, vector: vector(rows), city: 'Bonn' }];
      const inserted = await client.insert({ collection_name: 'products', data });
      expect(inserted.insert_cnt).toBe('1');
      await client.loadCollection({ collection_name: 'products' });
      await expect(client.dropCollection({ collection_name: 'products' })).rejects.toEqual(denied);
    });

    it.skipIf(forgets)(
      'hears of a second create what Milvus says of it, and of no other',
      async () => {
        const client = as('rw');
        const again = { collection_name: 'products', fields };
        expect(await client.createCollection(again)).toMatchObject({ error_code: 'Success' });
        const others = [
          { ...again, description: 'another' },
          { ...again, consistency_level: 'Strong' as never },
          { ...again, fields: fields.slice(0, 2) },
        ];
        for (const other of others) {
          await expect(client.createCollection(other)).rejects.toMatchObject({
            error_code: 'UnexpectedError',
            reason: 'create duplicate collection with different parameters, collection: products',
          });
        }
        for (const collection_name of ['hidden', 'missing']) {
          const asked = client.createCollection({ collection_name, fields });
          await expect(asked).rejects.toEqual(denied);
        }
      },
    );
  });

  describe('another tenant', () => {
    it('has its own collections, and none of another database', async () => {
      const client = as('other', 'acme');
      await client.createCollection({ collection_name: 'products', fields });
      expect((await client.showCollections()).data.map(({ name }) => name)).toEqual(['products']);
      const elsewhere = { ...search, db_name: 'default' } as never;
      await expect(client.search(elsewhere)).rejects.toThrow();
      await expect(as('other').search(search)).rejects.toEqual(denied);
      await client.dropCollection({ collection_name: 'products' });
    });
  });

  describe('nobody', () => {
    it.each(['', 'wrong', 'root:Milvus'])('gets no further with "%s"', async (token) => {
      const client = clientOf(token);
      await expect(client.showCollections()).rejects.toMatchObject({ code: 16 });
    });
  });

  it('is in the audit log, each denial once and with its database', async () => {
    const records = () => gateway.audit();
    await expect
      .poll(() => records().filter(({ kind }) => kind === 'denial').length)
      .toBeGreaterThan(7);
    const drops = records().filter(
      ({ kind, operation }) => kind === 'denial' && operation === 'collections.drop',
    );
    expect(drops).toHaveLength(2);
    expect(drops[0]).toMatchObject({ collections: [{ named: 'products', database: 'default' }] });
  });

  it('ends as it began', async () => {
    const client = as('admin');
    await client.dropDatabase({ db_name: 'acme' });
    await client.dropCollection({ collection_name: 'products' });
    expect((await client.showCollections()).data).toEqual([]);
  });
}

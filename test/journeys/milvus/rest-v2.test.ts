import { readFileSync } from 'node:fs';
import { HttpClient } from '@zilliz/milvus2-sdk-node';
import fc from 'fast-check';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRest, type RawClient } from '../../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { type MilvusDouble, openMilvusDouble } from '../../support/milvus/double.ts';

const all = 'databases: ["*"], collections: ["*"]';
const policies = {
  admin: `allow:\n  - { ${all}, access: m }\n  - { databases: ["*"], access: [list, manage, admin] }`,
  rw: 'allow:\n  - { collections: [products], access: rw }',
  r: 'allow:\n  - { collections: [products], access: r }',
  other: 'allow:\n  - { databases: [acme], collections: ["*"], access: m }',
};
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 400);
const big = '9007199254740993';
const refused = (status: number) => expect.objectContaining({ status });

let double: MilvusDouble;
let gateway: TestGateway;
let raw: RawClient;
const agents: Agent[] = [];

beforeAll(async () => {
  double = await openMilvusDouble();
  const keys = Object.fromEntries(Object.keys(policies).map((role) => [role, { roles: [role] }]));
  gateway = await startGateway({ database: double, policies, keys });
  raw = openRest({ ...gateway, http: gateway.grpc });
});
afterAll(async () => {
  raw?.close();
  await Promise.all(agents.map((agent) => agent.close()));
  await gateway?.stop();
  await double?.close();
});

/** The official client over REST, on HTTP/1.1 or HTTP/2. */
function as(role: string, database = 'default', allowH2 = false): HttpClient {
  const dispatcher = new Agent({ allowH2, connect: { ca: readFileSync(gateway.certificates.ca) } });
  agents.push(dispatcher);
  const over = (url: string, init: object) => fetch(url, { ...init, dispatcher });
  const token = gateway.keys[role] ?? role;
  return new HttpClient({ endpoint: gateway.grpc(), token, database, fetch: over as never });
}

describe.each([
  ['HTTP/1.1', false],
  ['HTTP/2', true],
])('with the Node client over REST on %s', (_name, h2) => {
  const named = { collectionName: 'products' };

  it('an admin makes collections, fills one, and gives it another name', async () => {
    const admin = as('admin', 'default', h2);
    for (const collectionName of ['products', 'hidden']) {
      expect(await admin.createCollection({ collectionName, dimension: 2 })).toMatchObject({
        code: 0,
      });
    }
    const body = `{"collectionName":"products","data":[{"id":${big},"vector":[1,2]}]}`;
    const path = '/v2/vectordb/entities/insert';
    const put = await raw.ask({ method: 'POST', path, body, key: gateway.keys['admin'] ?? null });
    expect(JSON.parse(put.body.toString())).toEqual({
      code: 0,
      data: { insertCount: 1, insertIds: [big] },
    });
    await admin.createAlias({ ...named, aliasName: 'shop' });
    expect((await admin.listAliases({ dbName: 'default' })).data).toEqual(['shop']);
    await admin.createDatabase({ dbName: 'acme', properties: {} as never });
    expect((await admin.listDatabases()).data).toEqual(['default', 'acme']);
  });

  it('whoever may list one hears of a second create what Milvus says', async () => {
    const r = as('r', 'default', h2);
    const told = async (dimension: number) =>
      (await r.createCollection({ ...named, dimension })).code;
    expect([await told(2), await told(3)]).toEqual([0, 65535]);
    const hidden = r.createCollection({ collectionName: 'hidden', dimension: 2 });
    await expect(hidden).rejects.toEqual(refused(403));
    const before = { method: 'POST', path: '/v1/vector/collections/create' };
    const body = JSON.stringify({ ...named, dimension: 3 });
    const answer = await raw.ask({ ...before, body, key: gateway.keys['r'] ?? null });
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 65535 });
  });

  it('who may read sees and finds its own, whole ids and all, and changes nothing', async () => {
    const r = as('r', 'default', h2);
    expect((await r.listCollections()).data).toEqual(['products']);
    const got = await r.get({ ...named, id: [big], outputFields: ['id'] });
    expect(got.data.map(({ id }) => String(id))).toEqual([big]);
    const found = await r.search({ ...named, data: [[1, 2]], limit: 1, outputFields: ['id'] });
    expect(found.data).toHaveLength(1);
    await expect(r.insert({ ...named, data: [{ id: 1 }] as never })).rejects.toEqual(refused(403));
    await expect(r.describeCollection({ collectionName: 'hidden' })).rejects.toEqual(refused(403));
    await expect(r.listUsers()).rejects.toEqual(refused(403));
    await expect(r.query({ collectionName: 'hidden', filter: '' } as never)).rejects.toEqual(
      refused(403),
    );
  });

  it('who may write inserts and deletes, and drops nothing', async () => {
    const rw = as('rw', 'default', h2);
    const data = [{ id: 7, vector: [3, 4] }] as never;
    expect((await rw.upsert({ ...named, data })).code).toBe(0);
    expect((await rw.delete({ ...named, filter: 'id in [7]' })).code).toBe(0);
    await expect(rw.dropCollection({ ...named })).rejects.toEqual(refused(403));
    await expect(rw.dropAlias({ ...named, aliasName: 'shop' })).rejects.toEqual(refused(403));
  });

  it('another tenant has its own database, and nothing of this one', async () => {
    const other = as('other', 'acme', h2);
    const made = await other.createCollection({ collectionName: 'products', dimension: 2 });
    expect(made).toMatchObject({ code: 0 });
    expect((await other.listCollections({ dbName: 'acme' })).data).toEqual(['products']);
    expect((await other.listDatabases()).data).toContain('acme');
    await expect(
      other.search({ ...named, dbName: 'default', data: [[1, 2]] } as never),
    ).rejects.toEqual(refused(403));
    expect((await other.get({ ...named, id: [big] as never, outputFields: ['id'] })).data).toEqual(
      [],
    );
    await other.dropCollection({ ...named });
  });

  it('nobody gets no further', async () => {
    await expect(as('wrong', 'default', h2).listCollections()).rejects.toEqual(refused(401));
  });

  it('an admin takes it all away', async () => {
    const admin = as('admin', 'default', h2);
    await admin.dropAlias({ ...named, aliasName: 'shop' });
    for (const collectionName of ['products', 'hidden'])
      await admin.dropCollection({ collectionName });
    await admin.dropDatabase({ dbName: 'acme' });
    expect((await admin.listCollections()).data).toEqual([]);
  });
});

it('the audit log has each denial, with what was named', () => {
  const denials = gateway.audit().filter(({ kind }) => kind === 'denial');
  expect(denials).toContainEqual(
    expect.objectContaining({
      operation: 'entities.search',
      collections: [expect.objectContaining({ named: 'products', database: 'default' })],
    }),
  );
});

const keys = ['collectionName', 'CollectionName', 'collection\\u004eame', 'COLLECTIONNAME'];
const places = ['dbName', 'DBNAME', 'data', 'Data', 'filter', 'outputFields'];
const spelled = fc.constantFrom(...keys, ...keys, ...places).map((key) => `"${key}"`);
const values = fc.constantFrom(
  ...['"products"', '"hidden"', '"shop"', '"secret"', '"default"', '"acme"', 'null', '5'],
  ...['""', '[[1,2]]', '[{"collectionName":"hidden"}]', '"hid\\u0064en"', '{"a":"hidden"}'],
);
const oddBody = fc
  .tuple(
    fc.array(fc.tuple(spelled, values), { maxLength: 3 }),
    fc.constantFrom('"products"', '"shop"', '"hidden"'),
    fc.constantFrom('', '', '', '', ' ', '{"collectionName":"hidden"}', '\ufeff'),
    fc.boolean(),
  )
  .map(([members, name, tail, last]) => {
    const own = `"collectionName":${name}`;
    const more = members.map((pair) => pair.join(':'));
    return `{${(last ? [...more, own] : [own, ...more]).join()}}${tail}`;
  });
const asked = fc.record({
  path: fc.constantFrom(
    ...['entities/search', 'entities/query', 'entities/insert', 'entities/get'],
    ...['collections/describe', 'collections/drop', 'aliases/list', 'collections/has'],
  ),
  body: oddBody,
  database: fc.constantFrom(null, 'default', 'acme'),
});

it('whatever the database touches for a body in any disguise its caller may touch', async () => {
  const admin = as('admin');
  for (const collectionName of ['products', 'hidden']) {
    await admin.createCollection({ collectionName, dimension: 2 });
  }
  await admin.createAlias({ collectionName: 'products', aliasName: 'shop' });
  await admin.createAlias({ collectionName: 'hidden', aliasName: 'secret' });
  const mine = /^(read|write) default\/products$/;
  let passed = 0;
  await fc.assert(
    fc.asyncProperty(asked, async ({ path, body, database }) => {
      double.touched.length = 0;
      const headers = database === null ? {} : { 'db-name': database };
      const target = `/v2/vectordb/${path}`;
      const key = gateway.keys['rw'] ?? null;
      const { status } = await raw.ask({ method: 'POST', path: target, headers, body, key });
      if (double.touched.length > 0) passed++;
      expect(double.touched.filter((each) => !mine.test(each))).toEqual([]);
      expect([200, 400, 403]).toContain(status);
    }),
    { numRuns },
  );
  expect(passed / numRuns).toBeGreaterThan(0.02);
}, 300_000);

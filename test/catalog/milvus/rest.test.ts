import { describe, expect, it } from 'vitest';
import { locate } from '../../../src/catalog/milvus/locate.ts';
import { refusalOf } from '../request.ts';
import { asked, forwarded, headOf, known, needsIn, posted } from './rest-asked.ts';

const vector = '[0.1,0.25000000000000001,-3e-7]';

/** Why a request is refused as unreadable. */
async function whyNot(act: () => unknown): Promise<string> {
  const { code, message } = await refusalOf(act);
  expect(code).toBe('unreadable-request');
  return message;
}

describe('the database of a request', () => {
  it('is that of the body, else the header, else default, and is written into both', async () => {
    const body = { collectionName: 'pub' };
    const inBody = await posted('collections/describe', { dbName: 'tenant', ...body });
    const inHeader = await posted('collections/describe', body, { 'db-name': 'tenant' });
    const unsaid = await posted('collections/describe', body);
    expect([inBody, inHeader, unsaid].map(needsIn)).toEqual([
      ['list tenant/pub'],
      ['list tenant/pub'],
      ['list default/pub'],
    ]);
    for (const intent of [inBody, inHeader]) {
      expect(intent.request.fields).toEqual(
        expect.arrayContaining(['db-name', 'tenant', 'content-type', 'application/json']),
      );
      expect(JSON.parse(forwarded(intent))).toEqual({ dbName: 'tenant', collectionName: 'pub' });
    }
    expect(forwarded(unsaid)).toBe('{"dbName":"default","collectionName":"pub"}');
  });

  it('is written once, also where the body has an empty one or is empty itself', async () => {
    const empty = await posted('collections/list', '{"dbName":""}', { 'db-name': 'tenant' });
    expect(forwarded(empty)).toBe('{"dbName":"tenant"}');
    expect(forwarded(await posted('collections/list', ''))).toBe('{"dbName":"default"}');
    expect(forwarded(await posted('collections/list', ' { } '))).toBe(' {"dbName":"default" } ');
  });

  it('does not travel where all databases are asked for by whoever is known', async () => {
    const list = await posted('databases/list', { dbName: 'theirs' }, { 'db-name': 'theirs' });
    expect([needsIn(list), forwarded(list)]).toEqual([[], '{}']);
    expect(list.request.fields).toEqual(['content-type', 'application/json']);
  });

  it('may not be said in two ways', async () => {
    const body = { dbName: 'default', collectionName: 'pub' };
    const why = await whyNot(() => posted('entities/query', body, { 'db-name': 'tenant' }));
    expect(why).toContain('DB-Name');
  });

  it.each(['a/b', ' default', 'default ', '', '*', 'x'.repeat(256), 'é', '1a'])(
    'must be a name: %j',
    async (dbName) => {
      if (dbName === '') return;
      await whyNot(() => posted('collections/list', { dbName }));
      await whyNot(() => posted('collections/list', {}, { 'db-name': dbName }));
    },
  );

  it('is default where Milvus knows no other, and nothing may say otherwise', async () => {
    const path = 'resource_groups/transfer_replica';
    const body = { collectionName: 'to_pub', sourceRgName: 'a', targetRgName: 'b', replicaNum: 1 };
    const intent = await posted(path, body);
    expect(needsIn(intent)).toEqual(['admin default/to_pub>pub', 'admin server']);
    expect(intent.request.fields).not.toContain('db-name');
    expect(JSON.parse(forwarded(intent))).toEqual({ ...body, collectionName: 'pub' });
    await whyNot(() => posted(path, body, { 'db-name': 'tenant' }));
    await whyNot(() => posted(path, { ...body, dbName: 'tenant' }));
  });

  it('is, where a database is made or dropped, the one in the body alone', async () => {
    const made = await posted('databases/create', { dbName: 'new' }, { 'db-name': 'tenant' });
    expect(needsIn(made)).toEqual(['admin new']);
    expect(made.request.fields).toEqual(expect.arrayContaining(['db-name', 'new']));
    await whyNot(() => posted('databases/drop', {}, { 'db-name': 'tenant' }));
    expect(needsIn(await posted('databases/describe', {}, { 'db-name': 'tenant' }))).toEqual([
      'list tenant',
    ]);
  });

  it('is nothing that a request about the whole server is judged by', async () => {
    const grant = { roleName: 'r', dbName: '*', collectionName: '*', privilege: 'Search' };
    const intent = await posted('roles/grant_privilege_v2', grant);
    expect(needsIn(intent)).toEqual(['admin server']);
    expect(JSON.parse(forwarded(intent))).toEqual(grant);
    expect(needsIn(await posted('databases/list', { dbName: 'tenant' }))).toEqual([]);
  });
});

describe('names', () => {
  it('are forwarded as the collections that were judged, the rest byte for byte', async () => {
    const body = `{ "data":[${vector}], "collectionName" : "to_sec","filter":"id in [9007199254740993]","limit":3}`;
    const intent = await posted('entities/search', body, { 'db-name': 'default' });
    expect(needsIn(intent)).toEqual(['read default/to_sec>sec']);
    expect(forwarded(intent)).toBe(
      `{"dbName":"default", "data":[${vector}], "collectionName" : "sec","filter":"id in [9007199254740993]","limit":3}`,
    );
  });

  it('mean what they mean in their database', async () => {
    const body = { collectionName: 'to_sec', dbName: 'tenant' };
    expect(needsIn(await posted('collections/describe', body))).toEqual(['list tenant/to_sec']);
  });

  it('of aliases are judged with what they lead to now and what they are to lead to', async () => {
    const body = { aliasName: 'to_pub', collectionName: 'sec' };
    expect(needsIn(await posted('aliases/alter', body))).toEqual(
      expect.arrayContaining(['manage default/to_pub', 'manage default/pub', 'manage default/sec']),
    );
    expect(needsIn(await posted('aliases/drop', { aliasName: 'to_sec' }))).toEqual(
      expect.arrayContaining(['manage default/to_sec', 'manage default/sec']),
    );
    const shadow = await posted('aliases/create', { aliasName: 'sec', collectionName: 'pub' });
    expect(shadow.objection?.message).toContain('no alias may take its name');
  });

  it('of a renaming are judged on both ends, in both databases', async () => {
    const body = { collectionName: 'pub', newCollectionName: 'x', newDbName: 'tenant' };
    expect(needsIn(await posted('collections/rename', body))).toEqual([
      'manage default/pub',
      'manage tenant/x',
    ]);
  });

  it.each([
    ['entities/search', '{"data":[[1]]}', 'names no collection'],
    ['entities/search', '{"collectionName":"","data":[[1]]}', 'names no collection'],
    ['entities/search', '{"collectionName":null}', 'collectionName must not be null'],
    ['entities/search', '{"collectionName":["pub"]}', 'must not be an array'],
    ['entities/search', '{"collectionName":" pub"}', 'must be 1 to 255'],
    ['entities/search', '{"collectionName":"pub","partitionNames":["a b"]}', 'the partition'],
    ['entities/search', '{"collectionName":"pub","partitionNames":"a"}', 'must not be a string'],
    ['aliases/create', '{"collectionName":"pub","aliasName":"a*"}', 'the alias'],
    ['collections/rename', '{"collectionName":"pub","newCollectionName":"a/b"}', 'the collection'],
    ['collections/describe', '{"collectionName":"pub","dbName":null}', 'dbName must not be null'],
  ])('that cannot be read are refused: %s %s', async (path, body, why) => {
    expect(await whyNot(() => posted(path, body))).toContain(why);
  });
});

describe('keys', () => {
  it.each([
    ['twice', '{"collectionName":"pub","collectionName":"sec"}'],
    ['in another case', '{"CollectionName":"pub"}'],
    ['in two cases', '{"collectionName":"pub","COLLECTIONNAME":"sec"}'],
    ['with a long s', '{"collectionName":"pub","partitionName\u017f":["a"]}'],
    ['with a Kelvin sign', '{"collectionName":"pub","data":[],"metricType\u212a":1}'],
    ['twice, escaped once', '{"collectionName":"pub","collection\\u004eame":"sec"}'],
    ['that are unknown', '{"collectionName":"pub","zzz":1}'],
    ['twice in a search of several', '{"collectionName":"pub","search":[{"data":1,"Data":2}]}'],
    ['of the database in another case', '{"collectionName":"pub","DBNAME":"tenant"}'],
  ])('that two readers could take for two are refused: %s', async (_how, body) => {
    await whyNot(() => posted('entities/hybrid_search', body));
  });

  it('may be escaped: what they spell counts', async () => {
    const intent = await posted('entities/query', '{"collection\\u004eame":"to_sec","filter":"a"}');
    expect(needsIn(intent)).toEqual(['read default/to_sec>sec']);
  });

  it('of a sparse vector may be many, and a search brings no rows', async () => {
    const sparse = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [at, 0.5]));
    const found = await posted('entities/search', { collectionName: 'pub', data: [sparse] });
    expect([found.points, needsIn(found)]).toEqual([0, ['read default/pub']]);
  });

  it('of a row, and of a value in a filter, are the caller’s own', async () => {
    const rows =
      '[{"id":1,"DBNAME":"x","dbname":"y","collectionName":"sec"},{"id":9007199254740993}]';
    const insert = await posted('entities/insert', `{"collectionName":"pub","data":${rows}}`);
    expect(needsIn(insert)).toEqual(['write default/pub']);
    expect(insert.points).toBe(2);
    expect(forwarded(insert)).toContain(`"data":${rows}`);
    const one = await posted('entities/upsert', { collectionName: 'pub', data: { id: 1 } });
    expect(one.points).toBe(1);
    const filter = { collectionName: 'pub', filter: 'a in {A}', exprParams: { A: 1, a: 2 } };
    expect(needsIn(await posted('entities/query', filter))).toEqual(['read default/pub']);
  });
});

describe('a body', () => {
  it.each([
    ['an array', '[{"collectionName":"pub"}]'],
    ['a string', '"pub"'],
    ['null', 'null'],
    ['cut short', '{"collectionName":'],
    ['followed by another', '{"collectionName":"pub"}{"collectionName":"sec"}'],
    ['with a comment', '/**/{"collectionName":"pub"}'],
    ['with a byte order mark', '\ufeff{"collectionName":"pub"}'],
    ['of invalid UTF-8', Buffer.from('{"collectionName":"pub","filter":"\xff"}', 'latin1')],
    ['of UTF-16', Buffer.from('{"collectionName":"pub"}', 'utf16le')],
    ['too deep', `{"collectionName":"pub","searchParams":${'['.repeat(200)}${']'.repeat(200)}}`],
  ])('that is %s is refused', async (_what, body) => {
    await whyNot(() => posted('entities/search', body));
  });

  it('may be of any content type, and is sent as JSON', async () => {
    const fields = { 'content-type': 'application/x-www-form-urlencoded' };
    const intent = await posted('entities/search', { collectionName: 'pub' }, fields);
    expect(intent.request.fields.slice(0, 2)).toEqual(['content-type', 'application/json']);
  });
});

describe('a long body', () => {
  const data = Array.from({ length: 2000 }, (_, id) => ({
    id,
    vector: [0.125, 1e-7, 12345678901],
  }));
  const body = Buffer.from(JSON.stringify({ collectionName: 'to_pub', data }));

  it('is forwarded byte for byte behind what was written anew, and not copied', async () => {
    const intent = await posted('entities/insert', body);
    expect(intent.request.tail?.buffer).toBe(body.buffer);
    const rest = body.toString('utf8').slice('{"collectionName":"to_pub"'.length);
    expect(forwarded(intent)).toBe(`{"dbName":"default","collectionName":"pub"${rest}`);
  });

  it('is written anew wherever it names what changes', async () => {
    const turned = { data, collectionName: 'to_pub', dbName: 'default' };
    const intent = await posted('entities/insert', turned);
    expect(JSON.parse(forwarded(intent))).toEqual({ ...turned, collectionName: 'pub' });
  });
});

describe('headers', () => {
  it('pass where they are on the list, and no others', async () => {
    const fields = {
      'request-timeout': '30',
      'accept-type-allow-int64': 'true',
      authorization: 'Bearer x',
      sourceid: 'x',
      dbname: 'tenant',
      cookie: 'a=b',
    };
    const { request } = await posted('entities/search', { collectionName: 'pub' }, fields);
    expect(request.fields).toEqual([
      ...['content-type', 'application/json', 'request-timeout', '30'],
      ...['accept-type-allow-int64', 'true', 'db-name', 'default'],
    ]);
  });
});

describe('a path', () => {
  it.each([
    'GET /v2/vectordb/collections/list',
    'POST /v2/vectordb/collections/list/',
    'POST //v2/vectordb/collections/list',
    'POST /v2//vectordb/collections/list',
    'POST /v2/vectordb/./collections/list',
    'POST /v2/vectordb/x/../collections/list',
    'POST /V2/vectordb/collections/list',
    'POST /v2/vectordb/%63ollections/list',
    'POST /v2/vectordb/collections%2Flist',
    'POST http://host/v2/vectordb/collections/list',
    'OPTIONS /v2/vectordb/collections/list',
    'HEAD /v1/vector/collections',
    'GET /v1/vector/%63ollections',
    'GET /api/v1/health',
    'GET /metrics',
    'GET /',
    'POST /v2/vectordb/constructor',
  ])('that is not a route in its very bytes is none: %s', async (route) => {
    const { code } = await refusalOf(() => locate(headOf(route)));
    expect(code).toBe('unknown-operation');
  });

  it('takes no query string on v2, nor on a POST of v1', async () => {
    const body = { collectionName: 'pub' };
    for (const route of ['v2/vectordb/entities/query', 'v1/vector/query']) {
      await whyNot(() => asked(`POST /${route}?dbName=tenant`, body));
      await whyNot(() => asked(`POST /${route}?`, body));
    }
  });
});

describe('REST v1', () => {
  it('names its database in the query of a GET and in the body of a POST', async () => {
    const listed = await asked('GET /v1/vector/collections?dbName=tenant');
    expect(needsIn(listed)).toEqual(['list tenant']);
    expect(listed.request.target).toBe('/v1/vector/collections?dbName=tenant');
    const described = await asked('GET /v1/vector/collections/describe?collectionName=to_pub');
    expect(needsIn(described)).toEqual(['list default/to_pub>pub']);
    expect(described.request.target).toBe(
      '/v1/vector/collections/describe?dbName=default&collectionName=pub',
    );
    const found = await asked('POST /v1/vector/search', {
      ...{ collectionName: 'to_sec', vector: [1], dbName: 'default' },
    });
    expect(needsIn(found)).toEqual(['read default/to_sec>sec']);
    expect(found.request.fields).not.toContain('db-name');
  });

  it('tells what a GET needs before anything is read', () => {
    const located = locate(headOf('GET /v1/vector/collections/describe?collectionName=to_sec'));
    expect(located.hold).toBe(0);
    expect(located.names).toEqual(['default/to_sec']);
    expect(needsIn({ needs: located.needs(known) })).toEqual(['list default/to_sec>sec']);
  });

  it.each([
    'collections?dbName=default&dbName=tenant',
    'collections?DBNAME=tenant',
    'collections?dbName=ten%61nt',
    'collections?dbName=',
    'collections?dbName',
    'collections?',
    'collections?collectionName=pub',
    'collections/describe',
    'collections/describe?collectionName=pub&collectionName=sec',
    'collections/describe?collectionName=pub;collectionName=sec',
    'collections/describe?collectionName=a+b',
  ])('refuses a query string that two readers could differ on: %s', async (target) => {
    await whyNot(() => asked(`GET /v1/vector/${target}`));
  });

  it('does not read the header that v2 does, which may say nothing else then', async () => {
    const body = { collectionName: 'pub', vector: [1] };
    await whyNot(() => asked('POST /v1/vector/search', body, { 'db-name': 'tenant' }));
    const same = await asked('POST /v1/vector/search', body, { 'db-name': 'default' });
    expect(needsIn(same)).toEqual(['read default/pub']);
  });
});

describe('what reaches outside of its collections needs admin over the server as well', () => {
  const create = (more: object) =>
    posted('collections/create', { collectionName: 'x', dimension: 4, ...more });
  const search = (more: object) => posted('entities/search', { collectionName: 'pub', ...more });
  const alter = (properties: object | string) =>
    posted(
      'collections/alter_properties',
      `{"collectionName":"pub","properties":${typeof properties === 'string' ? properties : JSON.stringify(properties)}}`,
    );
  const embed = { name: 'f', type: 'TextEmbedding', params: { provider: 'openai' } };
  const bm25 = { name: 'f', type: 'BM25', inputFieldNames: ['t'], outputFieldNames: ['s'] };
  const rerank = (reranker: string) => ({ name: 'f', type: 'Rerank', params: { reranker } });
  /** A function inside a function inside a function: each would be looked into to its end. */
  const nested = (inmost: string) => {
    let value: object = { inmost };
    for (let depth = 0; depth < 60; depth++) value = { function: { type: 'BM25', x: value } };
    return value;
  };
  const analyzed = (analyzer: unknown) => ({
    schema: {
      fields: [{ fieldName: 'file_path', elementTypeParams: { analyzer_params: analyzer } }],
    },
  });

  it.each([
    ['an external source', () => create({ externalSource: 's3://x' })],
    ['one in the schema', () => create({ schema: { fields: [], externalSpec: '{}' } })],
    ['one in another case', () => create({ schema: { ExternalSource: 's3://x' } })],
    ['a function with a model', () => create({ schema: { functions: [bm25, embed] } })],
    ['a function of no type', () => create({ schema: { functions: [{ name: 'f' }] } })],
    ['functions in another case', () => create({ schema: { Functions: [embed] } })],
    ['functions with a dotted capital I', () => create({ schema: { funct\u0130ons: [embed] } })],
    ['more than is looked into', () => search({ functionScore: nested('a'.repeat(20_000)) })],
    ['external data by a property', () => alter({ 'collection.external_source': 's3://x' })],
    ['the same, escaped', () => alter('{"collection.\\u0065xternal_source":"s3://x"}')],
    [
      "another's resource group",
      () => create({ properties: { 'collection.resource_groups': 'x' } }),
    ],
    [
      'row level security that is taken away',
      () =>
        posted('collections/drop_properties', {
          collectionName: 'pub',
          propertyKeys: ['rls.force'],
        }),
    ],
    [
      'a function that is added',
      () => posted('collections/add_function', { collectionName: 'pub', function: embed }),
    ],
    ['a reranker with a model', () => search({ functionScore: { functions: [rerank('model')] } })],
    ['a chain of functions', () => search({ functionChains: [{ a: 1 }] })],
    ['a dictionary on disk', () => create(analyzed({ filter: [{ stop_words_file: 'x' }] }))],
    ['the same as text', () => create(analyzed('{"filter":[{"url":"http://x"}]}'))],
    ['the same, escaped', () => create(analyzed({ filter: [{ type: '\u0000' }] }))],
    [
      'an analyzer that is tried',
      () =>
        posted('common/run_analyzer', { text: ['a'], analyzerParams: '{"x":{"type":"remote"}}' }),
    ],
  ])('%s', async (_what, act) => {
    expect(needsIn(await act()).filter((need) => need.startsWith('admin'))).toHaveLength(1);
  });

  it.each([
    ['what Milvus computes', () => create({ schema: { functions: [bm25] } })],
    [
      'arithmetic',
      () =>
        search({
          functionScore: {
            functions: [{ ...rerank('decay'), params: { reranker: 'decay', function: 'gauss' } }],
          },
        }),
    ],
    ['a property of its own', () => alter({ 'collection.ttl.seconds': 60 })],
    ['a plain analyzer', () => create(analyzed({ type: 'english' }))],
    ['the same as text', () => create(analyzed('{"type":"english"}'))],
    ['what is there and empty', () => create({ externalSource: '', schema: { functions: [] } })],
    ['a chain of nothing', () => search({ functionChains: null })],
  ])('but not %s', async (_what, act) => {
    expect(needsIn(await act()).filter((need) => need.startsWith('admin'))).toEqual([]);
  });
});

describe('what reaches what no collection holds', () => {
  const job = { collectionName: 'to_pub', dbName: 'tenant' };
  it.each([
    ['jobs/import/create', { ...job, files: [['a']] }, 'admin'],
    ['jobs/import/list', job, 'admin'],
    ['jobs/snapshot/list', job, 'admin'],
    ['jobs/snapshot/export', job, 'admin'],
    ['jobs/external_collection/refresh', job, 'admin'],
    ['jobs/external_collection/list', job, 'admin'],
    ['collections/get_compaction_state', { ...job, jobId: 1 }, 'observe'],
  ])(
    'needs its right on the server beside the one on its collection: %s',
    async (path, body, action) => {
      const intent = await posted(path, body);
      expect(needsIn(intent)).toEqual([`${action} tenant/to_pub>pub`, `${action} server`]);
      expect(JSON.parse(forwarded(intent))).toEqual({ ...body, collectionName: 'pub' });
    },
  );

  it('and on the server alone where it names none', async () => {
    expect(needsIn(await posted('jobs/import/list', {}))).toEqual(['admin server']);
  });
});

describe('a denial', () => {
  it.each([
    ['entities/search', 'PrivilegeSearch: permission deny to this caller in the `tenant` database'],
    [
      'entities/get',
      'PrivilegeEntitiesGet: permission deny to this caller in the `tenant` database',
    ],
  ])('of %s names what it takes and where, and not the collection', async (path, told) => {
    const { needs, operation } = await posted(path, { collectionName: 'sec', dbName: 'tenant' });
    const [need] = needs;
    if (!need) throw new Error('nothing is needed');
    expect(operation.denial(need, false)).toBe(told);
  });
});

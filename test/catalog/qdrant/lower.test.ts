import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Extent, Protocol } from '../../../src/catalog/operation.ts';
import { qdrant } from '../../../src/catalog/qdrant/database.ts';
import { Refusal } from '../../../src/refusal.ts';

const client = createRequire(import.meta.url);
const { create, toBinary, fromBinary, toJson } = (await import(
  '@bufbuild/protobuf'
)) as unknown as {
  create: (schema: unknown, init: unknown) => unknown;
  toBinary: (schema: unknown, message: unknown) => Uint8Array;
  fromBinary: (schema: unknown, bytes: Uint8Array) => unknown;
  toJson: (schema: unknown, message: unknown) => unknown;
};
const folder = join(client.resolve('@qdrant/js-client-grpc'), '../../esm/proto');
const schemas = (await import(pathToFileURL(join(folder, 'points_pb.js')).href)) as Record<
  string,
  unknown
>;

const lower: Extent = {
  ...{ results: null, offset: null, vectors: null, payload: null },
  exceed: 'lower',
};

/** What is forwarded of a request, or the sentence that the caller hears. */
function forwarded(name: string, protocol: Protocol, body: Uint8Array, extent: Partial<Extent>) {
  const row = qdrant.operations.find((each) => each.name === name);
  const request = { method: 'POST', target: '/', fields: [], body };
  try {
    return row?.confine?.(protocol, request, { ...lower, ...extent }).body ?? null;
  } catch (error) {
    if (error instanceof Refusal) return `${error.code}: ${error.told}`;
    throw error;
  }
}

function rest(name: string, body: string, extent: Partial<Extent>): string {
  return String(forwarded(name, 'http', Buffer.from(body), extent));
}

function rpc(name: string, type: string, init: unknown, extent: Partial<Extent>): unknown {
  const schema = schemas[`${type}Schema`];
  const sent = forwarded(name, 'grpc', toBinary(schema, create(schema, init)), extent);
  return typeof sent === 'string' ? sent : toJson(schema, fromBinary(schema, sent as Uint8Array));
}

const five = { results: 5 };
const bare = { vectors: 'deny' } as const;
const titled = { payload: ['title', 'meta.url'] };
const ten = '[0.10,1e0]';

describe('a request over REST is lowered', () => {
  it.each<[string, string, string, Partial<Extent>, string]>([
    [
      'to as many points',
      'points.query',
      `{"limit": 6 , "query":${ten}}`,
      five,
      `{"limit": 5 , "query":${ten}}`,
    ],
    [
      'whatever an older word says that means nothing',
      'points.query',
      '{"top":6}',
      five,
      '{"limit":5,"top":6}',
    ],
    ['by the older word', 'points.search', '{"top":6}', five, '{"top":5}'],
    ['where it says nothing', 'points.query', '{}', five, '{"limit":5}'],
    ['where it says nothing of it', 'points.query', '{ "query":1}', five, '{"limit":5, "query":1}'],
    ['where it says null', 'points.query', '{"limit":null}', five, '{"limit":5}'],
    [
      'to a smaller page',
      'points.scroll',
      '{"limit":1000,"offset":7}',
      five,
      '{"limit":5,"offset":7}',
    ],
    ['to fewer values', 'points.facet', '{"key":"a","limit":9}', five, '{"key":"a","limit":5}'],
    [
      'to fewer groups',
      'points.query_groups',
      '{"limit":9,"group_size":2}',
      five,
      '{"limit":2,"group_size":2}',
    ],
    [
      'to smaller groups',
      'points.query_groups',
      '{"limit":9,"group_size":9}',
      five,
      '{"limit":1,"group_size":5}',
    ],
    [
      'to fewer groups where points are looked up for them',
      'points.query_groups',
      '{"limit":9,"group_size":1,"with_lookup":"c"}',
      five,
      '{"limit":2,"group_size":1,"with_lookup":"c"}',
    ],
    [
      'to smaller groups where points are looked up for them',
      'points.search_groups',
      '{"limit":9,"group_size":9,"with_lookup":"c"}',
      five,
      '{"limit":1,"group_size":4,"with_lookup":"c"}',
    ],
    ['to groups of fewer as usual', 'points.query_groups', '{"limit":9}', five, '{"limit":1}'],
    [
      'to an even share of a batch',
      'points.query_batch',
      '{"searches":[{"limit":9},{},{"limit":1}]}',
      { results: 7 },
      '{"searches":[{"limit":2},{"limit":2},{"limit":1}]}',
    ],
    [
      'to no vectors',
      'points.query',
      '{"with_vector":["a"],"limit":1}',
      bare,
      '{"with_vector":false,"limit":1}',
    ],
    [
      'by both words',
      'points.scroll',
      '{"with_vectors":true,"with_vector":{}}',
      bare,
      '{"with_vectors":false,"with_vector":false}',
    ],
    [
      'to its payload',
      'points.query',
      '{"with_payload":true}',
      titled,
      '{"with_payload":["title","meta.url"]}',
    ],
    [
      'to its payload, as is usual',
      'points.scroll',
      '{"limit":1}',
      titled,
      '{"with_payload":["title","meta.url"],"limit":1}',
    ],
    [
      'to what of its payload it may',
      'points.query',
      '{"with_payload":{"include":["text","meta"]}}',
      titled,
      '{"with_payload":["meta.url"]}',
    ],
    [
      'to no payload',
      'points.get',
      '{"ids":[1]}',
      { payload: [] },
      '{"with_payload":false,"ids":[1]}',
    ],
    [
      'in what it looks up',
      'points.query_groups',
      '{"group_by":"title","with_lookup":"c\\u0061"}',
      titled,
      '{"group_by":"title","with_lookup":{"collection":"c\\u0061","with_payload":["title","meta.url"],"with_vectors":false}}',
    ],
    [
      'in what it looks up at length',
      'points.query_groups',
      '{"group_by":"title","with_lookup":{"collection":"c","with_vectors":true}}',
      { ...titled, ...bare },
      '{"group_by":"title","with_lookup":{"with_payload":["title","meta.url"],"collection":"c","with_vectors":false}}',
    ],
    [
      'in nothing, where it asks for no more',
      'points.query',
      '{ "limit" : 5 }',
      five,
      '{ "limit" : 5 }',
    ],
  ])('%s', (_what, name, body, extent, sent) => {
    expect(rest(name, body, extent)).toBe(sent);
  });

  it.each<[string, string, string, Partial<Extent>]>([
    ['points by id', 'points.get', '{"ids":[1,2,3,4,5,6],"with_payload":false}', five],
    [
      'a batch of more searches than results',
      'points.query_batch',
      `{"searches":[${Array(6).fill('{}').join(',')}]}`,
      five,
    ],
    ['a matrix', 'points.matrix_pairs', '{"sample":3,"limit":2}', five],
    ['a page that begins too far', 'points.query', '{"offset":11,"limit":1}', { offset: 10 }],
    [
      'all but some of the payload',
      'points.query',
      '{"with_payload":{"exclude":["title"]}}',
      titled,
    ],
    [
      'groups by a field that is none of its own',
      'points.query_groups',
      '{"group_by":"salary"}',
      titled,
    ],
    ['the order of such a field', 'points.scroll', '{"order_by":"salary"}', titled],
    ['the values of such a field', 'points.facet', '{"key":"salary"}', titled],
    [
      'a lookup in the positions of an array',
      'points.query_groups',
      '{"group_by":"title","with_lookup":["c",false,true]}',
      bare,
    ],
    ['one point, which brings everything', 'points.get_one', '', bare],
  ])('but is refused where no part is an answer to it: %s', (_what, name, body, extent) => {
    expect(rest(name, body, extent)).toMatch(/^not-permitted: Forbidden: /);
  });

  it('and a role that refuses beside one that lowers refuses', () => {
    const { exceed: _, ...refusing } = lower;
    const row = qdrant.operations.find(({ name }) => name === 'points.query');
    const request = { method: 'POST', target: '/', fields: [], body: Buffer.from('{}') };
    expect(() => row?.confine?.('http', request, { ...refusing, ...five })).toThrow(Refusal);
  });
});

describe('a request over gRPC is lowered', () => {
  const enabled = (value: boolean) => ({ selectorOptions: { case: 'enable', value } });
  const fields = { fields: ['title', 'meta.url'] };
  it.each<[string, string, string, unknown, Partial<Extent>, unknown]>([
    [
      'to as many points',
      'points.query',
      'QueryPoints',
      { collectionName: 'c', limit: 6n, offset: 1n },
      five,
      { collectionName: 'c', limit: '5', offset: '1' },
    ],
    ['where it says nothing', 'points.query', 'QueryPoints', {}, five, { limit: '5' }],
    ['to a smaller page', 'points.scroll', 'ScrollPoints', { limit: 6 }, five, { limit: 5 }],
    [
      'to smaller groups',
      'points.search_groups',
      'SearchPointGroups',
      { limit: 9, groupSize: 9 },
      five,
      { limit: 1, groupSize: 5 },
    ],
    [
      'to an even share of a batch',
      'points.query_batch',
      'QueryBatchPoints',
      { collectionName: 'c', queryPoints: [{ limit: 9n }, {}] },
      five,
      { collectionName: 'c', queryPoints: [{ limit: '2' }, { limit: '2' }] },
    ],
    [
      'to no vectors',
      'points.search',
      'SearchPoints',
      { withVectors: enabled(true), limit: 1n },
      bare,
      { withVectors: { enable: false }, limit: '1' },
    ],
    [
      'to its payload',
      'points.recommend',
      'RecommendPoints',
      { withPayload: enabled(true) },
      titled,
      { withPayload: { include: fields } },
    ],
    [
      'to its payload, as is usual',
      'points.scroll',
      'ScrollPoints',
      {},
      titled,
      { withPayload: { include: fields } },
    ],
    [
      'to no payload',
      'points.get',
      'GetPoints',
      {},
      { payload: [] },
      { withPayload: { enable: false } },
    ],
    [
      'in what it looks up',
      'points.query_groups',
      'QueryPointGroups',
      { groupBy: 'title', withLookup: { collection: 'c', withVectors: enabled(true) } },
      { ...titled, ...bare },
      {
        groupBy: 'title',
        withLookup: {
          collection: 'c',
          withPayload: { include: fields },
          withVectors: { enable: false },
        },
      },
    ],
  ])('%s', (_what, name, type, init, extent, sent) => {
    expect(rpc(name, type, init, extent)).toEqual(sent);
  });

  it('and what comes twice goes once', () => {
    const twice = Buffer.from([0x40, 100, 0x0a, 1, 0x63, 0x40, 9]);
    expect(forwarded('points.query', 'grpc', twice, five)).toEqual(
      Buffer.from([0x0a, 1, 0x63, 0x40, 5]),
    );
  });
});

describe('whatever is lowered', () => {
  const field = fc.constantFrom('title', 'text', 'meta', 'meta.url', 'titles');
  const extents = fc.record({
    results: fc.option(fc.integer({ min: 1, max: 30 })),
    vectors: fc.option(fc.constant('deny' as const)),
    payload: fc.option(fc.uniqueArray(field, { maxLength: 3 })),
  });
  const count = fc.integer({ min: 1, max: 60 });
  const within = (path: string, fields: readonly string[]) =>
    fields.some((each) => path === each || path.startsWith(`${each}.`));

  const restSearch = fc.record(
    {
      query: fc.array(fc.double({ noNaN: true })),
      filter: fc.object({ maxDepth: 2 }),
      limit: count,
      with_vector: fc.oneof(fc.boolean(), fc.array(fc.string())),
      with_payload: fc.oneof(
        fc.boolean(),
        fc.array(field),
        fc.record({ include: fc.array(field) }),
      ),
      params: fc.string(),
    },
    { requiredKeys: [] },
  );

  it('asks over REST no more than it may, and differs in nothing else', () => {
    fc.assert(
      fc.property(fc.array(restSearch, { minLength: 1, maxLength: 4 }), extents, (list, extent) => {
        const body = JSON.stringify({ searches: list });
        const sent = rest('points.query_batch', body, extent);
        if (sent.startsWith('not-permitted')) {
          expect(extent.results).toBeLessThan(list.length);
          return;
        }
        const { searches } = JSON.parse(sent) as { searches: typeof list };
        const results = searches.reduce((sum, { limit = 10 }) => sum + limit, 0);
        if (extent.results !== null) expect(results).toBeLessThanOrEqual(extent.results);
        searches.forEach((search, index) => {
          const { limit, with_payload, with_vector, ...others } = search;
          const before = list[index] ?? {};
          const { limit: most = 10, with_payload: _p, with_vector: _v, ...same } = before;
          expect(others).toEqual(JSON.parse(JSON.stringify(same)));
          expect(limit ?? 10).toBeLessThanOrEqual(most);
          if (extent.vectors) expect([undefined, false]).toContain(with_vector);
          if (extent.payload === null || with_payload === undefined) return;
          const told = Array.isArray(with_payload)
            ? with_payload
            : ((with_payload as { include?: string[] }).include ?? []);
          expect(with_payload).not.toBe(true);
          expect(told.filter((path) => !within(path, extent.payload ?? []))).toEqual([]);
        });
      }),
    );
  });

  const include = fc
    .array(field, { minLength: 1 })
    .map((fields) => ({ selectorOptions: { case: 'include', value: { fields } } }));
  const enable = fc.boolean().map((value) => ({ selectorOptions: { case: 'enable', value } }));
  const rpcSearch = fc.record(
    {
      collectionName: fc.string(),
      vector: fc.array(fc.float({ noNaN: true, noDefaultInfinity: true })),
      limit: count.map(BigInt),
      withVectors: enable,
      withPayload: fc.oneof(enable, include),
      vectorName: fc.string(),
    },
    { requiredKeys: [] },
  );
  type Told = { limit?: string; withPayload?: unknown; withVectors?: unknown };

  it('asks over gRPC no more than it may, and differs in nothing else', () => {
    const schema = schemas['SearchPointsSchema'];
    fc.assert(
      fc.property(rpcSearch, extents, (search, extent) => {
        const before = toJson(schema, create(schema, search)) as Told;
        const sent = rpc('points.search', 'SearchPoints', search, extent) as Told;
        const { limit = '10', withPayload, withVectors, ...others } = sent;
        const { limit: _l, withPayload: _p, withVectors: _v, ...same } = before;
        expect(others).toEqual(same);
        const asked = Number(search.limit ?? 10n);
        expect(Number(limit)).toBe(Math.min(asked, extent.results ?? asked));
        if (extent.vectors) expect([undefined, false]).toContain(enabledIn(withVectors));
        if (extent.payload === null) return;
        expect(enabledIn(withPayload)).not.toBe(true);
        const told = (withPayload as { include?: { fields: string[] } } | undefined)?.include;
        const beyond = told?.fields.filter((path) => !within(path, extent.payload ?? []));
        expect(beyond ?? []).toEqual([]);
      }),
    );
  });

  function enabledIn(selector: unknown): unknown {
    return (selector as { enable?: boolean } | undefined)?.enable;
  }
});

describe('what was lowered', () => {
  const all = { results: 5, vectors: 'deny', payload: [] } as const;
  it.each<[string, string, Partial<Extent>, readonly string[] | undefined]>([
    ['points', '{"limit":6}', all, ['results']],
    ['vectors of a look-up', '{"with_vector":true}', bare, ['vectors']],
    [
      'everything',
      '{"limit":6,"with_vector":true,"with_payload":true}',
      all,
      ['results', 'vectors', 'payload'],
    ],
    ['nothing', '{"limit":5}', all, undefined],
  ])('is told of %s', (_what, body, extent, parts) => {
    const row = qdrant.operations.find(({ name }) => name === 'points.query');
    const request = { method: 'POST', target: '/', fields: [], body: Buffer.from(body) };
    const confined = row?.confine?.('http', request, { ...lower, ...extent });
    expect(confined?.lowered).toEqual(parts);
  });
});

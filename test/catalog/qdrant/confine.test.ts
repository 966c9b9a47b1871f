import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Extent, Operation } from '../../../src/catalog/operation.ts';
import { qdrant } from '../../../src/catalog/qdrant/database.ts';
import { Refusal } from '../../../src/refusal.ts';

const client = createRequire(import.meta.url);
const { create, toBinary } = (await import('@bufbuild/protobuf')) as unknown as {
  create: (schema: unknown, init: unknown) => unknown;
  toBinary: (schema: unknown, message: unknown) => Uint8Array;
};
const folder = join(client.resolve('@qdrant/js-client-grpc'), '../../esm/proto');
const schemas = (await import(pathToFileURL(join(folder, 'points_pb.js')).href)) as Record<
  string,
  unknown
>;

const nothing: Extent = { results: null, offset: null, vectors: null, payload: null };

function rowOf(name: string): Operation {
  const row = qdrant.operations.find((each) => each.name === name);
  if (!row) throw new Error(`no row ${name}`);
  return row;
}

/** What the row says to a request with this body: `passes`, or the sentence that the caller hears. */
function told(name: string, protocol: 'http' | 'grpc', body: Uint8Array, extent: Partial<Extent>) {
  const request = { method: 'POST', target: '/', fields: [], body };
  try {
    rowOf(name).confine?.(protocol, request, { ...nothing, ...extent });
    return 'passes';
  } catch (error) {
    if (error instanceof Refusal) return `${error.code}: ${error.told}`;
    throw error;
  }
}

const rest = (name: string, body: unknown, extent: Partial<Extent>) =>
  told(name, 'http', Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), extent);
const rpc = (name: string, schema: string, init: unknown, extent: Partial<Extent>) =>
  told(
    name,
    'grpc',
    toBinary(schemas[`${schema}Schema`], create(schemas[`${schema}Schema`], init)),
    extent,
  );

const five = { results: 5 };
const few = 'not-permitted: Forbidden: at most 5 results may be asked for';
const bare = { vectors: 'deny' } as const;
const noVectors = 'not-permitted: Forbidden: vectors may not be asked for';
const titled = { payload: ['title', 'meta.url'] };
const noPayload = 'not-permitted: Forbidden: of the payload only title, meta.url';
const near = { offset: 10 };
const tooFar = 'not-permitted: Forbidden: an offset may be at most 10';

describe('a request over REST whose form hides what it asks for', () => {
  const asked = '"limit":1,"with_payload":false';
  it.each([
    ['by positions of an array', 'points.scroll', '[null,1000,null,true,true]'],
    ['by positions in a batch', 'points.query_batch', '{"searches":[[null,1000]]}'],
    ['by no object', 'points.scroll', 'null'],
    ['by nothing', 'points.scroll', ''],
    ['by a key twice', 'points.scroll', `{${asked},"l\\u0069mit":1000}`],
    ['by a selector twice', 'points.scroll', `{${asked},"with_payl\\u006fad":true}`],
    [
      'by a list twice',
      'points.scroll',
      '{"limit":1,"with_payload":{"include":["title"],"include":["salary"]}}',
    ],
    ['by a selector of no fields', 'points.scroll', '{"limit":1,"with_payload":{}}'],
    ['by one that is text', 'points.scroll', '{"limit":1,"with_payload":"title"}'],
    ['by a selector of positions', 'points.scroll', '{"limit":1,"with_payload":[["title"]]}'],
    ['by a quoted path', 'points.scroll', '{"limit":1,"with_payload":["\\"salary\\""]}'],
    ['by an empty list of vectors', 'points.scroll', `{${asked},"with_vector":[]}`],
    ['by a number for vectors', 'points.scroll', `{${asked},"with_vectors":0}`],
    ['by more than a number holds', 'points.scroll', '{"limit":1e400,"with_payload":false}'],
    ['by a limit that is text', 'points.scroll', '{"limit":"1","with_payload":false}'],
    ['by a limit below nothing', 'points.scroll', '{"limit":-1,"with_payload":false}'],
    ['by an order of positions', 'points.scroll', `{${asked},"order_by":["salary"]}`],
    ['by a query of positions', 'points.query', '{"limit":1,"query":["salary"]}'],
    ['by positions within one', 'points.query', '{"limit":1,"query":[["salary","asc"]]}'],
    ['by a limit and its older word', 'points.search', '{"limit":null,"top":1000}'],
  ])('is refused: %s', (_what, name, body) => {
    expect(rest(name, body, { ...five, ...bare, ...titled, ...near })).not.toBe('passes');
  });
});

describe('a request over REST that asks for', () => {
  it.each<[string, string, unknown, Partial<Extent>, string]>([
    ['as many points as it may', 'points.query', { limit: 5 }, five, 'passes'],
    ['one more', 'points.query', { limit: 6 }, five, few],
    ['one more by the older word', 'points.search', { top: 6 }, five, few],
    ['few by a word that the row does not know', 'points.query', { top: 1 }, five, few],
    ['few by that word in a page', 'points.scroll', { top: 1 }, five, few],
    ['few groups by that word', 'points.query_groups', { top: 1, group_size: 1 }, five, few],
    ['as many as it may, and that word', 'points.query', { limit: 5, top: 9 }, five, 'passes'],
    ['more than it says', 'points.query', {}, five, few],
    ['as many as usual', 'points.query', {}, { results: 10 }, 'passes'],
    ['a larger page', 'points.scroll', { limit: 6 }, five, few],
    ['six points', 'points.get', { ids: [1, 2, 3, 4, 5, 6], with_payload: false }, five, few],
    ['five points', 'points.get', { ids: [1, 2, 3, 4, 5] }, five, 'passes'],
    ['six in a batch', 'points.query_batch', { searches: [{ limit: 3 }, { limit: 3 }] }, five, few],
    [
      'five in a batch',
      'points.search_batch',
      { searches: [{ limit: 3 }, { top: 2 }] },
      five,
      'passes',
    ],
    ['six in groups', 'points.query_groups', { limit: 2, group_size: 3 }, five, few],
    ['groups as usual', 'points.query_groups', { limit: 2 }, five, few],
    ['four in groups', 'points.search_groups', { limit: 2, group_size: 2 }, five, 'passes'],
    [
      'four in groups, and two that are looked up for them',
      'points.search_groups',
      { limit: 2, group_size: 2, with_lookup: 'c' },
      five,
      few,
    ],
    [
      'four in a group, and one that is looked up for it',
      'points.query_groups',
      { limit: 1, group_size: 4, with_lookup: { collection: 'c' } },
      five,
      'passes',
    ],
    ['a matrix', 'points.matrix_pairs', { sample: 3, limit: 2 }, five, few],
    ['six values', 'points.facet', { key: 'title', limit: 6 }, five, few],
    ['a far page', 'points.search', { limit: 1, offset: 11 }, near, tooFar],
    ['a near page', 'points.query', { limit: 1, offset: 10 }, near, 'passes'],
    ['the page after a point', 'points.scroll', { offset: 5000 }, near, 'passes'],
    ['vectors', 'points.query', { with_vector: true }, bare, noVectors],
    ['vectors by the other word', 'points.scroll', { with_vectors: true }, bare, noVectors],
    ['a vector by name', 'points.query', { with_vector: ['image'] }, bare, noVectors],
    ['no vectors', 'points.query', { with_vector: false }, bare, 'passes'],
    ['one point, which brings its vectors', 'points.get_one', '', bare, noVectors],
    ['one point, which brings its payload', 'points.get_one', '', titled, noPayload],
    [
      'vectors in a batch',
      'points.query_batch',
      { searches: [{}, { with_vector: true }] },
      bare,
      noVectors,
    ],
    [
      'vectors of another collection',
      'points.query_groups',
      { with_lookup: { collection: 'c', with_vectors: true } },
      bare,
      noVectors,
    ],
    [
      'vectors of another collection by the other word',
      'points.search_groups',
      { with_lookup: { collection: 'c', with_vector: true } },
      bare,
      noVectors,
    ],
    [
      'the payload it may',
      'points.query',
      { with_payload: ['title', 'meta.url'] },
      titled,
      'passes',
    ],
    [
      'less of it',
      'points.query',
      { with_payload: { include: ['meta.url.host'] } },
      titled,
      'passes',
    ],
    ['more of it', 'points.query', { with_payload: ['title', 'meta'] }, titled, noPayload],
    [
      'a field that only begins alike',
      'points.query',
      { with_payload: ['titles'] },
      titled,
      noPayload,
    ],
    [
      'all but some of it',
      'points.query',
      { with_payload: { exclude: ['text'] } },
      titled,
      noPayload,
    ],
    [
      'some of it in two ways',
      'points.query',
      { with_payload: { include: [], exclude: [] } },
      titled,
      noPayload,
    ],
    ['all of it', 'points.query', { with_payload: true }, titled, noPayload],
    ['none of it, as is usual', 'points.query', {}, titled, 'passes'],
    ['all of it, as is usual', 'points.scroll', {}, titled, noPayload],
    ['none of it', 'points.scroll', { with_payload: false }, titled, 'passes'],
    ['groups by a field', 'points.query_groups', { group_by: 'salary' }, titled, noPayload],
    [
      'the order of a field',
      'points.scroll',
      { with_payload: false, order_by: 'salary' },
      titled,
      noPayload,
    ],
    [
      'the order of a field, at length',
      'points.query',
      { query: { order_by: { key: 'salary' } } },
      titled,
      noPayload,
    ],
    [
      'the order of a field, in the positions of an array',
      'points.scroll',
      { with_payload: false, order_by: ['salary', 'asc', null] },
      titled,
      noPayload,
    ],
    [
      'the order of a field, in positions within positions',
      'points.query',
      { query: [['salary', 'asc', null]] },
      titled,
      noPayload,
    ],
    ['what is near several vectors', 'points.query', { query: [[0.1], [0.2]] }, titled, 'passes'],
    ['what is near one', 'points.query', { query: [0.1, 0.2] }, titled, 'passes'],
    ['the values of a field', 'points.facet', { key: 'salary' }, titled, noPayload],
    [
      'payload of another collection',
      'points.query_groups',
      { group_by: 'title', with_lookup: 'c' },
      titled,
      noPayload,
    ],
    ['a count', 'points.count', {}, { ...five, ...bare, ...titled }, 'passes'],
  ])('%s', (_what, name, body, extent, says) => {
    expect(rest(name, body, extent)).toBe(says);
  });

  it.each([
    ['limits twice', 'points.query', '{"limit":1,"limit":1000}'],
    ['limits by two words', 'points.search', '{"limit":1,"top":1000}'],
    [
      'a limit with an escape in its key beside it',
      'points.search',
      '{"limit":1,"l\\u0069mit":1000}',
    ],
    ['a limit that is text', 'points.query', '{"limit":"1000"}'],
    ['a limit below nothing', 'points.query', '{"limit":-1}'],
    [
      'searches in the positions of an array',
      'points.query_batch',
      '{"searches":[[null,null,1000]]}',
    ],
    ['a body in the positions of an array', 'points.scroll', '[null,1000]'],
    ['nothing', 'points.query', ''],
  ])('%s is not guessed at', (_what, name, body) => {
    expect(rest(name, body, five)).toMatch(/^unreadable-request/);
  });

  it('more than is decoded for it is refused', () => {
    const long = JSON.stringify({ limit: 1, query: Array(300_000).fill(0.1) });
    expect(rest('points.query', long, five)).toMatch(/^too-large/);
  });
});

describe('a request over gRPC that asks for', () => {
  const payloadOf = (fields: string[]) => ({
    withPayload: { selectorOptions: { case: 'include', value: { fields } } },
  });
  const enabled = (value: boolean) => ({ selectorOptions: { case: 'enable', value } });
  const search = { limit: 6n };
  it.each<[string, string, string, unknown, Partial<Extent>, string]>([
    ['as many points as it may', 'points.query', 'QueryPoints', { limit: 5n }, five, 'passes'],
    ['one more', 'points.query', 'QueryPoints', { limit: 6n }, five, few],
    ['very many more', 'points.query', 'QueryPoints', { limit: 1n << 63n }, five, few],
    ['more than it says', 'points.query', 'QueryPoints', {}, five, few],
    ['one more of a search', 'points.search', 'SearchPoints', search, five, few],
    ['one more of a recommendation', 'points.recommend', 'RecommendPoints', search, five, few],
    ['one more of a discovery', 'points.discover', 'DiscoverPoints', search, five, few],
    ['a larger page', 'points.scroll', 'ScrollPoints', { limit: 6 }, five, few],
    ['six points', 'points.get', 'GetPoints', { ids: Array(6).fill({}) }, five, few],
    [
      'six in a batch',
      'points.query_batch',
      'QueryBatchPoints',
      { queryPoints: [{ limit: 3n }, { limit: 3n }] },
      five,
      few,
    ],
    [
      'six in a batch of searches',
      'points.search_batch',
      'SearchBatchPoints',
      { searchPoints: [search] },
      five,
      few,
    ],
    [
      'six in a batch of discoveries',
      'points.discover_batch',
      'DiscoverBatchPoints',
      { discoverPoints: [search] },
      five,
      few,
    ],
    [
      'six in a batch of recommendations',
      'points.recommend_batch',
      'RecommendBatchPoints',
      { recommendPoints: [search] },
      five,
      few,
    ],
    [
      'six in groups',
      'points.query_groups',
      'QueryPointGroups',
      { limit: 2n, groupSize: 3n },
      five,
      few,
    ],
    [
      'four in groups, and two that are looked up for them',
      'points.query_groups',
      'QueryPointGroups',
      { limit: 2n, groupSize: 2n, withLookup: { collection: 'c' } },
      five,
      few,
    ],
    [
      'six in groups of searches',
      'points.search_groups',
      'SearchPointGroups',
      { limit: 2, groupSize: 3 },
      five,
      few,
    ],
    [
      'six in groups of recommendations',
      'points.recommend_groups',
      'RecommendPointGroups',
      { limit: 2, groupSize: 3 },
      five,
      few,
    ],
    [
      'a matrix',
      'points.matrix_offsets',
      'SearchMatrixPoints',
      { sample: 3n, limit: 2n },
      five,
      few,
    ],
    ['six values', 'points.facet', 'FacetCounts', { key: 'title', limit: 6n }, five, few],
    ['a far page', 'points.query', 'QueryPoints', { offset: 11n }, near, tooFar],
    ['a far page of a search', 'points.search', 'SearchPoints', { offset: 11n }, near, tooFar],
    [
      'a far page of a recommendation',
      'points.recommend',
      'RecommendPoints',
      { offset: 11n },
      near,
      tooFar,
    ],
    [
      'a far page of a discovery',
      'points.discover',
      'DiscoverPoints',
      { offset: 11n },
      near,
      tooFar,
    ],
    ['vectors', 'points.query', 'QueryPoints', { withVectors: enabled(true) }, bare, noVectors],
    [
      'vectors without a word',
      'points.scroll',
      'ScrollPoints',
      { withVectors: {} },
      bare,
      noVectors,
    ],
    [
      'no vectors',
      'points.search',
      'SearchPoints',
      { withVectors: enabled(false) },
      bare,
      'passes',
    ],
    [
      'a vector by name',
      'points.get',
      'GetPoints',
      { withVectors: { selectorOptions: { case: 'include', value: { names: ['image'] } } } },
      bare,
      noVectors,
    ],
    [
      'vectors in groups',
      'points.search_groups',
      'SearchPointGroups',
      { withVectors: enabled(true) },
      bare,
      noVectors,
    ],
    [
      'vectors in groups of recommendations',
      'points.recommend_groups',
      'RecommendPointGroups',
      { withVectors: enabled(true) },
      bare,
      noVectors,
    ],
    [
      'vectors in groups of queries',
      'points.query_groups',
      'QueryPointGroups',
      { withVectors: enabled(true) },
      bare,
      noVectors,
    ],
    [
      'vectors of another collection',
      'points.query_groups',
      'QueryPointGroups',
      { withLookup: { collection: 'c', withVectors: enabled(true) } },
      bare,
      noVectors,
    ],
    ['the payload it may', 'points.query', 'QueryPoints', payloadOf(['title']), titled, 'passes'],
    ['more of it', 'points.query', 'QueryPoints', payloadOf(['title', 'text']), titled, noPayload],
    [
      'more of it in a search',
      'points.search',
      'SearchPoints',
      payloadOf(['text']),
      titled,
      noPayload,
    ],
    [
      'more of it in a recommendation',
      'points.recommend',
      'RecommendPoints',
      payloadOf(['text']),
      titled,
      noPayload,
    ],
    [
      'more of it in a discovery',
      'points.discover',
      'DiscoverPoints',
      payloadOf(['text']),
      titled,
      noPayload,
    ],
    [
      'more of it in groups',
      'points.search_groups',
      'SearchPointGroups',
      payloadOf(['text']),
      titled,
      noPayload,
    ],
    [
      'more of it in groups of recommendations',
      'points.recommend_groups',
      'RecommendPointGroups',
      payloadOf(['text']),
      titled,
      noPayload,
    ],
    [
      'more of it in groups of queries',
      'points.query_groups',
      'QueryPointGroups',
      payloadOf(['text']),
      titled,
      noPayload,
    ],
    ['more of some points', 'points.get', 'GetPoints', payloadOf(['text']), titled, noPayload],
    ['all of it', 'points.query', 'QueryPoints', { withPayload: enabled(true) }, titled, noPayload],
    ['all of it, as is usual', 'points.scroll', 'ScrollPoints', {}, titled, noPayload],
    [
      'none of it',
      'points.scroll',
      'ScrollPoints',
      { withPayload: enabled(false) },
      titled,
      'passes',
    ],
    [
      'all but some of it',
      'points.query',
      'QueryPoints',
      { withPayload: { selectorOptions: { case: 'exclude', value: { fields: ['a'] } } } },
      titled,
      noPayload,
    ],
    [
      'groups by a field',
      'points.query_groups',
      'QueryPointGroups',
      { groupBy: 'salary' },
      titled,
      noPayload,
    ],
    [
      'groups of a search by a field',
      'points.search_groups',
      'SearchPointGroups',
      { groupBy: 'salary' },
      titled,
      noPayload,
    ],
    [
      'groups of recommendations by a field',
      'points.recommend_groups',
      'RecommendPointGroups',
      { groupBy: 'salary' },
      titled,
      noPayload,
    ],
    [
      'the order of a field',
      'points.scroll',
      'ScrollPoints',
      { withPayload: enabled(false), orderBy: { key: 'salary' } },
      titled,
      noPayload,
    ],
    [
      'the order of a field, in a query',
      'points.query',
      'QueryPoints',
      { query: { variant: { case: 'orderBy', value: { key: 'salary' } } } },
      titled,
      noPayload,
    ],
    ['the values of a field', 'points.facet', 'FacetCounts', { key: 'salary' }, titled, noPayload],
    [
      'payload of another collection',
      'points.search_groups',
      'SearchPointGroups',
      { groupBy: 'title', withLookup: { collection: 'c' } },
      titled,
      noPayload,
    ],
  ])('%s', (_what, name, schema, init, extent, says) => {
    expect(rpc(name, schema, init, extent)).toBe(says);
  });

  it('a selector in two pieces is not guessed at, and of two limits the last counts', () => {
    const off = Buffer.from([0x5a, 2, 8, 0]);
    expect(told('points.query', 'grpc', Buffer.concat([off, off]), titled)).toMatch(/^unreadable/);
    const both = (...limits: number[]) => Buffer.from(limits.flatMap((limit) => [0x40, limit]));
    expect(told('points.query', 'grpc', both(100, 5), five)).toBe('passes');
    expect(told('points.query', 'grpc', both(5, 100), five)).toBe(few);
  });
});

describe('rows that carry data', () => {
  it('are held to an extent, or refused where one is set', () => {
    const carrying = qdrant.operations.filter(({ action }) => action === 'read');
    const without = carrying.filter(({ confine }) => !confine).map(({ name }) => name);
    expect(without).toEqual([]);
  });
});

describe('a request over gRPC that is made of very many pieces', () => {
  // GetPoints: `ids` 2, of which each is a PointId with its `num` 1.
  it('passes with as many ids as one of 1 MiB can hold', () => {
    const silent = Buffer.from([0x22, 2, 8, 0]);
    const ids = Buffer.alloc(1024 * 1024 - silent.length, Buffer.from([0x12, 2, 8, 5]));
    expect(told('points.get', 'grpc', Buffer.concat([silent, ids]), bare)).toBe('passes');
  });

  it('is refused where it has more, which cost far more than they take to send', () => {
    const ids = Buffer.alloc(262_145 * 2, Buffer.from([0x12, 0]));
    expect(told('points.get', 'grpc', ids, bare)).toMatch(/^unreadable-request/);
  });
});

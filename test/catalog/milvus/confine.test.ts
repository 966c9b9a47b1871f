import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { locate } from '../../../src/catalog/milvus/locate.ts';
import type { Extent, Intent } from '../../../src/catalog/operation.ts';
import { Refusal } from '../../../src/refusal.ts';
import { restHead } from '../request.ts';
import { asked, forwarded, known } from './asked.ts';
import { root } from './descriptions.ts';

type Content = Readonly<Record<string, unknown>>;
interface Pair {
  readonly key: string;
  readonly value: string;
}

const open: Extent = { results: null, offset: null, vectors: null, payload: null };
const lower: Extent['exceed'] = 'lower';
const collection_name = 'pub';
const group = root.lookupType('milvus.proto.common.PlaceholderGroup');

function vectors(count: number): Uint8Array {
  const values = Array.from({ length: count }, () => Buffer.alloc(8));
  return group.encode(group.fromObject({ placeholders: [{ tag: '$0', values }] })).finish();
}

function pairs(parameters: Content): Pair[] {
  return Object.entries(parameters).map(([key, value]) => ({ key, value: String(value) }));
}

function search(parameters: Content, more: Content = {}): Content {
  return {
    ...{ collection_name, nq: 1, dsl_type: 1, placeholder_group: vectors(1) },
    search_params: pairs({
      anns_field: 'v',
      metric_type: 'L2',
      params: '{"nprobe":8}',
      ...parameters,
    }),
    ...more,
  };
}

function confined(intent: Intent, extent: Partial<Extent>, protocol: 'grpc' | 'http' = 'grpc') {
  const { confine } = intent.operation;
  if (!confine) throw new Error('the operation is not confined');
  return { ...intent, request: confine(protocol, intent.request, { ...open, ...extent }) };
}

/** What is forwarded of a call under an extent; the code of the refusal where it is refused. */
function call(method: string, content: Content, extent: Partial<Extent>): Content | string {
  try {
    return forwarded(method, confined(asked(method, content), extent));
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

/** The same of a request of REST. */
async function rest(
  path: string,
  body: unknown,
  extent: Partial<Extent>,
): Promise<Content | string> {
  try {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const reading = await locate(restHead(`POST ${path}`)).read(Buffer.from(text));
    const { request } = confined(reading.intent(known), extent, 'http');
    return JSON.parse(Buffer.from(request.body ?? []).toString('utf8')) as Content;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

const denied = 'not-permitted';
const unreadable = 'unreadable-request';
const v2 = '/v2/vectordb/entities/';

describe('the results of a search of Milvus', () => {
  it('are counted by vector, group and limit', () => {
    const results = 20;
    const refused = (content: Content) => call('Search', content, { results });
    expect(refused(search({ topk: 20 }))).not.toBe(denied);
    expect(refused(search({ topk: 21 }))).toBe(denied);
    expect(refused(search({ limit: 1 }))).toBe(denied);
    expect(refused(search({}, { output_fields: ['count(*)'] }))).toBe(denied);
    expect(refused(search({ topk: 11 }, { nq: 2 }))).toBe(denied);
    expect(refused(search({ topk: 11 }, { placeholder_group: vectors(2) }))).toBe(denied);
    expect(refused(search({ topk: 11, group_by_field: 'a', group_size: 2 }))).toBe(denied);
    expect(refused(search({ topk: 10, group_by_field: 'a', group_size: 2 }))).not.toBe(denied);
    const ids = { int_id: { data: [1, 2, 3] } };
    expect(refused(search({ topk: 7 }, { nq: 0, placeholder_group: undefined, ids }))).toBe(denied);
  });

  it('are not told by a number in any but its plain spelling', () => {
    for (const topk of [
      '+10',
      '10 ',
      ' 10',
      '1e1',
      '0x0a',
      '0b1',
      '1_0',
      '010',
      '-1',
      '0',
      '',
      'ten',
    ]) {
      expect(call('Search', search({ topk }), { results: 100 }), topk).toBe(unreadable);
    }
  });

  it('are not told where a parameter is given twice, or is not known', () => {
    const twice = [...pairs({ topk: 1, anns_field: 'v' }), ...pairs({ topk: 5000 })];
    const extent = { results: 100 };
    expect(call('Search', search({}, { search_params: twice }), extent)).toBe(unreadable);
    expect(call('Search', search({ topk: 1, top_k: 5000 }), extent)).toBe(unreadable);
    expect(call('Search', search({ topk: 1, TOPK: 5000 }), extent)).toBe(unreadable);
    expect(call('Search', search({ topk: 1, group_by_fields: 'a' }), extent)).toBe(unreadable);
  });

  it('are the most that the parameters say, in the JSON of `params` too', () => {
    const inside = (params: unknown, extent: Partial<Extent>) =>
      call('Search', search({ topk: 1, params }), extent);
    expect(inside('{"limit":500}', { results: 100 })).toBe(denied);
    expect(inside('{"topk":"500"}', { results: 100 })).toBe(denied);
    expect(inside('{"offset":500}', { offset: 100 })).toBe(denied);
    expect(inside('{"params":{"topk":500}}', { results: 100 })).toBe(unreadable);
    expect(inside('{"offset":1,"offset":500}', { offset: 100 })).toBe(unreadable);
    expect(inside('{"v":"\\"", "offset":1, "\\u006fffset":500}', { offset: 100 })).toBe(unreadable);
    expect(inside('[1]', { results: 100 })).toBe(unreadable);
    expect(inside('', { results: 100 })).not.toBe(unreadable);
  });

  it('are counted where an iterator takes its batch for the limit', () => {
    const iterator = { iterator: 'True', search_iter_v2: 'True', topk: 1 };
    const batch = { ...iterator, search_iter_batch_size: 5000 };
    expect(call('Search', search(batch), { results: 100 })).toBe(denied);
    // Of a topk that is none it makes the most there is.
    expect(call('Search', search({ ...iterator, topk: 0 }), { results: 100 })).toBe(unreadable);
  });

  it('are not told where nobody here counts them', () => {
    const extent = { results: 100 };
    const refused = (more: Content) => call('Search', search({ topk: 1 }, more), extent);
    expect(refused({ sub_reqs: [{ dsl: 'a > 1' }] })).toBe(unreadable);
    expect(refused({ search_by_primary_keys: true })).toBe(unreadable);
    expect(refused({ search_aggregation: { fields: ['a'], size: 5000 } })).toBe(unreadable);
    expect(refused({ dsl_type: 0, dsl: '{"bool":{}}' })).toBe(unreadable);
  });

  it('are lowered to what may be asked for', () => {
    const extent = { results: 20, exceed: lower } as const;
    const parameters = (sent: Content | string) =>
      Object.fromEntries(
        ((sent as Content)['search_params'] as Pair[]).map((p) => [p.key, p.value]),
      );
    const sent = call(
      'Search',
      search({ topk: 5000 }, { nq: 2, placeholder_group: vectors(2) }),
      extent,
    );
    expect(parameters(sent)).toMatchObject({ topk: '10', anns_field: 'v', params: '{"nprobe":8}' });
    expect(sent).toMatchObject({ db_name: 'default', collection_name: 'pub' });
    expect(parameters(call('Search', search({}), extent))).toMatchObject({ topk: '20' });
    const many = search({ topk: 1 }, { placeholder_group: vectors(21) });
    expect(call('Search', many, extent)).toBe(denied);
    const inner = search({ topk: 5000, params: '{"limit":5000}' });
    expect(call('Search', inner, extent)).toBe(denied);
  });

  it('of several that are joined are counted once', () => {
    const requests = [search({ topk: 5000 }), search({ topk: 5000 })];
    const hybrid = (limit: unknown, more: Content = {}) => ({
      ...{ collection_name, requests },
      rank_params: pairs({ strategy: 'rrf', params: '{"k":60}', limit }),
      ...more,
    });
    expect(call('HybridSearch', hybrid(20), { results: 20 })).not.toBe(denied);
    expect(call('HybridSearch', hybrid(21), { results: 20 })).toBe(denied);
    const sent = call('HybridSearch', hybrid(21), { results: 20, exceed: 'lower' }) as Content;
    expect(sent['rank_params']).toContainEqual({ key: 'limit', value: '20' });
    const within = search({ topk: 1 }, { output_fields: ['secret'] });
    const more = { requests: [within] };
    expect(call('HybridSearch', hybrid(1, more), { payload: ['title'] })).toBe(denied);
    const bare = call('HybridSearch', hybrid(1, more), { payload: ['title'], exceed: 'lower' });
    expect(JSON.stringify(bare)).not.toContain('secret');
  });
});

describe('the results of a query of Milvus', () => {
  const query = (parameters: Content, output_fields: readonly string[] = []) => ({
    ...{ collection_name, expr: 'id > 0', output_fields },
    query_params: pairs(parameters),
  });

  it('are all where it has no limit', () => {
    expect(call('Query', query({}), { results: 20 })).toBe(denied);
    expect(call('Query', query({ topk: 1 }), { results: 20 })).toBe(denied);
    expect(call('Query', query({ params: '{"limit":1}' }), { results: 20 })).toBe(denied);
    expect(call('Query', query({ limit: 20 }), { results: 20 })).not.toBe(denied);
    expect(call('Query', query({ limit: -1 }), { results: 20 })).toBe(unreadable);
    expect(call('Query', query({ limit: 0 }), { results: 20 })).toBe(unreadable);
    expect(call('Query', query({ limit: 1, offset: 21 }), { offset: 20 })).toBe(denied);
    const sent = call('Query', query({}), { results: 20, exceed: 'lower' }) as Content;
    expect(sent['query_params']).toEqual([{ key: 'limit', value: '20' }]);
  });

  it('are one where they are counted', () => {
    expect(call('Query', query({}, ['count(*)']), { results: 1, payload: [] })).not.toBe(denied);
    expect(call('Query', query({}, ['count(*)', 'a']), { results: 1 })).toBe(denied);
  });
});

describe('the fields of an answer of Milvus', () => {
  const payload = ['title', 'url', '*', 'sum(a)'];
  const ask = (output_fields: readonly string[], extent: Partial<Extent>) =>
    call('Search', search({ topk: 1 }, { output_fields }), extent);

  it('are those that are listed, by their very names', () => {
    expect(ask(['title', 'url'], { payload })).toMatchObject({ output_fields: ['title', 'url'] });
    expect(ask([], { payload })).not.toBe(denied);
    const tried = [
      '*',
      ' * ',
      '%',
      '$meta',
      '$meta["title"]',
      'title["a"]',
      ' title',
      'TITLE',
      'sum(a)',
    ];
    for (const field of [...tried, 'title.x', 'Count(*)', 'v', '']) {
      expect(ask([field], { payload }), field).toBe(denied);
    }
  });

  it('are lowered to those that are listed', () => {
    const extent = { payload, exceed: lower } as const;
    expect(ask(['*'], extent)).toMatchObject({ output_fields: ['title', 'url'] });
    expect(ask(['title', '%', 'v'], extent)).toMatchObject({ output_fields: ['title'] });
    const query = { collection_name, expr: 'id > 0', query_params: pairs({ limit: 1 }) };
    expect(call('Query', query, extent)).toMatchObject({ output_fields: ['title', 'url'] });
  });

  it('are none that may be a vector', () => {
    const vectors = 'deny';
    expect(ask([], { vectors })).not.toBe(denied);
    for (const field of ['*', '%', 'v', 'anything']) expect(ask([field], { vectors })).toBe(denied);
    expect(ask(['title'], { vectors, payload })).not.toBe(denied);
    const query = { collection_name, expr: 'id > 0', query_params: pairs({ limit: 1 }) };
    expect(call('Query', query, { vectors })).toBe(denied);
    expect(call('Query', { ...query, output_fields: ['count(*)'] }, { vectors })).not.toBe(denied);
  });

  it('are told by what they are grouped or ordered by', () => {
    const by = (parameters: Content) =>
      call('Search', search({ topk: 1, ...parameters }), { payload });
    expect(by({ group_by_field: 'title' })).not.toBe(denied);
    expect(by({ group_by_field: 'secret' })).toBe(denied);
    expect(by({ order_by_fields: 'title:desc,secret' })).toBe(denied);
    expect(by({ params: '{"group_by_field":"secret"}' })).toBe(denied);
  });
});

describe('what a request of REST asks of Milvus', () => {
  const collectionName = 'pub';
  const data = [[1, 2]];
  const results = 20;

  it('is counted as over gRPC', async () => {
    const tried = (more: Content) =>
      rest(`${v2}search`, { collectionName, data, limit: 1, ...more }, { results });
    expect(await tried({})).not.toBe(denied);
    expect(await tried({ limit: 21 })).toBe(denied);
    expect(await tried({ limit: undefined })).toBe(denied);
    expect(await tried({ limit: 11, data: [[1], [2]] })).toBe(denied);
    expect(await tried({ limit: 11, groupSize: 2 })).toBe(denied);
    for (const limit of [0, -1, '1', 1.5, null, 1e300])
      expect(await tried({ limit })).toBe(unreadable);
    expect(await tried({ searchAggregation: { size: 5000 } })).toBe(unreadable);
  });

  it('is not hidden in parameters that stand before the limit', async () => {
    const tried = (searchParams: unknown) =>
      rest(`${v2}search`, { collectionName, data, limit: 1, searchParams }, { results, offset: 5 });
    expect(await tried({ metricType: 'L2', params: { radius: 1, range_filter: 2 } })).not.toBe(
      denied,
    );
    expect(await tried({ topk: '5000' })).toBe(denied);
    expect(await tried({ topk: 5000 })).toBe(denied);
    expect(await tried({ offset: 5000 })).toBe(denied);
    expect(await tried({ params: { limit: 5000 } })).toBe(denied);
    expect(await tried({ topK: 5000 })).toBe(unreadable);
    expect(await tried([])).toBe(unreadable);
  });

  it('is everything where a query does not say', async () => {
    const query = { collectionName, filter: 'id > 0' };
    expect(await rest(`${v2}query`, query, { payload: ['title'] })).toBe(denied);
    expect(await rest(`${v2}query`, { ...query, outputFields: [] }, { payload: ['title'] })).toBe(
      denied,
    );
    expect(await rest(`${v2}get`, { collectionName, id: [1] }, { vectors: 'deny' })).toBe(denied);
    const sent = await rest(`${v2}query`, query, { results, payload: ['title'], exceed: 'lower' });
    expect(sent).toMatchObject({ limit: 20, outputFields: ['title'], ...query });
    const counted = { ...query, outputFields: ['count(*)'] };
    expect(await rest(`${v2}query`, counted, { results: 1, payload: [] })).not.toBe(denied);
  });

  it('is as many entities as it has ids', async () => {
    const get = (id: unknown) => rest(`${v2}get`, { collectionName, id }, { results: 2 });
    expect(await get([1, 2])).not.toBe(denied);
    expect(await get([1, 2, 3])).toBe(denied);
    expect(await rest('/v1/vector/get', { collectionName, id: [1, 2, 3] }, { results: 2 })).toBe(
      denied,
    );
  });

  it('is held over REST v1 too', async () => {
    const path = '/v1/vector/search';
    const body = { collectionName, vector: [1, 2], outputFields: ['*'], limit: 3 };
    expect(await rest(path, body, { results: 2 })).toBe(denied);
    const extent = { results: 2, payload: ['title'], exceed: lower } as const;
    expect(await rest(path, body, extent)).toMatchObject({ limit: 2, outputFields: ['title'] });
  });

  it('is that of all searches that are joined', async () => {
    const body = (limit: number, outputFields: readonly string[]) => ({
      collectionName,
      search: [{ data, annsField: 'v', limit: 5000, outputFields }],
      rerank: { strategy: 'rrf', params: { k: 10 } },
      limit,
    });
    expect(await rest(`${v2}hybrid_search`, body(20, []), { results })).not.toBe(denied);
    expect(await rest(`${v2}hybrid_search`, body(21, []), { results })).toBe(denied);
    const lowered = { results, payload: ['title'], exceed: lower } as const;
    const sent = await rest(`${v2}hybrid_search`, body(21, ['secret']), lowered);
    expect(sent).toMatchObject({ limit: 20, search: [{ limit: 5000, outputFields: [] }] });
  });
});

/** The number that Milvus takes for a key: the first of its name, read with base 0. */
function taken(parameters: readonly Pair[], key: string): number | null {
  const found = parameters.find((pair) => pair.key === key);
  if (!found || !/^[+-]?(0x[0-9a-f]+|\d+)$/i.test(found.value)) return null;
  return Number(found.value);
}

describe('whatever is forwarded under an extent', () => {
  const value = fc.constantFrom(
    '1',
    '5',
    '20',
    '21',
    '500',
    '+500',
    '0x500',
    ' 7',
    '-1',
    '0',
    '1e3',
  );
  const key = fc.constantFrom('topk', 'limit', 'offset', 'group_size', 'metric_type', 'nprobe');
  const some = fc.array(fc.record({ key, value }), { maxLength: 5 });
  const field = fc.constantFrom('title', 'v', '*', '%', ' title', '$meta', 'count(*)');

  it('asks Milvus for no more', () => {
    fc.assert(
      fc.property(
        some,
        fc.array(field, { maxLength: 3 }),
        fc.nat(3),
        fc.constantFrom(lower, undefined),
        (search_params, output_fields, nq, exceed) => {
          const payload = ['title'];
          const extent = { results: 20, offset: 5, payload, ...(exceed ? { exceed } : {}) };
          const content = { ...search({}), search_params, output_fields, nq };
          const sent = call('Search', { ...content, placeholder_group: vectors(nq) }, extent);
          if (typeof sent === 'string') return;
          const parameters = (sent['search_params'] ?? []) as Pair[];
          const topk = taken(parameters, 'topk');
          expect(topk).not.toBeNull();
          expect(
            (topk ?? 0) * Math.max(1, nq) * (taken(parameters, 'group_size') ?? 1),
          ).toBeLessThanOrEqual(20);
          expect(taken(parameters, 'offset') ?? 0).toBeLessThanOrEqual(5);
          const fields = (sent['output_fields'] ?? []) as string[];
          expect(fields.every((name) => name === 'title' || name === 'count(*)')).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

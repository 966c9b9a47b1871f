import { describe, expect, it } from 'vitest';
import { asked } from './asked.ts';
import { root } from './descriptions.ts';
import { asked as askedOverRest, posted } from './rest-asked.ts';

type Content = Readonly<Record<string, unknown>>;

const collection_name = 'pub';
const group = root.lookupType('milvus.proto.common.PlaceholderGroup');

function vectors(count: number): Uint8Array {
  const values = Array.from({ length: count }, () => Buffer.alloc(8));
  return group.encode(group.fromObject({ placeholders: [{ tag: '$0', values }] })).finish();
}

/** A search that says it has so many vectors and gives so many. */
function search(nq: number, given: number, more: Content = {}): Content {
  return { collection_name, dsl_type: 1, nq, placeholder_group: vectors(given), ...more };
}

describe('a search over gRPC is worth', () => {
  it.each([
    ['one, with one vector', search(1, 1), 1],
    ['as many as it gives', search(16_384, 16_384), 16_384],
    ['as many as it gives, where it does not say', search(0, 300), 300],
    ['as many as it gives, where it says less', search(1, 300), 300],
    ['as many as it says, where it gives less', search(300, 1), 300],
    ['one, where it says less than nothing', search(-5, 1), 1],
    ['one at least', search(0, 0), 1],
    ['the numbers it asks by', search(1, 0, { ids: { int_id: { data: [1, 2, 300] } } }), 3],
    ['the names it asks by', search(1, 0, { ids: { str_id: { data: ['a', 'b'] } } }), 2],
    ['no more than is counted', search(1_000_000_000, 1), 65_536],
  ])('%s', (_what, content, work) => {
    expect(asked('Search', content).work).toBe(work);
  });

  it('the searches within it, each by what it says or gives', () => {
    const requests = [search(5, 1), search(1, 7), search(1, 1)];
    expect(asked('HybridSearch', { collection_name, requests }).work).toBe(13);
  });

  it('all that is counted, where it hides its vectors behind more than is looked at', () => {
    const padding = Buffer.alloc(2 * 300_000, Buffer.from([0x50, 0x00]));
    const placeholder_group = Buffer.concat([padding, vectors(2)]);
    expect(asked('Search', { ...search(1, 1), placeholder_group }).work).toBe(65_536);
  });

  it('what it says, where what it gives is no message', () => {
    const placeholder_group = Buffer.from([0x0a, 0xff]);
    expect(asked('Search', { ...search(2, 1), placeholder_group }).work).toBe(2);
  });
});

describe('a search over REST is worth', () => {
  const vector = [0.1, 0.2];

  it.each([
    ['one, with one vector', 'entities/search', { data: [vector] }, 1],
    ['the vectors it asks with', 'entities/search', { data: [vector, vector, vector] }, 3],
    ['the texts it asks with', 'entities/search', { data: ['a', 'b'] }, 2],
    ['the ids it asks by', 'entities/search', { ids: [1, 2] }, 2],
    ['one at least', 'entities/search', {}, 1],
    [
      'the vectors of all searches within it',
      'entities/hybrid_search',
      { search: [{ data: [vector, vector] }, { data: [vector] }] },
      3,
    ],
  ])('%s', async (_what, path, body, work) => {
    const { points, ...intent } = await posted(path, { collectionName: 'pub', ...body });
    expect([points, intent.work]).toEqual([0, work]);
  });

  it('them however the key is escaped', async () => {
    const body = '{"collectionName":"pub","d\\u0061ta":[[1],[2]]}';
    expect((await posted('entities/search', body)).work).toBe(2);
  });

  it('one, over v1, which takes one vector', async () => {
    const body = { collectionName: 'pub', vector };
    expect((await askedOverRest('POST /v1/vector/search', body)).work ?? 1).toBe(1);
  });
});

it('no search has no such worth: an insert has its rows, a query and a look-up are one', async () => {
  expect(asked('Query', { collection_name, expr: 'id > 0' }).work).toBeUndefined();
  expect(asked('Insert', { collection_name, num_rows: 3 })).toMatchObject({ points: 3 });
  const inserted = await posted('entities/insert', { collectionName: 'pub', data: [{}, {}] });
  expect([inserted.points, inserted.work]).toEqual([2, undefined]);
});

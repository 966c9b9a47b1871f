import { QdrantClient } from '@qdrant/js-client-rest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoDatabase, demoNotice, startDemoDatabase } from '../../src/demo/database.ts';

let database: DemoDatabase;
let client: QdrantClient;

beforeAll(async () => {
  database = await startDemoDatabase();
  client = new QdrantClient({ url: database.http });
  await client.createCollection('c', {
    vectors: {
      near: { size: 2, distance: 'Euclid' },
      many: { size: 2, distance: 'Dot', multivector_config: { comparator: 'max_sim' } },
      blocks: { size: 2, distance: 'Manhattan' },
    },
    sparse_vectors: { words: {} },
  });
  const all = (x: number, y: number) => ({
    near: [x, y],
    blocks: [x, y],
    // Two rows of integers would be a sparse vector written as an array, to Qdrant as well.
    many: [
      [x, y],
      [y, x],
      [0, 0],
    ],
    words: { indices: [x, 10 + y], values: [1.5, 1] },
  });
  await client.upsert('c', {
    wait: true,
    points: [
      { id: 1, vector: all(0, 1), payload: { name: 'Hello World', at: '2026-01-01T00:00:00Z' } },
      { id: 2, vector: all(3, 4), payload: { name: 'world', tags: ['a', 'b'], n: 5, none: null } },
      { id: 3, vector: { near: [6, 8] }, payload: { n: -2.5, parts: [{ a: 1, b: 1 }, { a: 2 }] } },
    ],
  });
});
afterAll(() => database.close());

async function matching(filter: object): Promise<unknown[]> {
  const found = await client.scroll('c', { filter });
  return found.points.map(({ id }) => id);
}

describe('distances', () => {
  test.each([
    [
      'near',
      [0, 0],
      [
        [1, 1],
        [2, 5],
        [3, 10],
      ],
    ],
    [
      'blocks',
      [0, 0],
      [
        [1, 1],
        [2, 7],
      ],
    ],
    [
      'many',
      [[1, 0]],
      [
        [2, 4],
        [1, 1],
      ],
    ],
    [
      'words',
      { indices: [3, 11], values: [2, 1] },
      [
        [2, 3],
        [1, 1],
      ],
    ],
  ])('%s from %j: %j', async (using, query, expected) => {
    const found = await client.query('c', { query: query as number[], using });
    expect(found.points.map(({ id, score }) => [id, score])).toEqual(expected);
  });

  test('a threshold keeps what is nearer than it', async () => {
    const found = await client.query('c', { query: [0, 0], using: 'near', score_threshold: 5 });
    expect(found.points.map(({ id }) => id)).toEqual([1, 2]);
  });
});

describe('filters', () => {
  test.each([
    [{ must: { key: 'name', match: { text: 'world Hello' } } }, [1]],
    [{ must: [{ key: 'name', match: { text_any: 'hello you' } }] }, [1]],
    [{ must: [{ key: 'tags[]', match: { value: 'b' } }] }, [2]],
    [{ must: [{ key: 'tags[1]', match: { value: 'a' } }] }, []],
    [{ must: [{ key: 'at', range: { gte: '2025-12-31T12:00:00Z' } }] }, [1]],
    [{ must: [{ key: 'n', range: { lt: 0 } }] }, [3]],
    [{ must: [{ is_null: { key: 'none' } }] }, [2]],
    [{ must_not: [{ is_empty: { key: 'n' } }] }, [2, 3]],
    [{ must: [{ has_vector: 'words' }] }, [1, 2]],
    [{ should: [{ has_id: [3] }, { key: 'n', match: { any: [5] } }] }, [2, 3]],
    [{ must: [{ nested: { key: 'parts', filter: { must: [both(1, 1)] } } }] }, [3]],
    [{ must: [{ nested: { key: 'parts', filter: { must: [both(2, 1)] } } }] }, []],
  ])('%j holds of %j', async (filter, ids) => {
    expect(await matching(filter)).toEqual(ids);
  });
});

function both(a: number, b: number): object {
  const is = (key: string, value: number) => ({ key, match: { value } });
  return { must: [is('a', a), is('b', b)] };
}

describe('changes', () => {
  test('insert_only leaves what is there, update_only adds nothing', async () => {
    const points = [
      { id: 1, vector: { near: [9, 9] } },
      { id: 9, vector: { near: [9, 9] } },
    ];
    await client.upsert('c', { wait: true, points, update_mode: 'update_only' } as never);
    expect((await client.retrieve('c', { ids: [9] })).length).toBe(0);
    await client.upsert('c', { wait: true, points, update_mode: 'insert_only' } as never);
    const [first] = await client.retrieve('c', { ids: [1, 9], with_vector: ['near'] });
    expect(first?.vector).toEqual({ near: [9, 9] });
    expect(await client.count('c')).toEqual({ count: 4 });
  });

  test('a change of a point that does not exist is refused', async () => {
    const change = client.setPayload('c', { wait: true, payload: { a: 1 }, points: [404] });
    await expect(change).rejects.toThrow('Not Found');
  });

  test('a vector name is added, filled and dropped with its vectors', async () => {
    const headers = { method: 'PUT', body: '{"dense":{"size":1,"distance":"Dot"}}' };
    const url = `${database.http}/collections/c/vectors/new?wait=true`;
    expect((await fetch(url, headers)).status).toBe(200);
    await client.updateVectors('c', { wait: true, points: [{ id: 2, vector: { new: [7] } }] });
    const found = await client.query('c', { query: [2], using: 'new' });
    expect(found.points.map(({ id, score }) => [id, score])).toEqual([[2, 14]]);
    await fetch(url, { method: 'DELETE' });
    await expect(client.query('c', { query: [2], using: 'new' })).rejects.toThrow('Bad Request');
  });
});

test('what the demo does not do, it says', async () => {
  const body = JSON.stringify({ query: { formula: { sum: [1] } }, prefetch: { query: [0, 0] } });
  const url = `${database.http}/collections/c/points/query`;
  const response = await fetch(url, {
    method: 'POST',
    body: body.replace('[0,0]', '[0,0],"using":"near"'),
  });
  expect(response.status).toBe(501);
  expect(await response.text()).toContain('The demo database does not do this: formula queries');
  expect(demoNotice).toContain('in memory');
});

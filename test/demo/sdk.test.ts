import { createHash } from 'node:crypto';
import { QdrantClient as GrpcClient } from '@qdrant/js-client-grpc';
import { QdrantClient as RestClient } from '@qdrant/js-client-rest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoDatabase, startDemoDatabase } from '../../src/demo/database.ts';

const size = 768;
const count = 10_000;
const batch = 500;
const apiKey = 'secret-admin';

/** Vectors that are the same in each run, and all different. */
function vectorOf(id: number): number[] {
  return Array.from({ length: size }, (_, at) =>
    Math.fround(Math.sin(id * 31 + at * (1 + id / 7))),
  );
}

const vectors = Array.from({ length: count }, (_, id) => vectorOf(id));
const probe = 4321;

let database: DemoDatabase;
beforeAll(async () => {
  database = await startDemoDatabase({ apiKey, snapshotBytes: 3_000_000 });
});
afterAll(() => database.close());

describe('@qdrant/js-client-rest', () => {
  let client: RestClient;
  beforeAll(() => {
    client = new RestClient({ url: database.http, apiKey });
  });

  test('creates a collection and upserts 10,000 points of 768 dimensions', async () => {
    await client.createCollection('rest', { vectors: { size, distance: 'Cosine' } });
    for (let start = 0; start < count; start += batch) {
      const points = vectors.slice(start, start + batch).map((vector, at) => {
        return { id: start + at, vector, payload: { even: at % 2 === 0, group: at % 10 } };
      });
      await client.upsert('rest', { wait: true, points });
    }
    expect(await client.count('rest')).toEqual({ count });
  }, 60_000);

  test('finds the nearest point, also under a filter', async () => {
    const query = vectors[probe] ?? [];
    const nearest = await client.query('rest', { query, limit: 3, with_payload: true });
    expect(nearest.points[0]).toMatchObject({ id: probe, payload: { even: false, group: 1 } });
    expect(nearest.points[0]?.score).toBeCloseTo(1, 5);
    const filter = { must: [{ key: 'even', match: { value: true } }] };
    const filtered = await client.query('rest', { query, filter, limit: 5 });
    expect(filtered.points.map(({ id }) => Number(id) % 2)).toEqual([0, 0, 0, 0, 0]);
  });

  test('scrolls through all points in pages', async () => {
    const ids: unknown[] = [];
    let offset: string | number | undefined;
    do {
      const page = await client.scroll('rest', { limit: 3000, ...(offset ? { offset } : {}) });
      ids.push(...page.points.map(({ id }) => id));
      offset = page.next_page_offset as string | number | undefined;
    } while (offset);
    expect(ids).toEqual(Array.from({ length: count }, (_, id) => id));
  });

  test('swaps an alias from one collection to another at once', async () => {
    await client.createCollection('next', { vectors: { size: 2, distance: 'Dot' } });
    const to = (collection_name: string) => ({
      create_alias: { collection_name, alias_name: 'live' },
    });
    await client.updateCollectionAliases({ actions: [to('rest')] });
    expect(await client.count('live')).toEqual({ count });
    await client.updateCollectionAliases({
      actions: [{ delete_alias: { alias_name: 'live' } }, to('next')],
    });
    expect(await client.count('live')).toEqual({ count: 0 });
  });

  test('makes a snapshot, lists it, downloads all its bytes and deletes it', async () => {
    const made = await client.createSnapshot('rest');
    expect(await client.listSnapshots('rest')).toEqual([made]);
    const url = `${database.http}/collections/rest/snapshots/${made?.name}`;
    const response = await fetch(url, { headers: { 'api-key': apiKey } });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([response.status, bytes.length]).toEqual([200, 3_000_000]);
    const part = await fetch(url, { headers: { 'api-key': apiKey, range: 'bytes=65000-66999' } });
    expect(part.status).toBe(206);
    expect(sha(Buffer.from(await part.arrayBuffer()))).toBe(sha(bytes.subarray(65_000, 67_000)));
    await client.deleteSnapshot('rest', made?.name ?? '');
    expect(await client.listSnapshots('rest')).toEqual([]);
  });

  test('deletes points by filter, then the collection', async () => {
    const filter = { must: [{ key: 'group', match: { any: [1, 2, 3] } }] };
    await client.delete('rest', { wait: true, filter });
    expect(await client.count('rest')).toEqual({ count: count * 0.7 });
    await client.deleteCollection('rest');
    expect(await client.collectionExists('rest')).toEqual({ exists: false });
    await expect(client.count('rest')).rejects.toThrow('Not Found');
  });
});

describe('@qdrant/js-client-grpc', () => {
  let client: GrpcClient;
  const collectionName = 'grpc';
  beforeAll(() => {
    client = new GrpcClient({ url: database.grpc, apiKey, checkCompatibility: false });
  });

  test('creates a collection and upserts 10,000 points of 768 dimensions', async () => {
    const config = { case: 'params', value: { size: BigInt(size), distance: 1 } } as const;
    await client.api('collections').create({ collectionName, vectorsConfig: { config } });
    for (let start = 0; start < count; start += batch) {
      const points = vectors.slice(start, start + batch).map((data, at) => ({
        id: { pointIdOptions: { case: 'num', value: BigInt(start + at) } } as const,
        vectors: dense(data),
        payload: { even: { kind: { case: 'boolValue', value: at % 2 === 0 } as const } },
      }));
      await client.api('points').upsert({ collectionName, wait: true, points });
    }
    const counted = await client.api('points').count({ collectionName });
    expect(counted.result?.count).toBe(BigInt(count));
  }, 60_000);

  test('finds the nearest point, also under a filter', async () => {
    const vector = vectors[probe] ?? [];
    const search = { collectionName, vector, limit: 3n };
    const nearest = await client.api('points').search(search);
    expect(nearest.result[0]?.id?.pointIdOptions.value).toBe(BigInt(probe));
    expect(nearest.result[0]?.score).toBeCloseTo(1, 5);
    const match = { matchValue: { case: 'boolean', value: true } } as const;
    const condition = { case: 'field', value: { key: 'even', match } } as const;
    const filter = { must: [{ conditionOneOf: condition }] };
    const filtered = await client.api('points').search({ ...search, filter });
    expect(filtered.result.map(({ id }) => Number(id?.pointIdOptions.value) % 2)).toEqual([
      0, 0, 0,
    ]);
  });

  test('shows vectors in the form that the client reads', async () => {
    const found = await client.api('points').get({
      collectionName,
      ids: [{ pointIdOptions: { case: 'num', value: 7n } }],
      withVectors: { selectorOptions: { case: 'enable', value: true } },
    });
    const output = found.result[0]?.vectors?.vectorsOptions;
    const shown = output?.case === 'vector' ? output.value.vector : undefined;
    const data = shown?.case === 'dense' ? shown.value.data : [];
    const length = Math.hypot(...(vectors[7] ?? []));
    expect(data).toHaveLength(size);
    expect(data[3]).toBeCloseTo((vectors[7]?.[3] ?? 0) / length, 6);
  });

  test('scrolls, aliases, snapshots and deletes', async () => {
    const page = await client.api('points').scroll({ collectionName, limit: 2 });
    expect(page.nextPageOffset?.pointIdOptions.value).toBe(2n);
    const action = { case: 'createAlias', value: { collectionName, aliasName: 'g' } } as const;
    await client.api('collections').updateAliases({ actions: [{ action }] });
    const counted = await client.api('points').count({ collectionName: 'g' });
    expect(counted.result?.count).toBe(BigInt(count));
    const made = await client.api('snapshots').create({ collectionName });
    const snapshotName = made.snapshotDescription?.name ?? '';
    const listed = await client.api('snapshots').list({ collectionName });
    expect(listed.snapshotDescriptions.map(({ name }) => name)).toEqual([snapshotName]);
    await client.api('snapshots').delete({ collectionName, snapshotName });
    await client.api('collections').delete({ collectionName });
    await expect(client.api('points').count({ collectionName })).rejects.toThrow(/Not found/);
  });
});

function dense(data: number[]) {
  const vector = { case: 'dense', value: { data } } as const;
  return { vectorsOptions: { case: 'vector', value: { vector } } } as const;
}

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

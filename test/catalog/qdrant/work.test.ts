import { describe, expect, it } from 'vitest';
import { qdrant } from '../../../src/catalog/qdrant/database.ts';
import { varint } from '../../../src/catalog/reading/wire.ts';
import { namesOf } from '../names.ts';
import { intentOf, restHead, rpcHead } from '../request.ts';

const names = namesOf(['pub', 'sec']);
const batches = ['query', 'search', 'recommend', 'discover'];

function field(number: number, value: Uint8Array): Buffer {
  return Buffer.concat(
    [varint(number * 8 + 2), varint(value.length), value].map((v) => Buffer.from(v)),
  );
}

/** What a request over REST is worth, counted in the held body or as it would pass. */
async function workOverRest(route: string, body: string): Promise<number | null | undefined> {
  const { work, operation } = await intentOf(restHead(route), body, names);
  if (work !== null) return work;
  const counter = operation.countWork?.('http');
  for (const byte of Buffer.from(body)) counter?.push(Uint8Array.of(byte));
  return counter?.points;
}

describe('what a batch is worth', () => {
  it.each(batches)('over REST is each search of a %s batch', async (kind) => {
    const route = `POST /collections/pub/points/${kind}/batch`;
    const search = '{"limit":3,"filter":{"searches":[1,2]},"vector":[0.1,0.2]}';
    expect(await workOverRest(route, `{"searches":[${Array(7).fill(search)}]}`)).toBe(7);
    expect(await workOverRest(route, '{"searches":[]}')).toBe(0);
  });

  it.each(['query', 'recommend', 'discover'])(
    'counts also where a %s batch looks elsewhere',
    async (kind) => {
      const search = '{"lookup_from":{"collection":"sec"},"limit":3}';
      const body = `{"searches":[${search},${search}]}`;
      const intent = await intentOf(
        restHead(`POST /collections/pub/points/${kind}/batch`),
        body,
        names,
      );
      expect(intent).toMatchObject({ work: 2, points: 0 });
    },
  );

  it('is counted in slices where it is long', async () => {
    const search = `{"query":[${Array(200).fill('0.123456')}],"limit":3}`;
    const body = `{"searches":[${Array(1000).fill(search)}]}`;
    expect(await workOverRest('POST /collections/pub/points/query/batch', body)).toBe(1000);
  });

  it.each(batches)('over gRPC is each search of a %s batch', async (kind) => {
    const name = `/qdrant.Points/${kind[0]?.toUpperCase()}${kind.slice(1)}Batch`;
    const element = field(2, field(1, Buffer.from('pub')));
    const message = Buffer.concat([field(1, Buffer.from('pub')), ...Array(5).fill(element)]);
    expect(await intentOf(rpcHead(name), message, names)).toMatchObject({ work: 5, points: 0 });
  });

  it('is told by a counter for every row that is a batch of others', () => {
    const rows = qdrant.operations.filter(({ name }) => /^points\..*_batch$/.test(name));
    expect(rows).toHaveLength(5);
    for (const row of rows) expect(row.countWork, row.name).toBeDefined();
  });
});

describe('what a batch of updates is worth', () => {
  const update = '{"delete":{"filter":{"points":[1,2]}}}';
  const upsert = '{"upsert":{"points":[{"id":1},{"id":2},{"id":3}]}}';

  it('is its operations beside its points, over REST', async () => {
    const body = `{"operations":[${update},${upsert},${update}]}`;
    const intent = await intentOf(restHead('POST /collections/pub/points/batch'), body, names);
    expect(intent).toMatchObject({ work: 3, points: 3 });
  });

  it('is the same over gRPC', async () => {
    const three = field(1, Buffer.concat(Array(3).fill(field(1, Buffer.from([0x0a, 0])))));
    const byFilter = field(9, field(1, field(2, Buffer.alloc(0))));
    const operations = [byFilter, three, byFilter].map((one) => field(3, one));
    const message = Buffer.concat([field(1, Buffer.from('pub')), ...operations]);
    const intent = await intentOf(rpcHead('/qdrant.Points/UpdateBatch'), message, names);
    expect(intent).toMatchObject({ work: 3, points: 3 });
  });
});

describe('what a change is worth', () => {
  it('is its points, which a held message tells and a streamed body does on its way', async () => {
    const points = Array(6).fill(field(3, Buffer.from([0x0a, 0])));
    const message = Buffer.concat([field(1, Buffer.from('pub')), ...points]);
    expect(await intentOf(rpcHead('/qdrant.Points/Upsert'), message, names)).toMatchObject({
      points: 6,
    });
    const intent = await intentOf(restHead('PUT /collections/pub/points'), '', names);
    expect(intent.points).toBeNull();
    expect(intent.work).toBeUndefined();
  });
});

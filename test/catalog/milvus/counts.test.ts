import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operations } from '../../../src/catalog/milvus/operations.ts';
import { varint } from '../../../src/catalog/reading/wire.ts';
import { described } from './descriptions.ts';

const service = '/milvus.proto.milvus.MilvusService/';

/** What is counted of this answer, passed in pieces that end at these places. */
function counted(method: string, answer: object, cuts: readonly number[] = []): number {
  const type = described.get(service + method)?.resolvedResponseType;
  if (!type) throw new Error(`${method} is not described`);
  return countedOf(method, Buffer.from(type.encode(type.fromObject(answer)).finish()), cuts);
}

function countedOf(method: string, message: Buffer, cuts: readonly number[] = []): number {
  const row = operations.find(({ grpc }) => grpc.includes(service + method));
  if (!row?.countOut) throw new Error(`${method} is not counted`);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  const stream = Buffer.concat([head, message]);
  const counter = row.countOut('grpc');
  const places = [...cuts].map((cut) => cut % stream.length).sort((one, other) => one - other);
  let from = 0;
  for (const to of [...places, stream.length]) {
    counter.push(stream.subarray(from, to));
    from = to;
  }
  return counter.points;
}

/** A column of each kind, with so many rows. */
function columns(rows: number): readonly object[] {
  const each = <Value>(value: Value): Value[] => Array<Value>(rows).fill(value);
  const bytes = (width: number) => Buffer.alloc(rows * width);
  const floats = { data: Array(rows * 3).fill(0.5) };
  const scalars = [
    { bool_data: { data: each(true) } },
    { int_data: { data: each(-1) } },
    { long_data: { data: each(300) } },
    { float_data: { data: each(0.5) } },
    { double_data: { data: each(0.5) } },
    { string_data: { data: each('abc') } },
    { bytes_data: { data: each(Buffer.from('abc')) } },
    { array_data: { data: each({ long_data: { data: [1, 2, 3] } }) } },
    { json_data: { data: each(Buffer.from('{}')) } },
  ];
  const vectors = [
    { dim: 3, float_vector: floats },
    { dim: 16, binary_vector: bytes(2) },
    { dim: 3, float16_vector: bytes(6) },
    { dim: 3, bfloat16_vector: bytes(6) },
    { dim: 3, int8_vector: bytes(3) },
    { dim: 9, sparse_float_vector: { contents: each(Buffer.alloc(16)), dim: 9 } },
    { dim: 3, vector_array: { dim: 3, data: each({ dim: 3, float_vector: floats }) } },
  ];
  const fields = scalars.map((one) => ({ field_name: 'a', scalars: one }));
  return [
    ...fields,
    ...vectors.map((one) => ({ field_name: 'v', vectors: one })),
    { field_name: 's', struct_arrays: { fields: fields.slice(0, 3) } },
  ];
}

const tell = (column: object) => JSON.stringify(column).slice(0, 80);

/** A field with a length. */
function field(number: number, ...content: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.concat(content);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

const numbers = fc.array(fc.integer({ min: 0 }), { maxLength: 300 });
const cuts = fc.array(fc.nat(5000), { maxLength: 8 });

describe('the entities that an answer carries', () => {
  it('are the hits of a search, however many vectors were asked with', () => {
    fc.assert(
      fc.property(numbers, cuts, (ids, places) => {
        const results = { num_queries: 2, scores: ids, ids: { int_id: { data: ids } }, topks: [3] };
        expect(counted('Search', { results }, places)).toBe(ids.length);
        expect(counted('HybridSearch', { results }, places)).toBe(ids.length);
      }),
    );
  });

  it('are the rows of a query, not the values of all its columns', () => {
    fc.assert(
      fc.property(numbers, fc.boolean(), cuts, (ids, texts, places) => {
        const long = { field_name: 'id', scalars: { long_data: { data: ids } } };
        const text = { field_name: 't', scalars: { string_data: { data: ids.map(String) } } };
        const vector = { vectors: { dim: 2, float_vector: { data: [...ids, ...ids] } } };
        const fields_data = [vector, text, ...(texts ? [] : [long, long]), vector];
        expect(counted('Query', { fields_data }, places)).toBe(ids.length);
      }),
    );
  });

  it('are counted before the scores have come, or the primary keys, by any column', () => {
    for (const column of columns(40)) {
      expect(counted('Search', { results: { fields_data: [column] } }), tell(column)).toBe(40);
      expect(counted('Query', { fields_data: [column] }), tell(column)).toBe(40);
    }
  });

  it('are as many as the longest column has, however many there are', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.shuffledSubarray([...columns(1).keys()]), cuts, (rows, at, c) => {
        const fields_data = at.map((index) => columns(rows)[index] as object);
        const ids = { str_id: { data: Array(rows).fill('x') } };
        const results = { fields_data, ids, scores: Array(rows).fill(1), topks: [1, 1] };
        expect(counted('Search', { results }, c)).toBe(rows);
        if (at.length > 0) expect(counted('Query', { fields_data }, c)).toBe(rows);
      }),
    );
  });

  it('are the buckets of an aggregation too, and the hits in each', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 8 }), cuts, (hits, places) => {
        const bucket = (count: number, ...within: readonly Uint8Array[]) =>
          field(
            18,
            Buffer.from([0x10, 7]),
            ...Array<Buffer>(count).fill(field(4, Buffer.from([0x08, 1]))),
            ...within,
          );
        const sub = (count: number) =>
          field(5, ...Array<Buffer>(count).fill(field(4, Buffer.from([0x08, 1]))));
        const buckets = hits.map((count) => bucket(count, sub(count), sub(0)));
        const total = hits.reduce((sum, count) => sum + count, 0);
        const answer = field(2, Buffer.from([0x08, 1]), ...buckets);
        expect(countedOf('Search', answer, places)).toBe(2 * total + 3 * hits.length);
      }),
    );
  });

  it('are counted in bounded memory, however deep buckets stand in one another', () => {
    let within: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 2000; depth++) within = field(5, within);
    expect(countedOf('Search', field(2, field(18, within)))).toBeLessThan(1001);
  });

  it('are none of an answer that says what failed', () => {
    expect(counted('Search', { status: { code: 100, reason: 'none' } })).toBe(0);
    expect(counted('Query', { status: { code: 100, reason: 'none' } })).toBe(0);
  });
});

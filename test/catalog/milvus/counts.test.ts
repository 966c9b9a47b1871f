import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operations } from '../../../src/catalog/milvus/operations.ts';
import { described } from './descriptions.ts';

const service = '/milvus.proto.milvus.MilvusService/';

/** What is counted of this answer, passed in pieces that end at these places. */
function counted(method: string, answer: object, cuts: readonly number[] = []): number {
  const type = described.get(service + method)?.resolvedResponseType;
  const row = operations.find(({ grpc }) => grpc.includes(service + method));
  if (!type || !row?.countOut) throw new Error(`${method} is not counted`);
  const message = Buffer.from(type.encode(type.fromObject(answer)).finish());
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

  it('are none of an answer that says what failed', () => {
    expect(counted('Search', { status: { code: 100, reason: 'none' } })).toBe(0);
    expect(counted('Query', { status: { code: 100, reason: 'none' } })).toBe(0);
  });
});

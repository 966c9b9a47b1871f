import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { QueryPointsSchema, UpsertPointsSchema } from '@qdrant/js-client-grpc';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from '../../../src/demo/grpc/decode.ts';
import { encode } from '../../../src/demo/grpc/encode.ts';
import { BrokenMessage } from '../../../src/demo/grpc/wire.ts';

const floats = fc.array(fc.float({ noNaN: true }), { maxLength: 5 });
const id = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

interface Sample {
  readonly id: bigint;
  readonly data: number[];
  readonly key: string;
  readonly count: bigint;
}

function pointOf({ id, data, key, count }: Sample) {
  const vector = { case: 'dense', value: { data } } as const;
  const payload = { [key]: { kind: { case: 'integerValue', value: count } as const } };
  const vectors = { vectorsOptions: { case: 'vector', value: { vector } } as const };
  return { id: { pointIdOptions: { case: 'num', value: id } as const }, payload, vectors };
}

test('what the official client encodes comes back from decoding and encoding it', () => {
  const point = fc.record({ id, data: floats, key: fc.string(), count: fc.bigInt(-99n, 99n) });
  fc.assert(
    fc.property(fc.string(), fc.boolean(), fc.array(point), (collectionName, wait, points) => {
      const message = create(UpsertPointsSchema, {
        collectionName,
        wait,
        points: points.map(pointOf),
      });
      const decoded = decode('UpsertPoints', Buffer.from(toBinary(UpsertPointsSchema, message)));
      expect(fromBinary(UpsertPointsSchema, encode('UpsertPoints', decoded))).toEqual(message);
    }),
  );
});

test('any bytes are either a message or broken', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        encode('QueryPoints', decode('QueryPoints', Buffer.from(bytes)));
      } catch (error) {
        expect(error).toBeInstanceOf(BrokenMessage);
      }
    }),
    { numRuns: 5000 },
  );
});

describe('pieces of a message', () => {
  const pieces = (...messages: Parameters<typeof create<typeof QueryPointsSchema>>[1][]) =>
    decode(
      'QueryPoints',
      Buffer.concat(
        messages.map((init) => toBinary(QueryPointsSchema, create(QueryPointsSchema, init))),
      ),
    );

  test('are merged, and the last of scalars counts', () => {
    const merged = pieces(
      { collectionName: 'a', lookupFrom: { collectionName: 'x', vectorName: 'v' } },
      { collectionName: 'b', lookupFrom: { collectionName: 'y' } },
    );
    expect(merged).toEqual({
      collection_name: 'b',
      lookup_from: { collection_name: 'y', vector_name: 'v' },
    });
  });

  test('replace each other where only one may stand', () => {
    const merged = pieces(
      { query: { variant: { case: 'fusion', value: 0 } } },
      { query: { variant: { case: 'orderBy', value: { key: 'k' } } } },
    );
    expect(merged).toEqual({ query: { order_by: { key: 'k' } } });
  });

  test('deeper than 100 are refused', () => {
    let bytes = Buffer.alloc(0);
    for (let depth = 0; depth < 120; depth++) {
      bytes = Buffer.concat([Buffer.from([0x0a]), varint(bytes.length), bytes]);
    }
    expect(() => decode('PrefetchQuery', bytes)).toThrow('recursion limit reached');
  });
});

function varint(value: number): Buffer {
  return value < 128 ? Buffer.from([value]) : Buffer.from([(value & 127) | 128, value >> 7]);
}

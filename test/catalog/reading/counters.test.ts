import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Counter } from '../../../src/catalog/operation.ts';
import { pointsIn, pointsOut } from '../../../src/catalog/qdrant/points.ts';
import { varint } from '../../../src/catalog/reading/wire.ts';

/** Pushes a body in pieces of these sizes, over and over. */
function count(counter: Counter, body: Buffer, sizes: readonly number[]): number {
  for (let at = 0, turn = 0; at < body.length; turn++) {
    const size = sizes[turn % sizes.length] as number;
    counter.push(body.subarray(at, at + size));
    at += size;
  }
  return counter.points;
}

const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });
const payload = fc.jsonValue({ maxDepth: 3 });
const point = fc.record({ id: fc.nat(), payload, vector: fc.array(fc.double()) });
const points = fc.array(point, { maxLength: 8 });
const lists = fc.array(points, { maxLength: 4 });
const total = (list: readonly (readonly unknown[])[]) =>
  list.reduce((sum, one) => sum + one.length, 0);

interface Case {
  readonly what: string;
  readonly counter: () => Counter;
  readonly body: fc.Arbitrary<readonly [unknown, number]>;
}

const cases: readonly Case[] = [
  {
    what: 'points of an upsert',
    counter: () => pointsIn.upserted('http'),
    body: points.map((list) => [{ x: { points: [1] }, points: list, y: 'points' }, list.length]),
  },
  {
    what: 'ids of a columnar upsert',
    counter: () => pointsIn.upserted('http'),
    body: fc
      .array(fc.nat())
      .map((ids) => [{ batch: { vectors: [[1], [2]], ids, payloads: [{}] } }, ids.length]),
  },
  {
    what: 'selected points',
    counter: () => pointsIn.selected('http'),
    body: fc
      .array(fc.oneof(fc.nat(), fc.uuid()))
      .map((ids) => [{ filter: {}, points: ids }, ids.length]),
  },
  {
    what: 'points of a batch of updates',
    counter: () => pointsIn.inBatch('http'),
    body: lists.map((list) => [
      {
        operations: list.map((points, at) =>
          at % 2 ? { delete: { points } } : { upsert: { points } },
        ),
      },
      total(list),
    ]),
  },
  {
    what: 'listed points',
    counter: () => pointsOut.listed('http'),
    body: points.map((list) => [
      { usage: { result: [1, 2] }, result: list, status: 'ok' },
      list.length,
    ]),
  },
  {
    what: 'queried points',
    counter: () => pointsOut.queried('http'),
    body: points.map((list) => [{ result: { points: list, next: [1] }, time: 0.1 }, list.length]),
  },
  {
    what: 'hits of groups',
    counter: () => pointsOut.grouped('http'),
    body: lists.map((list) => [
      { result: { groups: list.map((hits) => ({ hits, id: 'x', lookup: null })) } },
      total(list),
    ]),
  },
  {
    what: 'points that are looked up for groups, beside their hits',
    counter: () => pointsOut.grouped('http'),
    body: lists.map((list) => [
      { result: { groups: list.map((hits) => ({ hits, id: 'x', lookup: { hits: [1] } })) } },
      total(list) + list.length,
    ]),
  },
  {
    what: 'points of a batch of queries',
    counter: () => pointsOut.batchQueried('http'),
    body: lists.map((list) => [{ result: list.map((points) => ({ points })) }, total(list)]),
  },
  {
    what: 'points of a batch of searches',
    counter: () => pointsOut.batchListed('http'),
    body: lists.map((list) => [{ result: list }, total(list)]),
  },
  {
    what: 'values of a facet',
    counter: () => pointsOut.facet('http'),
    body: points.map((hits) => [{ result: { hits }, usage: { hits: [1] } }, hits.length]),
  },
  {
    what: 'pairs of a matrix',
    counter: () => pointsOut.pairs('http'),
    body: points.map((pairs) => [{ result: { pairs } }, pairs.length]),
  },
  {
    what: 'points of a matrix',
    counter: () => pointsOut.offsets('http'),
    body: points.map((ids) => [
      { result: { offsets_row: [0, 0], scores: [1, 1], ids } },
      ids.length,
    ]),
  },
  {
    what: 'the one point',
    counter: () => pointsOut.one('http'),
    body: point.map((result) => [{ result, status: 'ok' }, 1]),
  },
];

describe('a counter of JSON', () => {
  it.each(cases)('counts $what, in whatever pieces they come', ({ counter, body }) => {
    fc.assert(
      fc.property(body, sizes, fc.boolean(), ([value, expected], pieces, indented) => {
        const text = Buffer.from(JSON.stringify(value, null, indented ? 2 : 0));
        expect(count(counter(), text, pieces)).toBe(expected);
      }),
    );
  });

  it('reads a key by what it spells, and none from the prototype', () => {
    const body = Buffer.from('{"__proto__":[1],"constructor":{"name":[1]},"p\\u006fints":[1,2]}');
    expect(count(pointsIn.selected('http'), body, [3])).toBe(2);
  });

  it('never throws, and never counts a point twice for the pieces it comes in', () => {
    const piece = fc.constantFrom(...'{}[]:,"\\ 1ab', '"points"', '"result"', '"hits"');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), sizes, (pieces, cut) => {
        const body = Buffer.from(pieces.join(''));
        for (const { counter } of cases) {
          expect(count(counter(), body, cut)).toBe(count(counter(), body, [body.length]));
        }
      }),
    );
  });
});

const field = (number: number, value: Uint8Array) =>
  Buffer.concat([varint(number * 8 + 2), varint(value.length), value]);
const frame = (message: Uint8Array, flag = 0) => {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
};
const opaque = fc.uint8Array({ maxLength: 200 });
const time = Buffer.from([0x11, 1, 2, 3, 4, 5, 6, 7, 8]);

describe('a counter of gRPC messages', () => {
  it('counts a repeated field, in whatever pieces it comes', () => {
    fc.assert(
      fc.property(fc.array(opaque), sizes, (list, pieces) => {
        const message = Buffer.concat([...list.map((one) => field(1, one)), time, field(3, time)]);
        const counter = pointsOut.listed('grpc');
        expect(count(counter, Buffer.concat([frame(message), frame(message)]), pieces)).toBe(
          list.length * 2,
        );
      }),
    );
  });

  it('counts a repeated field of nested messages', () => {
    fc.assert(
      fc.property(fc.array(fc.array(opaque)), sizes, (groups, pieces) => {
        const group = (hits: readonly Uint8Array[]) =>
          field(
            1,
            Buffer.concat([field(1, time), ...hits.map((hit) => field(2, hit)), field(3, time)]),
          );
        const message = Buffer.concat([field(1, Buffer.concat(groups.map(group))), time]);
        // Field 3 is what was looked up for the group.
        const expected = total(groups) + groups.length;
        expect(count(pointsOut.grouped('grpc'), frame(message), pieces)).toBe(expected);
      }),
    );
  });

  it('counts the values of a facet, the pairs and the points of a matrix', () => {
    fc.assert(
      fc.property(fc.array(opaque), fc.array(opaque), sizes, (list, others, pieces) => {
        const listed = (number: number) => Buffer.concat(list.map((one) => field(number, one)));
        const noise = Buffer.concat(others.map((one) => field(2, one)));
        const within = (inner: Buffer) => frame(Buffer.concat([field(1, inner), time]));
        const offsets = within(Buffer.concat([field(1, time), noise, listed(4)]));
        expect(count(pointsOut.offsets('grpc'), offsets, pieces)).toBe(list.length);
        const pairs = within(Buffer.concat([listed(1), noise]));
        expect(count(pointsOut.pairs('grpc'), pairs, pieces)).toBe(list.length);
        const facet = frame(Buffer.concat([listed(1), noise, time]));
        expect(count(pointsOut.facet('grpc'), facet, pieces)).toBe(list.length);
      }),
    );
  });

  it('never throws, and gives up on what is compressed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), sizes, (body, pieces) => {
        expect(() => count(pointsOut.grouped('grpc'), Buffer.from(body), pieces)).not.toThrow();
      }),
    );
    expect(count(pointsOut.listed('grpc'), frame(field(1, time), 1), [3])).toBe(0);
  });
});

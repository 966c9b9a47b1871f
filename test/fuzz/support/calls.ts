import fc from 'fast-check';
import { qdrant } from '../../../src/catalog/qdrant/database.ts';
import { isScalar, type MessageField, shapeOf } from '../../../src/demo/grpc/fields.ts';
import { methodNamed } from '../../../src/demo/grpc/methods.ts';
import type { Asked } from './gate.ts';
import { name, own, seldom } from './names.ts';

/** Part of a message: one field or several, or what only looks like one. */
type Part = fc.Arbitrary<Buffer>;

const naming =
  /collection|lookup|prefetch|search_points|recommend_points|discover_points|query_points|alias|actions|operations/;

/** A varint, sometimes longer than it needs to be. */
export function varint(value: number | bigint, padding = 0): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  for (let more = 0; more < padding; more++) {
    bytes[bytes.length - 1] = (bytes.at(-1) as number) | 0x80;
    bytes.push(0);
  }
  return Buffer.from(bytes);
}

/** A length-delimited field. */
export function delimited(number: number, content: Buffer, padding = 0): Buffer {
  return Buffer.concat([varint(number * 8 + 2, padding), varint(content.length, padding), content]);
}

const padding = seldom(30, fc.constantFrom(1, 3), fc.constant(0));

function fieldOf(field: MessageField, depth: number): Part {
  const { number, type, form } = field;
  if (type === 'string') {
    const text = field.name === 'collection_name' ? seldom(3, name, own) : name;
    return fc
      .tuple(text, padding)
      .map(([value, pad]) => delimited(number, Buffer.from(value), pad));
  }
  if (type === 'float' || type === 'double') {
    const floats = Buffer.alloc(8);
    floats.writeFloatLE(1, 0);
    floats.writeFloatLE(2, 4);
    return fc.constant(form === 'repeated' ? delimited(number, floats) : Buffer.alloc(0));
  }
  if (isScalar(type))
    return fc.constantFrom(1, 2).map((one) => Buffer.concat([varint(number * 8), varint(one)]));
  if (form === 'map' || depth === 0) return fc.constant(Buffer.alloc(0));
  return fc
    .tuple(message(type, depth - 1), padding)
    .map(([content, pad]) => delimited(number, content, pad));
}

/** What no schema has: unknown fields, groups, wrong wire types, bytes cut short. */
const junk: Part = fc.oneof(
  fc
    .tuple(fc.constantFrom(100, 1000, 536870911), name)
    .map(([number, text]) => delimited(number, Buffer.from(text))),
  fc.constantFrom(
    Buffer.concat([varint(100 * 8 + 3), delimited(1, Buffer.from('sec')), varint(100 * 8 + 4)]),
    Buffer.concat([varint(8), varint(5)]),
    Buffer.of(0x0a),
    Buffer.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f),
    Buffer.of(0x00, 0x00),
    Buffer.of(0x0f),
    Buffer.concat([Buffer.from('8a80808080808080800003', 'hex'), Buffer.from('sec')]),
    Buffer.concat([Buffer.from('0a838080808080808000', 'hex'), Buffer.from('sec')]),
    delimited(1, Buffer.from([0xff, 0xfe])),
  ),
);

const cache = new Map<string, Part>();

/** A message of this type: fields in any order, often repeated, those that name things foremost. */
function message(type: string, depth: number): Part {
  const key = `${type} ${depth}`;
  const known = cache.get(key);
  if (known) return known;
  const { fields } = shapeOf(type);
  const foremost = fields.filter(({ name: field }) => naming.test(field));
  const part = (some: readonly MessageField[]) =>
    fc.constantFrom(...some).chain((field) => fieldOf(field, depth));
  const choices = [
    ...(fields.length > 0 ? [{ weight: 4, arbitrary: part(fields) }] : []),
    ...(foremost.length > 0 ? [{ weight: 8, arbitrary: part(foremost) }] : []),
    { weight: 1, arbitrary: seldom(8, junk, fc.constant(Buffer.alloc(0))) },
  ];
  const made = fc.array(fc.oneof(...choices), { maxLength: 5 }).map((all) => Buffer.concat(all));
  cache.set(key, made);
  return made;
}

const methods = qdrant.operations.flatMap(({ grpc }) =>
  grpc.flatMap((path) => {
    const { method } = methodNamed(path);
    return method ? [{ path, type: method.request }] : [];
  }),
);

/** What makes a call of a type one that may well pass: its name, and the first thing it must have. */
function usually(type: string): Part {
  const named = shapeOf(type).fields.some(({ name: field }) => field === 'collection_name');
  if (!named) return fc.constant(Buffer.alloc(0));
  return own.map((text) => delimited(1, Buffer.from(text)));
}

/** Well-formed queries whose every part can name a collection: the parts are merged by whoever
 * reads them. */
function templates(type: string): Part {
  const from = name.map((text) => delimited(1, Buffer.from(text)));
  const nearest = Buffer.from([0x0a, 0x04, 0x0a, 0x02, 0x08, 0x01]);
  const prefetch = from.map((lookup) =>
    Buffer.concat([delimited(3, nearest), delimited(8, lookup), varint(7 * 8), varint(3)]),
  );
  const nested = fc
    .tuple(prefetch, from)
    .map(([inner, lookup]) =>
      Buffer.concat([delimited(1, inner), delimited(3, nearest), delimited(8, lookup)]),
    );
  const query = fc
    .tuple(fc.oneof(prefetch, nested), from)
    .map(([inner, lookup]) =>
      Buffer.concat([delimited(2, inner), delimited(3, nearest), delimited(14, lookup)]),
    );
  if (type === 'QueryPoints') return query;
  if (type === 'QueryBatchPoints') {
    return fc
      .array(query, { maxLength: 3 })
      .map((all) => Buffer.concat(all.map((one) => delimited(2, one))));
  }
  if (type === 'RecommendPoints') {
    return from.map((lookup) =>
      Buffer.concat([delimited(2, Buffer.of(8, 1)), Buffer.of(0x20, 2), delimited(13, lookup)]),
    );
  }
  return fc.constant(Buffer.alloc(0));
}

/** A call as an edge would hand it on. */
export const callRequest: fc.Arbitrary<Asked> = fc
  .constantFrom(...methods)
  .chain(({ path, type }) =>
    fc
      .tuple(usually(type), templates(type), message(type, 3), fc.nat(3))
      .map(([first, middle, rest, order]) => {
        const parts =
          [
            [first, middle, rest],
            [rest, middle, first],
            [first, middle],
            [first, rest],
          ][order] ?? [];
        return {
          protocol: 'grpc',
          method: 'POST',
          target: path,
          fields: ['content-type', 'application/grpc'],
          body: Buffer.concat(parts),
        } satisfies Asked;
      }),
  );

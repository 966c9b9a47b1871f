import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Intent, Names, Reading } from '../../../src/catalog/operation.ts';
import { qdrant } from '../../../src/catalog/qdrant/database.ts';
import { readVarint, skipValue, varint } from '../../../src/catalog/reading/wire.ts';
import { Refusal } from '../../../src/refusal.ts';
import { namesOf } from '../names.ts';

/** A message as @bufbuild/protobuf decodes it: another reader than ours, by the standard. */
type Decoded = Readonly<Record<string, unknown>>;

const client = createRequire(import.meta.url);
const { fromBinary } = (await import('@bufbuild/protobuf')) as unknown as {
  fromBinary: (schema: unknown, bytes: Uint8Array) => Decoded;
};
const folder = join(client.resolve('@qdrant/js-client-grpc'), '../../esm/proto');
const points = (await import(pathToFileURL(join(folder, 'points_pb.js')).href)) as Record<
  string,
  unknown
>;

const bytes = (...parts: (Uint8Array | number[])[]) =>
  Buffer.concat(parts.map((p) => Buffer.from(p)));
const field = (number: number, value: Uint8Array) =>
  bytes(varint(number * 8 + 2), varint(value.length), value);
/** The same field, its tag and length written longer than need be. */
const longField = (number: number, value: Uint8Array) =>
  bytes(longVarint(number * 8 + 2), longVarint(value.length), value);
const longVarint = (value: number) => {
  const short = varint(value);
  const last = short.at(-1) as number;
  return bytes(short.subarray(0, -1), [last | 0x80, 0x80, 0x00]);
};

const name = fc.constantFrom('pub', 'sec', 'other', 'alias', 'a-much-longer-name');
const text = (number: number) => name.map((value) => field(number, Buffer.from(value)));
const noise = fc.constantFrom(
  field(900, Buffer.from('x')),
  bytes(varint(901 * 8), [0xff, 0x01]),
  bytes(varint(902 * 8 + 5), [1, 2, 3, 4]),
  bytes(varint(903 * 8 + 1), [1, 2, 3, 4, 5, 6, 7, 8]),
);

/** Pieces in any order, so that fields repeat and messages come apart. */
function message(...parts: fc.Arbitrary<Buffer>[]): fc.Arbitrary<Buffer> {
  return fc.array(fc.oneof(...parts), { maxLength: 5 }).map((pieces) => bytes(...pieces));
}

const within = (number: number, inner: fc.Arbitrary<Buffer>) =>
  fc
    .tuple(inner, fc.boolean())
    .map(([value, long]) => (long ? longField(number, value) : field(number, value)));

const lookup = message(text(1), text(1), noise);
const withLookup = message(text(1), noise);
const { prefetch } = fc.letrec<{ prefetch: Buffer }>((tie) => ({
  prefetch: fc.oneof(
    { depthSize: 'small' },
    message(within(8, lookup), noise),
    message(within(1, tie('prefetch')), within(8, lookup)),
  ),
}));

interface Rows {
  readonly method: string;
  readonly schema: string;
  readonly body: fc.Arbitrary<Buffer>;
}

const query = [within(2, prefetch), within(14, lookup)];
const rows: readonly Rows[] = [
  { method: 'Query', schema: 'QueryPoints', body: message(text(1), ...query, noise) },
  {
    method: 'QueryGroups',
    schema: 'QueryPointGroups',
    body: message(text(1), within(2, prefetch), within(10, lookup), within(15, withLookup)),
  },
  {
    method: 'QueryBatch',
    schema: 'QueryBatchPoints',
    body: message(text(1), within(2, message(...query, noise)), within(2, message(text(1)))),
  },
  { method: 'Recommend', schema: 'RecommendPoints', body: message(text(1), within(13, lookup)) },
  {
    method: 'RecommendBatch',
    schema: 'RecommendBatchPoints',
    body: message(text(1), within(2, message(within(13, lookup)))),
  },
  {
    method: 'RecommendGroups',
    schema: 'RecommendPointGroups',
    body: message(text(1), within(11, lookup), within(15, withLookup)),
  },
  { method: 'Discover', schema: 'DiscoverPoints', body: message(text(1), within(11, lookup)) },
  {
    method: 'DiscoverBatch',
    schema: 'DiscoverBatchPoints',
    body: message(text(1), within(2, message(within(11, lookup)))),
  },
  {
    method: 'SearchGroups',
    schema: 'SearchPointGroups',
    body: message(text(1), within(13, withLookup)),
  },
  { method: 'Search', schema: 'SearchPoints', body: message(text(1), noise) },
];

/** Every collection that the decoded message names, those of batch elements aside. */
function touched(value: unknown, outermost = true): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => touched(one, false));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const { $typeName: type } = value as { $typeName?: string };
  const element = !outermost && type?.endsWith('Points');
  return Object.entries(value).flatMap(([key, inner]) => {
    if (typeof inner !== 'string') return touched(inner, false);
    return (key === 'collectionName' && !element) || key === 'collection' ? [inner] : [];
  });
}

const names = namesOf(['pub', 'sec', 'other', 'real']);
const aliased = namesOf(['pub', 'sec', 'other', 'real'], {
  alias: 'a-name-that-takes-more-bytes'.repeat(6),
});
const head = (method: string) =>
  ({
    protocol: 'grpc',
    method: 'POST',
    target: `/qdrant.Points/${method}`,
    field: (name: string) => (name === 'content-type' ? 'application/grpc' : undefined),
  }) as const;

function intentOf(method: string, body: Buffer, table: Names): Intent | null {
  try {
    return (qdrant.locate(head(method)).read(body) as Reading).intent(table);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'unreadable-request') return null;
    throw error;
  }
}

function decode({ schema }: Rows, body: Uint8Array): Decoded {
  return fromBinary(points[`${schema}Schema`], body);
}

/** What of a descriptor tells how its fields go over the wire. */
interface Described {
  readonly fields: readonly {
    readonly number: number;
    readonly fieldKind: 'scalar' | 'enum' | 'message' | 'list' | 'map';
    readonly scalar?: number;
    readonly listKind?: string;
    readonly message?: Described;
  }[];
}

/** Whether every known field has its wire type: the decoder does not ask, prost does. */
function wellTyped(schema: Described, body: Uint8Array): boolean {
  const cursor = { bytes: body, at: 0 };
  while (cursor.at < body.length) {
    const tag = readVarint(cursor, body.length);
    const known = schema.fields.find(({ number }) => number === tag >> 3);
    const start = cursor.at;
    skipValue(cursor, tag % 8, body.length);
    if (known === undefined) continue;
    const [each = 2, ...packed] = wireTypes(known);
    if (![each, ...packed].includes(tag % 8)) return false;
    const inner = { bytes: body, at: start };
    if (tag % 8 === 2) readVarint(inner, body.length);
    // What is packed must end where its length says: the decoder would read on beyond it.
    while (packed.length > 0 && inner.at < cursor.at) skipValue(inner, each, cursor.at);
    if (!known.message || known.fieldKind === 'map') continue;
    if (!wellTyped(known.message, body.subarray(inner.at, cursor.at))) return false;
  }
  return true;
}

function wireTypes({
  fieldKind,
  scalar,
  message,
  listKind,
}: Described['fields'][number]): number[] {
  if (message || fieldKind === 'map' || scalar === 9 || scalar === 12) return [2];
  const packed = fieldKind === 'list' ? [2] : [];
  if (fieldKind === 'enum' || listKind === 'enum') return [0, ...packed];
  if (scalar === 1 || scalar === 6 || scalar === 16) return [1, ...packed];
  return scalar === 2 || scalar === 7 || scalar === 15 ? [5, ...packed] : [0, ...packed];
}

/** A message that does not decode touches nothing: the database refuses it. */
function touchedIfDecoded(row: Rows, body: Uint8Array): string[] {
  let decoded: Decoded;
  try {
    if (!wellTyped(points[`${row.schema}Schema`] as Described, body)) return [];
    decoded = decode(row, body);
  } catch {
    return [];
  }
  return touched(decoded);
}

describe('what a message touches', () => {
  it.each(rows)('is what is judged: $method', (row) => {
    let read = 0;
    fc.assert(
      fc.property(row.body, (body) => {
        const intent = intentOf(row.method, body, names);
        if (intent === null) return;
        read++;
        const judged = new Set(intent.needs.map(({ collection }) => collection?.resolved));
        expect([...judged].sort()).toEqual([...new Set(touched(decode(row, body)))].sort());
      }),
      { numRuns: 400 },
    );
    expect(read).toBeGreaterThan(40);
  });

  it.each(rows)('is after rewriting what was judged, and all else stays: $method', (row) => {
    const resolved = (text: string) => aliased.resolve(text);
    fc.assert(
      fc.property(row.body, (body) => {
        const intent = intentOf(row.method, body, aliased);
        if (intent === null) return;
        const sent = intent.request.body as Uint8Array;
        const before = JSON.stringify(decode(row, body), plain);
        const after = JSON.stringify(decode(row, sent), plain);
        expect(after).toBe(before.replaceAll('"alias"', JSON.stringify(resolved('alias'))));
      }),
      { numRuns: 400 },
    );
  });

  it.each(rows)('is judged or refused however bytes are changed: $method', (row) => {
    fc.assert(
      fc.property(row.body, fc.nat(), fc.nat({ max: 255 }), (body, at, byte) => {
        const changed = Buffer.from(body);
        if (changed.length > 0) changed[at % changed.length] = byte;
        const intent = intentOf(row.method, changed, names);
        if (intent === null) return;
        const judged = new Set(intent.needs.map(({ collection }) => collection?.resolved));
        for (const name of touchedIfDecoded(row, changed)) expect(judged).toContain(name);
      }),
      { numRuns: 400 },
    );
  });
});

/** For comparing: 64-bit numbers and bytes as text. */
function plain(key: string, value: unknown): unknown {
  if (key === '$unknown') return undefined;
  return typeof value === 'bigint' ? String(value) : value;
}

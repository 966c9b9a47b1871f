import { gzipSync } from 'node:zlib';
import { delimited, varint } from '../../fuzz/support/calls.ts';

/** One length-prefixed message. */
export function frame(message: Buffer, flag = 0, length = message.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

const text = (field: number, value: string): Buffer => delimited(field, Buffer.from(value));
const all = (...parts: Buffer[]): Buffer => Buffer.concat(parts);
const pub = text(1, 'pub');
/** Query by the first point. */
const nearest = delimited(3, Buffer.from('0a040a020801', 'hex'));
const query = all(pub, nearest);
const lookup = (name: string): Buffer => delimited(14, text(1, name));
const prefetch = (name: string): Buffer => delimited(2, all(nearest, delimited(8, text(1, name))));
const nested = (levels: number): Buffer => {
  let inner = all(nearest, delimited(8, text(1, 'sec')));
  for (let level = 0; level < levels; level++) inner = all(delimited(1, inner), nearest);
  return delimited(2, inner);
};
const group = (content: Buffer): Buffer => all(varint(100 * 8 + 3), content, varint(100 * 8 + 4));
const Query = '/qdrant.Points/Query';
const aliases = '/qdrant.Collections/UpdateAliases';
const gzip = ['grpc-encoding', 'gzip'];
const zipped = gzipSync(query);
const bomb = gzipSync(all(pub, delimited(100, Buffer.alloc(200 * 1024 * 1024))));
const flood = gzipSync(Buffer.alloc(60_000_000, pub));

/** Attacks by a call: its path, its frames, more fields; the gRPC status and refusal it comes to, or
 * the collections it reached. */
export type CallCase = readonly [string, string, Buffer, string, (readonly string[])?];

/** Calls by whoever may use `pub`, `pub2`, `pub_alias` and `ghost*`. */
export const callCases: readonly CallCase[] = [
  ['pub', Query, frame(query), 'pub'],
  ['sec', Query, frame(all(text(1, 'sec'), nearest)), '7 not-permitted'],
  ['an alias of sec', Query, frame(all(text(1, 'sec_alias'), nearest)), '7 not-permitted'],
  ['pub, then sec', Query, frame(all(query, text(1, 'sec'))), '7 not-permitted'],
  ['sec, then pub', Query, frame(all(text(1, 'sec'), query)), 'pub'],
  ['lookup_from', Query, frame(all(query, lookup('sec'))), '7 not-permitted'],
  [
    'lookup_from in two pieces',
    Query,
    frame(all(query, lookup('pub'), lookup('sec'))),
    '7 not-permitted',
  ],
  [
    'lookup_from, the other way about',
    Query,
    frame(all(query, lookup('sec'), lookup('pub'))),
    'pub',
  ],
  [
    'lookup_from, then an empty piece',
    Query,
    frame(all(query, lookup('sec'), delimited(14, Buffer.alloc(0)))),
    '7 not-permitted',
  ],
  [
    'lookup_from without a name',
    Query,
    frame(all(query, delimited(14, Buffer.alloc(0)))),
    '3 unreadable-request',
  ],
  ['prefetch', Query, frame(all(query, prefetch('pub'), prefetch('sec'))), '7 not-permitted'],
  ['prefetch, five deep', Query, frame(all(query, nested(5))), '7 not-permitted'],
  ['prefetch, 95 deep', Query, frame(all(query, nested(95))), '7 not-permitted'],
  ['prefetch, 5000 deep', Query, frame(all(query, nested(5000))), '3 unreadable-request'],
  [
    'batch item 57 of 100',
    '/qdrant.Points/QueryBatch',
    frame(
      all(
        pub,
        ...Array.from({ length: 100 }, (_, at) =>
          delimited(2, at === 57 ? all(nearest, lookup('sec')) : nearest),
        ),
      ),
    ),
    '7 not-permitted',
  ],
  [
    'another name in a batch',
    '/qdrant.Points/QueryBatch',
    frame(all(pub, delimited(2, all(text(1, 'sec'), nearest)))),
    '3 unreadable-request',
  ],
  [
    'with_lookup',
    '/qdrant.Points/QueryGroups',
    frame(all(pub, nearest, delimited(15, text(1, 'sec')))),
    '7 not-permitted',
  ],
  [
    'recommend',
    '/qdrant.Points/Recommend',
    frame(all(pub, delimited(13, text(1, 'sec')))),
    '7 not-permitted',
  ],
  [
    'discover',
    '/qdrant.Points/Discover',
    frame(all(pub, delimited(11, text(1, 'sec')))),
    '7 not-permitted',
  ],
  ['a name as a number', Query, frame(all(varint(8), varint(5), query)), '3 unreadable-request'],
  ['a name as a group', Query, frame(all(varint(11), varint(12), query)), '3 unreadable-request'],
  ['a name in a group', Query, frame(all(query, group(text(1, 'sec')))), '3 unreadable-request'],
  ['field 0', Query, frame(all(query, Buffer.of(0, 0))), '3 unreadable-request'],
  [
    'an overlong tag',
    Query,
    frame(all(query, delimited(1, Buffer.from('sec'), 3))),
    '7 not-permitted',
  ],
  [
    'a name beyond the end',
    Query,
    frame(all(query, Buffer.of(0x0a, 0x7f))),
    '3 unreadable-request',
  ],
  ['no UTF-8', Query, frame(all(delimited(1, Buffer.of(0xff)), nearest)), '3 unreadable-request'],
  [
    'a name out of grammar',
    Query,
    frame(all(text(1, 'pub/../sec'), nearest)),
    '3 unreadable-request',
  ],
  ['no name', Query, frame(nearest), '3 unreadable-request'],
  ['unknown fields', Query, frame(all(query, text(100, 'sec'), text(5000, 'sec'))), 'pub'],
  ['a name twenty million times', Query, frame(flood, 1), '3 unreadable-request', gzip],
  [
    'init_from',
    '/qdrant.Collections/Create',
    frame(all(text(1, 'ghost'), text(13, 'sec'))),
    '3 unreadable-request',
  ],
  [
    'retarget an alias',
    aliases,
    frame(delimited(1, delimited(1, all(text(1, 'sec'), text(2, 'pub_alias'))))),
    '7 not-permitted',
  ],
  [
    'take an alias of sec',
    aliases,
    frame(delimited(1, delimited(1, all(text(1, 'pub'), text(2, 'sec_alias'))))),
    '7 not-permitted',
  ],
  [
    'shadow a collection',
    aliases,
    frame(delimited(1, delimited(2, all(text(1, 'pub_alias'), text(2, 'pub2'))))),
    '6 unreadable-request',
  ],
  [
    'one action in two pieces',
    aliases,
    frame(
      delimited(
        1,
        all(delimited(1, text(1, 'pub')), delimited(1, all(text(1, 'sec'), text(2, 'ghost1')))),
      ),
    ),
    '3 unreadable-request',
  ],
  [
    'two variants',
    aliases,
    frame(delimited(1, all(delimited(3, text(1, 'ghost1')), delimited(3, text(1, 'sec_alias'))))),
    '3 unreadable-request',
  ],
  [
    'two messages',
    Query,
    all(frame(query), frame(all(text(1, 'sec'), nearest))),
    '3 unreadable-request',
  ],
  ['an empty one first', Query, all(frame(Buffer.alloc(0)), frame(query)), '3 unreadable-request'],
  ['bytes after it', Query, all(frame(query), Buffer.of(0)), '3 unreadable-request'],
  ['a longer length', Query, frame(query, 0, query.length + 1), '3 unreadable-request'],
  ['a shorter length', Query, frame(query, 0, query.length - 1), '3 unreadable-request'],
  ['4 GB claimed', Query, frame(query, 0, 0xffffffff), '8 too-large'],
  ['half a prefix', Query, Buffer.of(0, 0), '3 unreadable-request'],
  ['a flag nobody knows', Query, frame(query, 2), '3 unreadable-request'],
  ['compressed, unsaid', Query, frame(zipped, 1), '3 unreadable-request'],
  ['compressed', Query, frame(zipped, 1), 'pub', gzip],
  ['said, not compressed', Query, frame(query), 'pub', gzip],
  [
    'two members',
    Query,
    frame(all(zipped, gzipSync(text(1, 'sec'))), 1),
    '3 unreadable-request',
    gzip,
  ],
  [
    'an empty member first',
    Query,
    frame(all(gzipSync(Buffer.alloc(0)), zipped), 1),
    '3 unreadable-request',
    gzip,
  ],
  ['bytes after the member', Query, frame(all(zipped, Buffer.from('x')), 1), '8 too-large', gzip],
  [
    'a member that lies',
    Query,
    frame(all(zipped.subarray(0, -4), Buffer.of(1, 0, 0, 0)), 1),
    '3 unreadable-request',
    gzip,
  ],
  ['a bomb', Query, frame(bomb, 1), '8 too-large', gzip],
  [
    'a bomb that lies',
    Query,
    frame(all(bomb.subarray(0, -4), Buffer.of(255, 0, 0, 0)), 1),
    '3 unreadable-request',
    gzip,
  ],
  [
    'a gzip header with a name',
    Query,
    frame(
      all(Buffer.from('1f8b0808000000000003', 'hex'), Buffer.from('x\0'), zipped.subarray(10)),
      1,
    ),
    '3 unreadable-request',
    gzip,
  ],
  ['deflate', Query, frame(query, 1), '12 unreadable-request', ['grpc-encoding', 'deflate']],
  ['gzip twice said', Query, frame(zipped, 1), '3 unreadable-request', [...gzip, ...gzip]],
  ['content-encoding', Query, frame(query), '3 unreadable-request', ['content-encoding', 'gzip']],
  ['no duration', Query, frame(query), '3 unreadable-request', ['grpc-timeout', '1e9S']],
  ['an unknown service', '/qdrant.Points/Drop', frame(query), '12 unknown-operation'],
  ['an internal service', '/qdrant.PointsInternal/Upsert', frame(query), '7 not-permitted'],
  ['raw storage', '/qdrant.StorageRead/ReadWhole', frame(pub), '7 not-permitted'],
  [
    'reflection',
    '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    frame(Buffer.alloc(0)),
    '12 unknown-operation',
  ],
  ['a query behind the path', `${Query}?x=1`, frame(query), '12 unknown-operation'],
  ['an encoded path', '/qdrant.Points/%51uery', frame(query), '12 unknown-operation'],
  ['two slashes', '//qdrant.Points/Query', frame(query), '12 unknown-operation'],
  ['a REST path', '/collections/sec', frame(query), '12 unknown-operation'],
];

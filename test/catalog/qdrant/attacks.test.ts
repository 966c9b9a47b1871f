import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { qdrant } from '../../../src/catalog/qdrant/database.ts';
import { varint } from '../../../src/catalog/reading/wire.ts';
import { Refusal } from '../../../src/refusal.ts';
import { namesOf } from '../names.ts';
import { intentOf, restHead, rpcHead } from '../request.ts';

/** The caller may use `pub` and not `sec`; `door` is an alias of `sec`. */
const names = namesOf(['pub', 'sec'], { door: 'sec' });

/** How an attack ends: refused before judging, or judged on `sec`, so that it is denied. */
async function endOf(
  head: Parameters<typeof intentOf>[0],
  body: string | Uint8Array,
): Promise<string> {
  try {
    const { needs } = await intentOf(head, body, names);
    const touches = needs.some(({ collection }) => collection?.resolved === 'sec');
    return touches
      ? 'judged on sec'
      : `judged on ${needs.map((need) => need.collection?.resolved)}`;
  } catch (error) {
    if (error instanceof Refusal) return 'refused';
    throw error;
  }
}

const lookup = '{"collection":"sec","vector":"v"}';
const deep = (levels: number, core: string) =>
  `${'{"prefetch":[{"query":1},'.repeat(levels)}${core}${']}'.repeat(levels)}`;
const item57 = Array.from({ length: 100 }, (_, at) =>
  at === 57 ? `{"query":1,"lookup_from":${lookup}}` : '{"query":1,"limit":1}',
).join();

const bodies: [string, string, string][] = [
  ['query', `{"lookup_from":${lookup}}`, 'judged on sec'],
  ['query', '{"lookup_from":{"collection":"door"}}', 'judged on sec'],
  ['query', '{"lookup_from":{"\\u0063ollection":"s\\u0065c"}}', 'judged on sec'],
  ['query', `{"lookup\\u005ffrom":${lookup}}`, 'judged on sec'],
  ['query', '{"lookup_from":["sec"]}', 'refused'],
  ['query', `{"lookup_from":{"collection":"pub"},"lookup_from":${lookup}}`, 'refused'],
  ['query', `{"lookup_from":${lookup},"lookup_from":{"collection":"pub"}}`, 'refused'],
  ['query', '{"lookup_from":{"collection":"pub","collection":"sec"}}', 'refused'],
  ['query', `{"prefetch":{"lookup_from":${lookup}}}`, 'judged on sec'],
  ['query', `{"pr\\u0065fetch":{"lookup_from":${lookup}}}`, 'judged on sec'],
  ['query', '{"prefetch":[[null,1,null,null,null,null,5,["sec"]]]}', 'refused'],
  ['query', '{"prefetch":[null,1,null,null,null,null,5,["sec"]]}', 'refused'],
  ['query', '{"prefetch":[{"prefetch":[[null,1,null,null,null,null,5,["sec"]]]}]}', 'refused'],
  ['query', deep(5, `{"lookup_from":${lookup}}`), 'judged on sec'],
  ['query', deep(100_000, '{}'), 'refused'],
  ['query', `[{"lookup_from":${lookup}}]`, 'refused'],
  ['query', `{}{"lookup_from":${lookup}}`, 'refused'],
  ['query', `\ufeff{"lookup_from":${lookup}}`, 'refused'],
  ['query/batch', `{"searches":[${item57}]}`, 'judged on sec'],
  ['query/batch', `[[${item57}]]`, 'refused'],
  ['query/batch', `{"searches":[{}],"searches":[${item57}]}`, 'refused'],
  ['query/batch', `{"s\\u0065arches":[${item57}]}`, 'judged on sec'],
  ['query/groups', '{"group_by":"a","with_lookup":"sec"}', 'judged on sec'],
  ['query/groups', `{"group_by":"a","with_lookup":${lookup}}`, 'judged on sec'],
  ['query/groups', '{"group_by":"a","with_lookup":["sec",true]}', 'refused'],
  ['search/groups', '{"group_by":"a","with_lookup":"door"}', 'judged on sec'],
  ['recommend', `{"positive":[1],"lookup_from":${lookup}}`, 'judged on sec'],
  ['recommend/batch', `{"searches":[{"lookup_from":${lookup}}]}`, 'judged on sec'],
  ['recommend/groups', `{"lookup_from":${lookup}}`, 'judged on sec'],
  ['discover', `{"lookup_from":${lookup}}`, 'judged on sec'],
  ['discover/batch', `{"searches":[{"lookup_from":${lookup}}]}`, 'judged on sec'],
];

describe('a body that would reach another collection', () => {
  it.each(bodies)('of %s', async (path, body, end) => {
    expect(await endOf(restHead(`POST /collections/pub/points/${path}`), body)).toBe(end);
  });

  it('in UTF-16 is refused', async () => {
    const body = Buffer.from(`{"lookup_from":${lookup}}`, 'utf16le');
    expect(await endOf(restHead('POST /collections/pub/points/query'), body)).toBe('refused');
  });
});

const paths: [string, string][] = [
  ['GET /collections/pub/../sec', 'refused'],
  ['GET /collections/pub/%2e%2e/sec', 'refused'],
  ['GET /collections/%73ec', 'judged on sec'],
  ['GET //collections//sec', 'refused'],
  ['GET /collections/%2573ec', 'refused'],
  ['GET http://pub/collections/sec', 'refused'],
  ['GET collections/sec', 'refused'],
  ['GET /collections/pub%00/../sec', 'refused'],
  ['GET /collections/*', 'refused'],
  ['GET /collections/se%3F', 'refused'],
  [`GET /collections/${'s'.repeat(300)}`, 'refused'],
  ['GET /readyz/../collections/sec', 'refused'],
  ['GET /livezX', 'refused'],
  ['GET /dashboard/../collections/sec', 'refused'],
  ['GET /collections/door', 'judged on sec'],
  ['GET /collections/pub/snapshots/..%2fsec%2fa.snapshot', 'refused'],
  ['GET /collections/pub/snapshots/..', 'refused'],
  ['GET /collections/pub?collection_name=sec', 'refused'],
  ['GET /collections/pub#/../sec', 'refused'],
];

describe('a target that would reach another collection', () => {
  it.each(paths)('%s', async (route, end) => {
    expect(await endOf(restHead(route), '')).toBe(end);
  });
});

const field = (number: number, value: Uint8Array | string) => {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
};
const join = (...parts: Uint8Array[]) => Buffer.concat(parts);
const pub = field(1, 'pub');
const location = (...pieces: string[]) => join(...pieces.map((name) => field(1, name)));
const nested = (levels: number): Buffer =>
  levels === 0 ? field(8, location('sec')) : join(field(1, ''), field(1, nested(levels - 1)));
const batch57 = Array.from({ length: 100 }, (_, at) =>
  field(2, at === 57 ? join(pub, field(14, location('sec'))) : pub),
);

const messages: [string, string, Uint8Array, string][] = [
  ['Search', 'the name twice', join(pub, field(1, 'sec')), 'judged on sec'],
  ['Search', 'the name twice, the other way', join(field(1, 'sec'), pub), 'judged on pub'],
  ['Search', 'an alias', field(1, 'door'), 'judged on sec'],
  ['Search', 'the name as a number', join(pub, Buffer.from([8, 1])), 'refused'],
  ['Query', 'lookup_from', join(pub, field(14, location('sec'))), 'judged on sec'],
  [
    'Query',
    'lookup_from, two names',
    join(pub, field(14, location('pub', 'sec'))),
    'judged on sec',
  ],
  [
    'Query',
    'lookup_from in pieces',
    join(pub, field(14, location('pub')), field(14, location('sec'))),
    'judged on sec',
  ],
  [
    'Query',
    'lookup_from in a group',
    join(pub, Buffer.from([0x73, 0x0a, 1, 0x73, 0x74])),
    'refused',
  ],
  ['Query', 'five prefetches deep', join(pub, field(2, nested(5))), 'judged on sec'],
  ['Query', 'too many prefetches deep', join(pub, field(2, nested(120))), 'refused'],
  ['QueryBatch', 'item 57 of 100', join(pub, ...batch57), 'judged on sec'],
  ['QueryBatch', 'another name inside', join(pub, field(2, field(1, 'sec'))), 'refused'],
  [
    'QueryBatch',
    'another name inside, twice',
    join(pub, field(2, join(pub, field(1, 'sec')))),
    'refused',
  ],
  ['QueryGroups', 'with_lookup', join(pub, field(15, location('sec'))), 'judged on sec'],
  ['RecommendGroups', 'with_lookup', join(pub, field(15, location('sec'))), 'judged on sec'],
  ['SearchGroups', 'with_lookup', join(pub, field(13, location('sec'))), 'judged on sec'],
  ['Recommend', 'lookup_from', join(pub, field(13, location('sec'))), 'judged on sec'],
  [
    'RecommendBatch',
    'lookup_from',
    join(pub, field(2, field(13, location('sec')))),
    'judged on sec',
  ],
  ['Discover', 'lookup_from', join(pub, field(11, location('sec'))), 'judged on sec'],
  [
    'DiscoverBatch',
    'lookup_from',
    join(pub, field(2, field(11, location('sec')))),
    'judged on sec',
  ],
];

describe('a message that would reach another collection', () => {
  it.each(messages)('%s: %s', async (method, _, body, end) => {
    expect(await endOf(rpcHead(`/qdrant.Points/${method}`), body)).toBe(end);
  });
});

describe('whatever comes', () => {
  const method = fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'get');
  const segment = fc.constantFrom(
    'collections',
    'pub',
    'points',
    'query',
    'aliases',
    'snapshots',
    'shards',
    '0',
    '..',
    '%2e',
    '',
  );

  it('ends in an intent or a refusal, over REST', async () => {
    await fc.assert(
      fc.asyncProperty(
        method,
        fc.array(segment, { maxLength: 7 }),
        fc.string(),
        async (verb, path, body) => {
          expect(await endOf(restHead(`${verb} /${path.join('/')}`), body)).toMatch(
            /refused|judged/,
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('ends in an intent or a refusal, over gRPC', async () => {
    const paths = fc.constantFrom(...qdrant.operations.flatMap(({ grpc }) => grpc));
    await fc.assert(
      fc.asyncProperty(paths, fc.uint8Array({ maxLength: 60 }), async (path, body) => {
        expect(await endOf(rpcHead(path), body)).toMatch(/refused|judged/);
      }),
      { numRuns: 500 },
    );
  });

  it('names no more collections than can be judged and recorded', async () => {
    const many = Array.from({ length: 1001 }, (_, at) => `{"lookup_from":{"collection":"c${at}"}}`);
    const head = restHead('POST /collections/pub/points/query/batch');
    expect(await endOf(head, `{"searches":[${many.join()}]}`)).toBe('refused');
  });
});

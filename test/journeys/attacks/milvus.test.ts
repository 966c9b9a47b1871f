import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { delimited, varint } from '../../fuzz/support/calls.ts';
import { startGateway } from '../../support/gateway.ts';
import { type MilvusDouble, openMilvusDouble } from '../../support/milvus/double.ts';
import { frame } from './call-cases.ts';
import { ask, openSession, type Scene, speak } from './scene.ts';

let double: MilvusDouble;
let scene: Scene;
const policies = { own: 'allow: [{ collections: [pub], access: m }]' };

beforeAll(async () => {
  double = await openMilvusDouble({ lenient: true });
  const gateway = await startGateway({
    database: double,
    policies,
    keys: { own: { roles: ['own'] } },
  });
  scene = { gateway } as unknown as Scene;
});
afterAll(async () => {
  await scene?.gateway.stop();
  await double?.close();
});

const text = (field: number, value: string) => delimited(field, Buffer.from(value));
const all = (...parts: Buffer[]) => Buffer.concat(parts);
const key = () => `Bearer ${scene.gateway.keys['own']}`;
const pseudo = (path: string, method = 'POST') => [
  ...[':method', method, ':path', path],
  ...[':scheme', 'https', ':authority', 'localhost'],
];
const came = (part: string) => double.came.filter(({ target }) => target.includes(part));

/** What it comes to, a body to query by, more fields, another target. */
type RestCase = readonly [string, string, string | Buffer, (readonly string[])?, string?];
const query = '/v2/vectordb/entities/query';
const pub = '{"collectionName":"pub","filter":""}';
const restCases: readonly RestCase[] = [
  ['sec', 'not-permitted', '{"collectionName":"sec"}'],
  ['twice', 'unreadable-request', '{"collectionName":"pub","collectionName":"sec"}'],
  ['two cases', 'unreadable-request', '{"collectionName":"pub","CollectionName":"sec"}'],
  [
    'long s',
    'unreadable-request',
    '{"collectionName":"pub","u\u017fername":"x","collectionname":"sec"}',
  ],
  ['escaped', 'not-permitted', '{"collection\\u004eame":"sec"}'],
  ['a trailing document', 'unreadable-request', `${pub}{"collectionName":"sec"}`],
  ['another database', 'not-permitted', '{"dbName":"acme","collectionName":"pub"}'],
  ['sourceid', 'unreadable-request', pub, ['sourceid', 'QEBtaWx2dXMtbWVtYmVyQEA=']],
  ['two credentials', 'not-authenticated', pub, ['api-key', 'another']],
  ['gzip', 'unreadable-request', gzipSync(pub), ['content-encoding', 'gzip']],
  ['an unknown encoding', 'unreadable-request', pub, ['content-encoding', 'x']],
  ['dot segments', 'unknown-operation', pub, [], '/v2/vectordb/entities/../entities/query'],
  ['encoded dots', 'unknown-operation', pub, [], '/v2/vectordb/%2e%2e/entities/query'],
  [
    'rename away',
    'not-permitted',
    '{"collectionName":"pub","newCollectionName":"sec"}',
    [],
    '/v2/vectordb/collections/rename',
  ],
  [
    'import',
    'not-permitted',
    '{"collectionName":"sec","files":[["a"]]}',
    [],
    '/v2/vectordb/jobs/import/create',
  ],
];

describe('an attack on REST of Milvus is refused before the database', () => {
  it.each(restCases.map(([a, b, c, d = [], e = query]) => [a, b, c, d, e] as const))(
    '%s',
    async (_, expected, body, more, target) => {
      const bytes = Buffer.from(body as string);
      const before = double.came.length;
      const session = openSession(scene, 'grpc');
      const fields = ['content-type', 'application/json', 'authorization', key(), ...more];
      const two = await ask(session, [...pseudo(target), ...fields], bytes);
      session.destroy();
      const lines = fields.flatMap((name, at) => (at % 2 ? [] : [`${name}: ${fields[at + 1]}`]));
      const head = [
        `POST ${target} HTTP/1.1`,
        'Host: a',
        ...lines,
        `content-length: ${bytes.length}`,
      ];
      const one = await speak(
        scene,
        all(Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes),
        'grpc',
      );
      expect([one.refusal, two.refusal]).toEqual([expected, expected]);
      expect(double.came.slice(before).filter(({ protocol }) => protocol === 'http')).toEqual([]);
    },
  );
});

const gzip = ['grpc-encoding', 'gzip'];
const named = (name: string) => text(3, name);
/** What it comes to, a method, its frames, more fields. */
type CallCase = readonly [string, string, string, Buffer, (readonly string[])?];
const callCases: readonly CallCase[] = [
  ['sec', '7 not-permitted', 'Query', frame(named('sec'))],
  ['a name twice', '3 unreadable-request', 'Query', frame(all(named('pub'), named('sec')))],
  [
    'a name as a number',
    '3 unreadable-request',
    'Query',
    frame(all(named('pub'), varint(24), varint(5))),
  ],
  ['another database', '7 not-permitted', 'Query', frame(all(text(2, 'acme'), named('pub')))],
  [
    'an id instead of a name',
    '7 not-permitted',
    'DescribeCollection',
    frame(all(varint(32), varint(7))),
  ],
  ['two messages', '3 unreadable-request', 'Query', all(frame(named('pub')), frame(named('sec')))],
  ['a bomb', '8 too-large', 'Query', frame(gzipSync(Buffer.alloc(200 * 1024 * 1024)), 1), gzip],
  [
    'another encoding',
    '12 unreadable-request',
    'Query',
    frame(named('pub'), 1),
    ['grpc-encoding', 'zstd'],
  ],
  [
    'sourceid',
    '3 unreadable-request',
    'Query',
    frame(named('pub')),
    ['sourceid', 'QEBtaWx2dXMtbWVtYmVyQEA='],
  ],
  [
    'dbname twice',
    '3 unreadable-request',
    'Query',
    frame(named('pub')),
    ['dbname', 'default', 'dbname', 'acme'],
  ],
  ['two credentials', '16 not-authenticated', 'Query', frame(named('pub')), ['api-key', 'another']],
  ['import', '7 not-permitted', 'Import', frame(text(1, 'sec'))],
];

describe('an attack by a call to Milvus is refused before the database', () => {
  it.each(callCases.map(([a, b, c, d, e = []]) => [a, b, c, d, e] as const))(
    '%s',
    async (_, expected, method, frames, more) => {
      const path = `/milvus.proto.milvus.MilvusService/${method}`;
      const before = came(path).length;
      const session = openSession(scene, 'grpc');
      const fields = ['content-type', 'application/grpc', 'te', 'trailers', 'authorization', key()];
      const told = await ask(session, [...pseudo(path), ...fields, ...more], frames);
      session.destroy();
      expect(`${told.grpc} ${told.refusal}`).toBe(expected);
      expect(came(path)).toHaveLength(before);
    },
  );
});

it('what may be used is let through, by the same hands', async () => {
  const session = openSession(scene, 'grpc');
  const call = ['content-type', 'application/grpc', 'te', 'trailers', 'authorization', key()];
  const path = '/milvus.proto.milvus.MilvusService/Query';
  const told = await ask(session, [...pseudo(path), ...call], frame(named('pub')));
  const fields = ['content-type', 'application/json', 'authorization', key()];
  const rest = await ask(session, [...pseudo(query), ...fields], Buffer.from(pub));
  session.destroy();
  expect([told.grpc, told.refusal, rest.status, rest.refusal]).toEqual([0, null, 200, null]);
  expect([came(path).length, came(query).length]).toEqual([1, 1]);
});

import type { ClientHttp2Session } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MilvusScene, openMilvusScene } from './milvus-scene.ts';
import { ask, openSession, speak } from './scene.ts';

let world: MilvusScene;
let session: ClientHttp2Session;

beforeAll(async () => {
  world = await openMilvusScene();
  session = openSession(world.scene, 'grpc');
});
afterAll(async () => {
  session?.destroy();
  await world?.close();
});

const denied = '403 not-permitted';
const unread = '400 unreadable-request';
const unknown = '404 unknown-operation';
const passes = '200 null';
const v2 = '/v2/vectordb/';
const query = `${v2}entities/query`;
const pub = '{"collectionName":"pub","filter":""}';
const about = (content: object) => JSON.stringify({ collectionName: 'pub', ...content });

/** What it is, what it comes to, a path, a body, more fields, another method. */
type Case = readonly [string, string, string, string, (readonly string[])?, string?];

const targets: readonly Case[] = [
  ['another case', unknown, `${v2}Entities/Query`, pub],
  ['an escape', unknown, `${v2}entities/%71uery`, pub],
  ['an escaped slash', unknown, `${v2}entities%2Fquery`, pub],
  ['a slash at the end', unknown, `${query}/`, pub],
  ['two slashes', unknown, `${v2}/entities/query`, pub],
  ['two slashes before', unknown, `/${query}`, pub],
  ['a NUL', unknown, `${query}%00`, pub],
  ['a parameter of the path', unknown, `${query};collectionName=sec`, pub],
  ['a query string', unread, `${query}?collectionName=sec`, pub],
  ['an empty query string', unread, `${query}?`, pub],
  ['a query string on a POST of v1', unread, '/v1/vector/query?dbName=acme', pub],
  ['a path of the port for metrics', unknown, '/api/v1/credential', '{}'],
  ['a call', unknown, '/milvus.proto.milvus.MilvusService/Query', '{}'],
  ['another method', unknown, query, pub, [], 'PUT'],
  ['OPTIONS', unknown, query, pub, [], 'OPTIONS'],
];

const heads: readonly Case[] = [
  [
    'a method that overrides',
    passes,
    query,
    pub,
    ['x-http-method-override', 'DELETE', 'x-method', 'DELETE'],
  ],
  [
    'a target that overrides',
    passes,
    query,
    pub,
    ['x-original-url', `${v2}users/list`, 'x-rewrite-url', '/sec'],
  ],
  ['another database in the header', denied, query, pub, ['db-name', 'acme']],
  ['one in each', unread, query, about({ dbName: 'default' }), ['db-name', 'acme']],
  ['one in each, turned round', unread, query, about({ dbName: 'acme' }), ['db-name', 'default']],
  ['the header twice', unread, query, pub, ['db-name', 'default', 'db-name', 'acme']],
  ['the header on v1', unread, '/v1/vector/query', pub, ['db-name', 'acme']],
  ['the metadata of gRPC', passes, query, pub, ['dbname', 'acme', 'dbname-bin', 'YWNtZQ==']],
  ['no JSON, it says', passes, query, pub, ['content-type', 'text/plain']],
  ['a form, it says', passes, query, pub, ['content-type', 'application/x-www-form-urlencoded']],
  ['another spelling of sourceid', unread, query, pub, ['Source_Id', 'QEA=']],
];

const bodies: readonly Case[] = [
  ['an unknown key', unread, query, about({ collectionID: 7 })],
  ['a key of row level security', unread, query, about({ skip_rls: true, rlsPrincipal: 'sec' })],
  ['dbname in another case', unread, query, about({ DbName: 'acme' })],
  ['dbName twice', unread, query, '{"dbName":"default","dbName":"acme","collectionName":"pub"}'],
  ['dbName escaped', denied, query, '{"db\\u004eame":"acme","collectionName":"pub"}'],
  ['a list for a name', unread, query, '{"collectionName":["pub","sec"]}'],
  ['null for a name', unread, query, '{"collectionName":null}'],
  ['a space before a name', unread, query, '{"collectionName":" sec"}'],
  ['a partition that is a pattern', unread, query, about({ partitionNames: ['*'] })],
  ['a partition with a path', unread, query, about({ partitionNames: ['../sec'] })],
  ['an alias', denied, query, '{"collectionName":"sec_alias"}'],
  ['a list', unread, query, '[{"collectionName":"sec"}]'],
];

const named = (path: string, content: object) => [`${v2}${path}`, JSON.stringify(content)] as const;
const changes: readonly Case[] = [
  [
    'a rename onto another',
    denied,
    ...named('collections/rename', { collectionName: 'pub', newCollectionName: 'sec' }),
  ],
  [
    'a rename across databases',
    denied,
    ...named('collections/rename', {
      collectionName: 'pub',
      newCollectionName: 'ghost',
      newDbName: 'acme',
    }),
  ],
  [
    'an alias with a name of another',
    denied,
    ...named('aliases/create', { collectionName: 'pub', aliasName: 'sec' }),
  ],
  [
    'an alias to another',
    denied,
    ...named('aliases/create', { collectionName: 'sec', aliasName: 'ghost' }),
  ],
  [
    'an alias moved to another',
    denied,
    ...named('aliases/alter', { collectionName: 'sec', aliasName: 'pub_alias' }),
  ],
  [
    'an alias moved from another',
    denied,
    ...named('aliases/alter', { collectionName: 'pub', aliasName: 'sec_alias' }),
  ],
  ['an alias of another dropped', denied, ...named('aliases/drop', { aliasName: 'sec_alias' })],
  [
    'a collection with the name of an alias',
    denied,
    ...named('collections/create', { collectionName: 'sec_alias', dimension: 2 }),
  ],
  [
    'an import',
    denied,
    ...named('jobs/import/create', { collectionName: 'pub', files: [['sec']] }),
  ],
  ['a list of imports', denied, ...named('jobs/import/list', { collectionName: 'pub' })],
  ['an import of an id', denied, ...named('jobs/import/describe', { jobId: '7' })],
  [
    'an external source',
    denied,
    ...named('collections/create', {
      collectionName: 'ghost',
      schema: { externalSource: 's3://sec' },
    }),
  ],
  [
    'a refreshed source',
    denied,
    ...named('jobs/external_collection/refresh', { collectionName: 'pub' }),
  ],
  [
    'a snapshot from elsewhere',
    denied,
    ...named('jobs/snapshot/restore_external', { targetCollectionName: 'ghost' }),
  ],
  ['a file resource', denied, ...named('file_resources/add', { name: 'a', path: 'sec' })],
  [
    'a replica moved',
    denied,
    ...named('resource_groups/transfer_replica', { collectionName: 'pub', replicaNum: 1 }),
  ],
  ['segments by their ids', denied, ...named('segments/describe', { collectionID: 7 })],
];

const tables: readonly (readonly [string, readonly Case[]])[] = [
  ['target', targets],
  ['head', heads],
  ['body', bodies],
  ['change of names or reach beyond them', changes],
];

describe.each(tables)('a %s, over REST, reaches nothing foreign', (_, cases) => {
  it.each(cases.map(([a, b, c, d, e = [], f = 'POST']) => [a, b, c, d, e, f] as const))(
    '%s',
    async (_what, expected, target, body, more, method) => {
      const bytes = Buffer.from(body);
      const type = more.includes('content-type') ? [] : ['content-type', 'application/json'];
      const fields = [...type, 'authorization', world.key, ...more];
      const pseudo = [':method', method, ':path', target, ':scheme', 'https', ':authority', 'a'];
      const small = fields.map((each, at) => (at % 2 ? each : each.toLowerCase()));
      const two = await ask(session, [...pseudo, ...small], bytes);
      const lines = fields.flatMap((name, at) => (at % 2 ? [] : [`${name}: ${fields[at + 1]}`]));
      const start = [`${method} ${target} HTTP/1.1`, 'Host: a', 'Connection: close', ...lines];
      const head = [...start, `content-length: ${bytes.length}`, '', ''].join('\r\n');
      const one = await speak(world.scene, head + body, 'grpc');
      const said = [one, two].map(({ status, refusal }) => `${status} ${refusal}`);
      expect(said).toEqual([expected, expected]);
      expect(world.foreign()).toEqual([]);
    },
  );
});

describe('over HTTP/1.1', () => {
  const head = (...lines: string[]) =>
    [`POST ${query} HTTP/1.1`, 'Host: a', `content-length: ${pub.length}`, ...lines, '', ''].join(
      '\r\n',
    );

  it('an upgrade to HTTP/2 in the clear is refused', async () => {
    const lines = [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABk',
    ];
    const told = await speak(
      world.scene,
      head(`authorization: ${world.key}`, ...lines) + pub,
      'grpc',
    );
    expect(told.status).toBe(501);
    expect(world.double.came.filter(({ field }) => field('upgrade') !== undefined)).toEqual([]);
  });

  it('a credential given twice is refused, in either order', async () => {
    const lines = [`authorization: ${world.key}`, 'authorization: Bearer root:Milvus'];
    for (const pair of [lines, [...lines].reverse()]) {
      const { status, refusal } = await speak(world.scene, head(...pair) + pub, 'grpc');
      expect([status, refusal]).toEqual([400, 'unreadable-request']);
    }
  });
});

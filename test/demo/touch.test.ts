import { type ClientHttp2Session, connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoDatabase, startDemoDatabase } from '../../src/demo/database.ts';
import { encode } from '../../src/demo/grpc/encode.ts';
import type { Message } from '../../src/demo/grpc/message.ts';
import type { Touch } from '../../src/demo/observe.ts';
import { frame } from './support/frames.ts';
import { sendCall } from './support/grpc.ts';

const touches: Touch[] = [];
let database: DemoDatabase;
let session: ClientHttp2Session;

beforeAll(async () => {
  database = await startDemoDatabase({ onTouch: (touch) => touches.push(touch) });
  session = connect(database.grpc);
  const config = { vectors: { size: 2, distance: 'Dot' } };
  for (const name of ['a', 'b', 'c']) {
    await send('PUT', `/collections/${name}`, config);
    await send('PUT', `/collections/${name}/points`, { points: [{ id: 1, vector: [1, 2] }] });
  }
  await send('POST', '/collections/aliases', {
    actions: [{ create_alias: { collection_name: 'c', alias_name: 'alias' } }],
  });
});

afterAll(async () => {
  session.destroy();
  await database.close();
});

async function send(method: string, target: string, body?: unknown): Promise<Touch | undefined> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const before = touches.length;
  const headers = { 'x-request-id': `request ${before}` };
  await fetch(database.http + target, { method, headers, ...sent });
  expect(touches.length).toBeLessThanOrEqual(before + 1);
  return touches[before];
}

async function call(method: string, type: string, message: Message): Promise<Touch | undefined> {
  const before = touches.length;
  const headers = { 'x-request-id': 'call' };
  const exchange = { method, headers, answer: { headers: {}, messages: [], trailers: {} } };
  await sendCall(session, exchange, frame(encode(type, message), false));
  return touches[before];
}

const from = (collection: string) => ({ lookup_from: { collection } });
const nested = { prefetch: { prefetch: [[null, 1, null, null, null, null, 5, ['b']]], query: 1 } };

/** Requests, the operation each of them is, and the collections it reaches. */
const cases: [string, string, unknown, string, string[]][] = [
  ['POST', '/collections/a/points/query', { query: 1 }, 'points.query', ['a']],
  ['POST', '/collections/alias/points/query', { query: 1 }, 'points.query', ['c']],
  ['POST', '/collections/a/points/query', { query: 1, ...from('b') }, 'points.query', ['a', 'b']],
  ['POST', '/collections/a/points/query', { query: 1, ...from('no') }, 'points.query', ['a', 'no']],
  [
    'POST',
    '/collections/a/points/query',
    { query: [1, 2], ...from('b') },
    'points.query',
    ['a', 'b'],
  ],
  [
    'POST',
    '/collections/a/points/query',
    { ...nested, query: [1, 2], ...from('alias') },
    'points.query',
    ['a', 'b', 'c'],
  ],
  [
    'POST',
    '/collections/a/points/query/batch',
    { searches: [{ query: 1 }, { query: 1, ...from('b') }] },
    'points.query_batch',
    ['a', 'b'],
  ],
  [
    'POST',
    '/collections/a/points/recommend',
    { positive: [1], limit: 1, lookup_from: ['b'] },
    'points.recommend',
    ['a', 'b'],
  ],
  [
    'POST',
    '/collections/a/points/search/groups',
    { vector: [1, 2], group_by: 'x', group_size: 1, limit: 1, with_lookup: 'b' },
    'points.search_groups',
    ['a', 'b'],
  ],
  ['POST', '/collections/a/points/scroll', {}, 'points.scroll', ['a']],
  ['POST', '/collections/a/points/scroll', { limit: 'x' }, 'points.scroll', []],
  ['POST', '/collections/no/points/scroll', {}, 'points.scroll', ['no']],
  ['GET', '/collections/%61/points/1', undefined, 'points.get_one', ['a']],
  ['GET', '/collections', undefined, 'collections.list', ['a', 'b', 'c']],
  ['GET', '/aliases', undefined, 'aliases.list', ['c']],
  ['POST', '/snapshots', undefined, 'full_snapshots.create', ['a', 'b', 'c']],
  ['GET', '/healthz', undefined, 'service.healthz', []],
  ['POST', '/collections/aliases', [[[['b', 'alias']]]], 'aliases.update', ['b', 'c']],
  [
    'POST',
    '/collections/aliases',
    { actions: [{ rename_alias: { old_alias_name: 'alias', new_alias_name: 'a' } }] },
    'aliases.update',
    ['a', 'b'],
  ],
  ['POST', '/collections/a/points/count', {}, 'points.count', ['b']],
  ['POST', '/collections/aliases', [[[['a']]]], 'aliases.update', ['a', 'b']],
  ['DELETE', '/collections/a', undefined, 'collections.delete', ['a']],
];

describe('a request reaches', () => {
  test.each(cases)('%s %s %j: %s of %j', async (method, target, body, operation, reached) => {
    const touch = await send(method, target, body);
    expect(touch?.operation).toBe(operation);
    expect([...(touch?.collections ?? [])].sort()).toEqual(reached);
    expect(touch?.requestId).toBe(`request ${touches.length - 1}`);
  });

  test('nothing, where its route is not known', async () => {
    expect(await send('GET', '/collections/b/nothing')).toBeUndefined();
  });
});

describe('a call reaches', () => {
  const lookup = (collection_name: string) => ({ lookup_from: { collection_name } });
  const byId = { query: { nearest: { id: { num: 1 } } } };
  const calls: [string, string, Message, string, string[]][] = [
    ['Query', 'QueryPoints', { ...byId, ...lookup('c') }, 'points.query', ['b', 'c']],
    [
      'Query',
      'QueryPoints',
      { ...byId, prefetch: [{ ...byId, prefetch: [{ ...byId, ...lookup('c') }] }] },
      'points.query',
      ['b', 'c'],
    ],
    [
      'QueryBatch',
      'QueryBatchPoints',
      { query_points: [{ collection_name: 'c', ...byId, ...lookup('no') }] },
      'points.query_batch',
      ['b', 'no'],
    ],
    ['Upsert', 'UpsertPoints', {}, 'points.upsert', ['b']],
  ];
  test.each(calls)('%s %s %j: %s of %j', async (name, type, message, operation, reached) => {
    const touch = await call(`/qdrant.Points/${name}`, type, { collection_name: 'b', ...message });
    expect(touch?.operation).toBe(operation);
    expect([...(touch?.collections ?? [])].sort()).toEqual(reached);
    expect(touch?.requestId).toBe('call');
  });
});

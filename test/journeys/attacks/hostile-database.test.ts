import type { ClientHttp2Session } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { frameOf } from '../../proxy/support/frames.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { frame } from './call-cases.ts';
import { empty, type Hostile, head, openHostile } from './hostile.ts';
import { ask, openSession, type Scene, speak } from './scene.ts';

let hostile: Hostile;
let gateway: TestGateway;
let key: string;
const sessions: ClientHttp2Session[] = [];

beforeAll(async () => {
  hostile = await openHostile();
  const policies = { own: 'allow: [{ collections: [pub], access: m }]' };
  gateway = await startGateway({ database: hostile, policies, keys: { own: { roles: ['own'] } } });
  key = gateway.keys['own'] as string;
});

afterAll(async () => {
  for (const session of sessions) session.destroy();
  await gateway.stop();
  hostile.close();
});

function session(port: 'http' | 'grpc'): ClientHttp2Session {
  const opened = openSession({ gateway } as Scene, port);
  sessions.push(opened);
  return opened;
}

/** Every record can still be read, and every intent has an end. */
function expectSoundLog(): void {
  const records = gateway.audit();
  const intents = records.filter(({ kind }) => kind === 'intent').map(({ request }) => request);
  const outcomes = records.filter(({ kind }) => kind === 'outcome');
  expect(outcomes.map(({ request }) => request).sort()).toEqual([...intents].sort());
  for (const { status } of outcomes) expect(status === null || Number.isInteger(status)).toBe(true);
}

const answer = (line: string, ...fields: string[]): string =>
  `HTTP/1.1 ${line}\r\n${fields.map((field) => `${field}\r\n`).join('')}content-length: 2\r\n\r\nhi`;

describe('an answer of a database that has gone mad or bad ends no more than its exchange', () => {
  it.each([
    ['a status of 999', answer('999 X')],
    ['a status of 600', answer('600 X')],
    ['a status of 099', answer('099 X')],
    ['a body where none may be', answer('204 X')],
    ['a switch of protocols', 'HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nhi'],
    ['a type twice', answer('200 X', 'content-type: a', 'content-type: b')],
    ['a type beyond ASCII', answer('200 X', 'content-type: \xe2\x82\xac')],
    ['a tag that is the name of a field', answer('200 X', 'etag: grpc-status', 'allow: x')],
    ['an encoding', answer('200 X', 'content-encoding: gzip')],
    ['two lengths', answer('200 X', 'content-length: 5')],
    ['no HTTP', 'nonsense\r\n\r\n'],
    ['an answer too many', answer('200 X') + answer('200 Y')],
  ])('over REST: %s', async (_, bytes) => {
    hostile.rest = bytes;
    const target = '/collections/pub/points/query';
    const lines = [`POST ${target} HTTP/1.1`, 'Host: a', `api-key: ${key}`, 'content-length: 2'];
    await speak({ gateway } as Scene, `${lines.join('\r\n')}\r\nconnection: close\r\n\r\n{}`);
    const pseudo = [':method', 'POST', ':path', target, ':scheme', 'https', ':authority', 'a'];
    await ask(session('http'), [...pseudo, 'api-key', key], Buffer.from('{}'));
    expect((await gateway.health('/livez')).status).toBe(200);
    expectSoundLog();
  });

  const ok = [':status', '200'];
  it.each<[string, (stream: number) => Buffer]>([
    ['a status of 600', (id) => head(id, [':status', '600', 'grpc-status', '0'], true)],
    ['a status of 999', (id) => head(id, [':status', '999'], true)],
    ['a status of 099', (id) => head(id, [':status', '099'], true)],
    ['no status', (id) => head(id, ['grpc-status', '0'], true)],
    ['a type twice', (id) => head(id, [...ok, 'content-type', 'a', 'content-type', 'b'], true)],
    [
      'a type twice, before a message',
      (id) =>
        Buffer.concat([
          head(id, [...ok, 'content-type', 'a', 'content-type', 'b']),
          empty(id),
          head(id, ['grpc-status', '0'], true),
        ]),
    ],
    [
      'a delay twice in trailers',
      (id) =>
        Buffer.concat([
          head(id, ok),
          empty(id),
          head(id, ['grpc-status', '0', 'retry-after', '1', 'retry-after', '2'], true),
        ]),
    ],
    ['a status that is no number', (id) => head(id, [...ok, 'grpc-status', 'banana'], true)],
    ['an endless status', (id) => head(id, [...ok, 'grpc-status', '1e999'], true)],
    [
      'a message beyond ASCII',
      (id) => head(id, [...ok, 'grpc-status', '5', 'grpc-message', '\xe9'], true),
    ],
    [
      'five hundred trailers',
      (id) =>
        Buffer.concat([
          head(id, ok),
          empty(id),
          head(id, Array.from({ length: 500 }, (_, at) => [`grpc-${at}`, 'x']).flat(), true),
        ]),
    ],
    ['two heads', (id) => Buffer.concat([head(id, ok), head(id, ok), empty(id)])],
    [
      'a reset behind a message',
      (id) => Buffer.concat([head(id, ok), empty(id), frameOf(3, 0, id, Buffer.alloc(4))]),
    ],
    ['a farewell', () => frameOf(7, 0, 0, Buffer.alloc(8))],
    ['a push', (id) => frameOf(5, 4, id, Buffer.of(0, 0, 0, 2))],
  ])('over gRPC: %s', async (_, frames) => {
    hostile.call = frames;
    const pseudo = [':method', 'POST', ':path', '/qdrant.Points/Query', ':scheme', 'https'];
    const fields = [...pseudo, ':authority', 'a', 'content-type', 'application/grpc'];
    const message = frame(Buffer.from('\n\x03pub'));
    await ask(session('grpc'), [...fields, 'te', 'trailers', 'api-key', key], message);
    expect((await gateway.health('/livez')).status).toBe(200);
    expectSoundLog();
  });
});

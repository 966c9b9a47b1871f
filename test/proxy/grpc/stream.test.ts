import { type ClientHttp2Session, constants, type OutgoingHttpHeaders } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Exchange } from '../../../src/proxy/exchange.ts';
import { Refusal } from '../../../src/refusal.ts';
import { ask, callHead, frame, openSession, openSocket } from '../support/clients.ts';
import { startEdge, type TestEdge } from '../support/edge.ts';
import { data, headers, preface, reset } from '../support/frames.ts';
import { echo, outcomeOf } from '../support/serve.ts';

let edge: TestEdge;
let session: ClientHttp2Session;
let serve: (exchange: Exchange) => void;
const serveEcho = (exchange: Exchange) => void echo(exchange);
beforeAll(async () => {
  edge = await startEdge('grpc', (exchange) => serve(exchange));
  session = await openSession(edge.port);
});
afterAll(async () => {
  session.destroy();
  await edge.close();
});

const call = (body: Buffer, more: OutgoingHttpHeaders = {}) => {
  serve = serveEcho;
  return ask(session, callHead('/a.B/C', more), body);
};
const statusOf = async (body: Buffer, more: OutgoingHttpHeaders = {}) => {
  const { headers, trailers } = await call(body, more);
  return headers['grpc-status'] ?? trailers['grpc-status'];
};
const gzip = { 'grpc-encoding': 'gzip' };
const one = frame(Buffer.from('abc'));
const zipped = gzipSync('abc');

describe('a unary call', () => {
  it('is served, and its status comes in trailers', async () => {
    const { headers, body, trailers, code } = await call(one);
    expect(headers).toMatchObject({ ':status': 200, 'x-target': '/a.B/C' });
    expect(body.toString()).toBe('abc');
    expect(trailers['grpc-status']).toBe('0');
    expect(code).toBe(0);
  });

  it('is served with an empty message', async () => {
    expect(await statusOf(frame(Buffer.alloc(0)))).toBe('0');
  });

  it.each(['application/grpc+proto', 'application/grpc;charset=utf-8'])(
    'is served as %s',
    async (type) => expect(await statusOf(one, { 'content-type': type })).toBe('0'),
  );

  it('is served compressed, and inflated', async () => {
    expect((await call(frame(zipped, 1), gzip)).body.toString()).toBe('abc');
  });

  it('is served plain where compression was only announced', async () => {
    expect((await call(one, gzip)).body.toString()).toBe('abc');
  });

  it('is served whatever pieces it comes in', async () => {
    serve = serveEcho;
    const stream = session.request(callHead('/a.B/C'), { endStream: false });
    stream.resume();
    const trailers = new Promise((resolve) => stream.on('trailers', resolve));
    for (const byte of one) {
      stream.write(Buffer.from([byte]));
      await new Promise((resolve) => session.ping(resolve));
    }
    stream.end();
    expect(await trailers).toMatchObject({ 'grpc-status': '0' });
  });

  it('is told of its deadline', async () => {
    serve = (exchange) => {
      const left = (exchange.deadline ?? 0) - exchange.startedAt;
      exchange.answer.whole(200, ['grpc-status', '0', 'x-left', String(Math.round(left))], none);
    };
    const { headers } = await ask(session, callHead('/a', { 'grpc-timeout': '2S' }), one);
    expect(Number(headers['x-left'])).toBeGreaterThan(1900);
    expect(Number(headers['x-left'])).toBeLessThanOrEqual(2000);
  });
});

const none = Buffer.alloc(0);
const two = Buffer.concat([one, one]);
const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024));

const refused: [string, Buffer, OutgoingHttpHeaders, string][] = [
  ['no message', none, {}, '3'],
  ['half a prefix', one.subarray(0, 3), {}, '3'],
  ['a message cut short', one.subarray(0, 6), {}, '3'],
  ['two messages', two, {}, '3'],
  ['a byte after the message', Buffer.concat([one, Buffer.alloc(1)]), {}, '3'],
  ['a length that lies by one', Buffer.from([0, 0, 0, 0, 4, 1, 2, 3]), {}, '3'],
  ['a length of 4 GB', Buffer.from([0, 255, 255, 255, 255, 1, 2, 3]), {}, '8'],
  ['flag 2', frame(Buffer.from('abc'), 2), {}, '3'],
  ['flag 255', frame(Buffer.from('abc'), 255), {}, '3'],
  ['a compressed message without an encoding', frame(zipped, 1), {}, '3'],
  ['a compressed message called identity', frame(zipped, 1), { 'grpc-encoding': 'identity' }, '3'],
  ['a flag without compression', frame(Buffer.from('abc'), 1), gzip, '3'],
  ['two gzip members', frame(Buffer.concat([zipped, zipped]), 1), gzip, '3'],
  ['a bomb', frame(bomb, 1), gzip, '8'],
  ['deflate', one, { 'grpc-encoding': 'deflate' }, '12'],
  ['gzip in upper case', frame(zipped, 1), { 'grpc-encoding': 'GZIP' }, '12'],
  ['two encodings', one, { 'grpc-encoding': ['gzip', 'identity'] }, '3'],
  ['an HTTP encoding', one, { 'content-encoding': 'gzip' }, '3'],
  ['a GET', one, { ':method': 'GET' }, '3'],
  ['no content type', one, { 'content-type': undefined }, '3'],
  ['gRPC-Web', one, { 'content-type': 'application/grpc-web' }, '3'],
  ['JSON', one, { 'content-type': 'application/json' }, '3'],
  ['no te', one, { te: undefined }, '3'],
  ['a timeout that is none', one, { 'grpc-timeout': '1h' }, '3'],
  ['a timeout of nine digits', one, { 'grpc-timeout': '123456789S' }, '3'],
  ['two timeouts', one, { 'grpc-timeout': ['1S', '2S'] }, '3'],
  ['a host unlike :authority', one, { ':authority': 'a', host: 'b' }, '3'],
];

describe('a call that two readers could take differently', () => {
  it.each(refused)('is refused: %s', async (_name, body, more, status) => {
    const headers = callHead('/a.B/C', more);
    for (const [name, value] of Object.entries(headers))
      if (value === undefined) delete headers[name];
    serve = serveEcho;
    const answer = await ask(session, headers, body);
    // nghttp2 resets some of these before anyone is asked.
    if (answer.headers[':status'] === undefined) expect(answer.code).not.toBe(0);
    else expect(answer.headers['grpc-status']).toBe(status);
  });

  it('is told what it may be compressed with', async () => {
    const { headers } = await call(one, { 'grpc-encoding': 'deflate' });
    expect(headers['grpc-accept-encoding']).toBe('gzip');
  });

  it('is refused in one frame that ends the stream', async () => {
    serve = serveEcho;
    const plain = session.request(callHead('/a'), { endStream: true });
    const ended = await new Promise<number>((resolve) => {
      plain.on('response', (_headers, told) => resolve(told));
    });
    expect(ended & constants.NGHTTP2_FLAG_END_STREAM).not.toBe(0);
  });

  it('is refused where its stream is cut off', async () => {
    const held = Promise.withResolvers<unknown>();
    const arrived = Promise.withResolvers<void>();
    serve = (exchange) => {
      held.resolve(outcomeOf(exchange.body.hold(1000, () => arrived.resolve())));
    };
    const socket = await openSocket(edge.port, ['h2']);
    socket.resume();
    const fields = ['content-type', 'application/grpc', 'te', 'trailers'];
    const bytes = [preface, headers(1, ['POST', '/x'], fields), data(1, '\0\0\0\0\x05abc')];
    socket.write(Buffer.concat(bytes));
    await arrived.promise;
    socket.write(reset(1, constants.NGHTTP2_NO_ERROR));
    expect(await held.promise).toBeInstanceOf(Refusal);
    socket.destroy();
  });
});

describe('an answer to a call', () => {
  it('that breaks off has no status', async () => {
    serve = ({ answer }) => {
      answer.head(200, ['content-type', 'application/grpc']);
      answer.write(frame(Buffer.from('abc')));
      setImmediate(() => answer.reset());
    };
    const { trailers, code } = await ask(session, callHead('/a'), one);
    expect(trailers).toEqual({});
    expect(code).toBe(constants.NGHTTP2_INTERNAL_ERROR);
  });

  it('that comes before the message was read is heard, and stops the client', async () => {
    serve = ({ answer }) => {
      answer.head(200, ['content-type', 'application/grpc']);
      answer.end(['grpc-status', '7', 'grpc-message', 'no'], null);
    };
    const stream = session.request(callHead('/a'), { endStream: false });
    stream.resume();
    stream.write(Buffer.alloc(1_000_000));
    const trailers = new Promise((resolve) => stream.on('trailers', resolve));
    const closed = new Promise((resolve) => stream.on('close', resolve));
    expect(await trailers).toMatchObject({ 'grpc-status': '7', 'grpc-message': 'no' });
    await closed;
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  });
});

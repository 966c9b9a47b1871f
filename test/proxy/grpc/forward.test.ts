import { once } from 'node:events';
import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createNet } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import type { Forwarder, InFlight, UpstreamRequest } from '../../../src/proxy/forwarder.ts';
import { makeGrpcForwarder } from '../../../src/proxy/grpc/forward.ts';
import { type Reach, reach } from '../../../src/proxy/reach.ts';
import { frame } from '../support/clients.ts';
import { portOf } from '../support/edge.ts';

const open: { close(): unknown }[] = [];
const sessions = new Set<ServerHttp2Session>();
afterEach(async () => {
  for (const session of sessions) session.destroy();
  sessions.clear();
  for (const each of open.splice(0)) await each.close();
});

const times = { connect: 1000, answer: 5000, idle: 5000, keepAlive: 4000 };
type OnCall = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

async function database(onCall: OnCall, other: Partial<Reach> = {}, settings = {}) {
  const server = createServer({ settings, maxSessionMemory: 100 });
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => undefined);
    onCall(stream, headers);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, forwarder: to(server, other) };
}

function to(server: Pick<Http2Server, 'address' | 'close'>, other: Partial<Reach> = {}): Forwarder {
  const url = { host: '127.0.0.1', port: portOf(server), tls: false };
  const forwarder = makeGrpcForwarder(reach(url, null, { times, ...other }));
  open.push({ close: () => void forwarder.close() }, { close: () => void server.close() });
  return forwarder;
}

interface Told {
  head: readonly string[];
  body: string;
  trailers: readonly string[] | null;
  failure: (Error & { code?: string }) | null;
  unsent: boolean;
}

const call: UpstreamRequest = {
  method: 'POST',
  target: '/a.B/C',
  fields: ['x-request-id', '1'],
  body: Buffer.from('abc'),
  length: 3,
};

/** Makes one call and tells all that came of it. */
function send(forwarder: Forwarder, request = call, onFlight?: (flight: InFlight) => void) {
  const told: Told = { head: [], body: '', trailers: null, failure: null, unsent: false };
  return new Promise<Told>((resolve) => {
    const flight = forwarder.send(request, {
      head: (_status, head) => void Object.assign(told, { head }),
      data: (chunk) => {
        told.body += chunk.toString('latin1');
        return true;
      },
      end: (trailers) => resolve(Object.assign(told, { trailers })),
      fail: (failure, unsent) => resolve(Object.assign(told, { failure, unsent })),
    });
    onFlight?.(flight);
  });
}

const type = 'application/grpc';
/** Answers with the message that was sent. */
const echo: OnCall = (stream) => {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    stream.respond(
      { ':status': 200, 'content-type': type, server: 'db' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () =>
      stream.sendTrailers({ 'grpc-status': '0', 'x-node': '10.0.0.1' }),
    );
    stream.end(Buffer.concat(chunks));
  });
};

describe('a call to the database', () => {
  it('is framed by us and carries only its own fields', async () => {
    const seen = Promise.withResolvers<IncomingHttpHeaders>();
    const { forwarder } = await database((stream, headers) => {
      seen.resolve(headers);
      echo(stream, headers);
    });
    const fields = ['te', 'gzip', 'grpc-encoding', 'gzip', 'content-type', 'a', 'x-own', '1'];
    const told = await send(forwarder, { ...call, fields });
    expect(told.body).toBe(frame(Buffer.from('abc')).toString('latin1'));
    expect(Object.keys(await seen.promise)).toEqual([
      ...[':method', ':scheme', ':path', ':authority', 'te', 'content-type', 'x-own'],
    ]);
    expect(await seen.promise).toMatchObject({ te: 'trailers', 'content-type': type });
  });

  it('brings back the type and what is gRPC’s own', async () => {
    const { forwarder } = await database(echo);
    const { head, trailers } = await send(forwarder);
    expect(head).toEqual(['content-type', type]);
    expect(trailers).toEqual(['grpc-status', '0']);
  });

  it('that is answered by trailers alone brings them in its head', async () => {
    const { forwarder } = await database((stream) => {
      stream.respond({ 'content-type': type, 'grpc-status': '7' }, { endStream: true });
    });
    const { head, trailers } = await send(forwarder);
    expect(head).toEqual(['content-type', type, 'grpc-status', '7']);
    expect(trailers).toEqual([]);
  });

  it('fails where its answer is encoded, in which nothing could be counted', async () => {
    const { forwarder } = await database((stream) => {
      stream.respond({ 'content-type': type, 'grpc-encoding': 'gzip' });
      stream.end(frame(Buffer.from('abc')));
    });
    const { head, body, failure } = await send(forwarder);
    expect([head, body]).toEqual([[], '']);
    expect(failure).toMatchObject({ code: 'gateway-fault' });
  });

  it('shares its connection with others', async () => {
    const { forwarder } = await database(echo);
    await Promise.all(Array.from({ length: 50 }, () => send(forwarder)));
    expect(sessions.size).toBe(1);
  });

  it('takes another connection where the database allows no more streams', async () => {
    const { forwarder } = await database(echo, {}, { maxConcurrentStreams: 2 });
    await send(forwarder);
    const told = await Promise.all(Array.from({ length: 3 }, () => send(forwarder)));
    expect(told.map(({ failure }) => failure)).toEqual([null, null, null]);
    expect(sessions.size).toBe(2);
  });

  it('is refused where no more connections may be made', async () => {
    const other = { connections: 100 };
    const { forwarder } = await database(() => undefined, other, { maxConcurrentStreams: 1 });
    const first = forwarder.send(call, {
      head: () => undefined,
      data: () => true,
      end: () => undefined,
      fail: () => undefined,
    });
    while (sessions.size === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => [...sessions][0]?.ping(resolve));
    expect((await send(forwarder)).failure).toMatchObject({ code: 'overloaded' });
    first.abort();
  });

  it.each([3, 65_533, 65_534, 200_000])(
    'is one message with its tail, %d bytes before it',
    async (length) => {
      const body = Buffer.alloc(length, 'a');
      const tail = Buffer.from('xyz');
      const sent: Buffer[] = [];
      const { forwarder } = await database((stream) => {
        stream.on('data', (chunk: Buffer) => sent.push(chunk));
        stream.on('end', () => {
          stream.respond({ ':status': 200, 'grpc-status': '0' }, { endStream: true });
        });
      });
      await send(forwarder, { ...call, body, tail, length });
      expect(Buffer.concat(sent).equals(frame(Buffer.concat([body, tail])))).toBe(true);
    },
  );

  it('streams a message of any length', async () => {
    let size = 0;
    const { forwarder } = await database((stream) => {
      stream.on('data', (chunk) => {
        size += chunk.length;
      });
      stream.on('end', () => stream.respond({ 'grpc-status': '0' }, { endStream: true }));
    });
    const body = new PassThrough();
    const told = send(forwarder, { ...call, body, length: null });
    for (let at = 0; at < 50; at++) body.write(Buffer.alloc(100_000));
    body.end();
    expect((await told).failure).toBeNull();
    expect(size).toBe(5_000_000);
  });

  it('tells the database how long its caller waits', async () => {
    const seen = Promise.withResolvers<string>();
    const { forwarder } = await database((stream, headers) => {
      seen.resolve(String(headers['grpc-timeout']));
      echo(stream, headers);
    });
    await send(forwarder, { ...call, deadline: performance.now() + 5000 });
    const left = Number((await seen.promise).replace(/m$/, ''));
    expect(left).toBeGreaterThan(4000);
    expect(left).toBeLessThanOrEqual(5000);
  });
});

describe('a database that fails', () => {
  it('and is not there is unreachable at once', async () => {
    const server = createNet();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const forwarder = to(server as never);
    await new Promise((resolve) => server.close(resolve));
    const told = await send(forwarder);
    expect(told.failure).toMatchObject({ code: 'upstream-unreachable' });
    expect(told.unsent).toBe(false);
  });

  it('and does not speak HTTP/2 is unreachable', async () => {
    const server = createNet((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    expect((await send(to(server as never))).failure).toMatchObject({
      code: 'upstream-unreachable',
    });
  });

  it('comes back without anyone doing anything', async () => {
    const { forwarder } = await database(echo);
    await send(forwarder);
    for (const session of sessions) session.destroy();
    let told = await send(forwarder);
    while (told.failure) told = await send(forwarder);
    expect(told.trailers).toEqual(['grpc-status', '0']);
  });

  it('by silence is a timeout', async () => {
    const { forwarder } = await database(() => undefined, { times: { ...times, answer: 20 } });
    expect((await send(forwarder)).failure).toMatchObject({ code: 'upstream-timeout' });
  });

  it('by silence past its caller’s deadline is a timeout', async () => {
    const { forwarder } = await database(() => undefined);
    const told = await send(forwarder, { ...call, deadline: performance.now() + 20 });
    expect(told.failure).toMatchObject({ code: 'upstream-timeout' });
  });

  it('by silence within its answer is a timeout', async () => {
    const { forwarder } = await database(
      (stream) => {
        stream.respond({ 'content-type': type });
        stream.write('abc');
      },
      { times: { ...times, idle: 20 } },
    );
    expect((await send(forwarder)).failure).toMatchObject({ code: 'upstream-timeout' });
  });

  const breaks: [string, OnCall][] = [
    ['its connection within the answer', (stream) => stream.session?.destroy()],
    ['the stream, without an error', (stream) => stream.close(constants.NGHTTP2_NO_ERROR)],
    ['the stream, cancelled', (stream) => stream.close(constants.NGHTTP2_CANCEL)],
    ['the stream, with an error', (stream) => stream.destroy(new Error('x'))],
    ['its answer without trailers', (stream) => stream.end()],
  ];
  it.each(breaks)('by ending %s fails the call', async (_name, end) => {
    const { forwarder } = await database((stream) => {
      stream.respond({ 'content-type': type });
      stream.write('abc');
      stream.session?.ping(() => end(stream, {}));
    });
    const told = await send(forwarder);
    expect(told.failure).toMatchObject({ code: 'upstream-unreachable' });
    expect(told).toMatchObject({ trailers: null, unsent: false });
  });

  it('by refusing a stream may be asked again', async () => {
    const { forwarder } = await database((stream) => {
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    expect(await send(forwarder)).toMatchObject({ unsent: true });
  });

  it('by leaving before it saw a call may be asked again, elsewhere', async () => {
    let calls = 0;
    const { forwarder } = await database((stream, headers) => {
      calls += 1;
      echo(stream, headers);
      stream.session?.close();
    });
    await send(forwarder);
    const second = await send(forwarder);
    if (second.failure) expect(second.unsent).toBe(true);
    else expect(calls).toBe(2);
  });
});

describe('a call that is given up', () => {
  it('is cancelled at the database', async () => {
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<number>();
    const { forwarder } = await database((stream) => {
      stream.on('close', () => ended.resolve(stream.rstCode ?? 0));
      begun.resolve();
    });
    let flight: InFlight | null = null;
    void send(forwarder, call, (made) => {
      flight = made;
    });
    await begun.promise;
    (flight as InFlight | null)?.abort();
    expect(await ended.promise).not.toBe(constants.NGHTTP2_NO_ERROR);
  });

  it('within its message never looks whole to the database', async () => {
    const ended = Promise.withResolvers<boolean>();
    const { forwarder } = await database((stream) => {
      let whole = false;
      stream.on('end', () => {
        whole = !stream.aborted;
      });
      stream.once('data', () => body.destroy(new Error('gone')));
      stream.on('close', () => ended.resolve(whole));
    });
    const body = new PassThrough();
    const told = send(forwarder, { ...call, body, length: null });
    body.write('abc');
    expect((await told).failure).not.toBeNull();
    expect(await ended.promise).toBe(false);
  });
});

describe('callers who read slowly', () => {
  it('hold the database back, and nobody else on the same connection', async () => {
    let sent = 0;
    const { forwarder } = await database((stream, headers) => {
      if (headers[':path'] === '/small') return echo(stream, headers);
      stream.respond({ 'content-type': type });
      const piece = Buffer.alloc(256 * 1024);
      const more = () => {
        while (!stream.destroyed && stream.write(piece)) sent += piece.length;
      };
      stream.on('drain', more);
      more();
    });
    const slow: InFlight[] = [];
    for (let at = 0; at < 60; at++) {
      const paused = Promise.withResolvers<void>();
      const sink = {
        head: () => undefined,
        data: () => {
          paused.resolve();
          return false;
        },
        end: () => undefined,
        fail: () => undefined,
      };
      slow.push(forwarder.send(call, sink));
      await paused.promise;
    }
    const told = await send(forwarder, { ...call, target: '/small' });
    expect(told.trailers).toEqual(['grpc-status', '0']);
    expect(sessions.size).toBe(1);
    expect(sent).toBeLessThan(60 * 1024 * 1024);
    for (const flight of slow) flight.abort();
  });
});

import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { Exchange } from '../../src/proxy/exchange.ts';
import {
  ask,
  callHead,
  frame,
  openSession,
  openSocket,
  readToEnd,
  readUntil,
} from './support/clients.ts';
import { ca, startEdge, type TestEdge } from './support/edge.ts';
import { data, frameOf, framesIn, headers, literals, preface } from './support/frames.ts';
import { echo } from './support/serve.ts';

const edges: TestEdge[] = [];
async function start(...options: Parameters<typeof startEdge>): Promise<TestEdge> {
  const edge = await startEdge(...options);
  edges.push(edge);
  return edge;
}
afterEach(async () => {
  for (const edge of edges.splice(0)) await edge.close();
});

const serveEcho = (exchange: Exchange) => void echo(exchange);
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const minute = 60_000;
const nothing = new Uint8Array(0);

describe('a port', () => {
  it('for REST speaks HTTP/2 with who offers it, else HTTP/1.1', async () => {
    const edge = await start('http', serveEcho);
    for (const alpn of [['h2', 'http/1.1'], ['http/1.1']]) {
      const socket = await openSocket(edge.port, alpn);
      expect(socket.alpnProtocol).toBe(alpn[0]);
      socket.destroy();
    }
  });

  it('for REST serves who offers nothing as HTTP/1.1', async () => {
    const edge = await start('http', serveEcho);
    const socket = connectTls({ host: '127.0.0.1', port: edge.port, ca, servername: 'localhost' });
    const answer = readUntil(socket, '\r\n\r\n');
    socket.write(get);
    expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  it('for gRPC closes on who does not offer h2', async () => {
    const edge = await start('grpc', serveEcho);
    const socket = connectTls({ host: '127.0.0.1', port: edge.port, ca, servername: 'localhost' });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.on('close', resolve));
    expect(edge.unreadable).toEqual(['the client does not offer h2']);
  });

  it('for gRPC agrees on nothing with who offers only http/1.1', async () => {
    const edge = await start('grpc', serveEcho);
    await expect(openSocket(edge.port, ['http/1.1'])).rejects.toThrow();
  });

  describe('for both', () => {
    const tell = (exchange: Exchange) => {
      const { protocol, answer, body, objection } = exchange;
      body.discard();
      answer.whole(200, ['x-protocol', protocol, 'x-why', objection?.message ?? 'none'], nothing);
    };
    const toldOf = async (edge: TestEdge, head: ReturnType<typeof callHead>) => {
      const session = await openSession(edge.port);
      const { headers } = await ask(session, head);
      session.destroy();
      return [headers['x-protocol'], headers['x-why']];
    };

    it('serves REST over HTTP/1.1, whatever content type it has', async () => {
      const edge = await start('both', tell);
      const types = ['application/json', 'application/grpc'];
      for (const type of types) {
        const socket = await openSocket(edge.port);
        const answer = readUntil(socket, '\r\n\r\n');
        socket.write(`GET / HTTP/1.1\r\nHost: a\r\ncontent-type: ${type}\r\n\r\n`);
        expect(await answer).toMatch(/x-protocol: http\r\n/);
        socket.destroy();
      }
    });

    it.each([
      ['application/grpc', 'grpc'],
      ['application/grpc+proto', 'grpc'],
      ['application/json', 'http'],
      ['text/plain', 'http'],
    ])('tells %s over HTTP/2 to be %s', async (type, protocol) => {
      const edge = await start('both', tell);
      expect(await toldOf(edge, callHead('/a', { 'content-type': type }))).toEqual([
        protocol,
        'none',
      ]);
    });

    it('serves a stream without a content type as REST', async () => {
      const edge = await start('both', tell);
      expect(await toldOf(edge, { ':path': '/a' })).toEqual(['http', 'none']);
    });

    it('objects to what only begins like gRPC, and to a type that is given twice', async () => {
      const edge = await start('both', tell);
      for (const type of ['application/grpc-web', 'application/grpcx']) {
        const told = await toldOf(edge, callHead('/a', { 'content-type': type }));
        expect(told).toEqual(['grpc', 'no gRPC']);
      }
    });

    it('takes a stream of two content types for a call, and objects to it', async () => {
      const { promise: heard, resolve: hear } = Promise.withResolvers<Exchange>();
      const edge = await start('both', hear);
      const types = ['content-type', 'application/json', 'content-type', 'application/grpc'];
      const socket = await openSocket(edge.port, ['h2']);
      const head = headers(1, ['POST', '/a'], [...types, 'te', 'trailers']);
      socket.write(Buffer.concat([preface, head]));
      const { protocol, objection } = await heard;
      expect([protocol, objection?.message]).toEqual(['grpc', 'content-type is given twice']);
      socket.destroy();
    });

    it.each([
      ['HTTP/1.1', get],
      ['HTTP/2', preface.toString('latin1')],
    ])('hears no %s that is not encrypted', async (_name, bytes) => {
      const seen: Exchange[] = [];
      const edge = await start('both', (exchange) => void seen.push(exchange));
      const socket = connectTcp({ host: '127.0.0.1', port: edge.port });
      const closed = new Promise((resolve) => socket.on('close', resolve));
      socket.on('error', () => undefined).resume();
      socket.write(bytes, 'latin1');
      await closed;
      expect(seen).toEqual([]);
    });
  });

  it('that cannot be bound says so', async () => {
    const { port } = await start('http', serveEcho);
    const { listen } = await import('../../src/proxy/listener.ts');
    const { createServer } = await import('node:tls');
    const again = listen({
      ...{ host: '127.0.0.1', port, protocols: ['http'], serve: serveEcho },
      unreadable: () => undefined,
      open: () => createServer(),
    });
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('hears no more connections than it may have', async () => {
    const edge = await start('http', serveEcho, { connections: 2 });
    const first = [await openSocket(edge.port), await openSocket(edge.port)];
    const third = connectTcp({ host: '127.0.0.1', port: edge.port });
    third.on('error', () => undefined).resume();
    await new Promise((resolve) => third.on('close', resolve));
    expect(edge.connections).toBe(2);
    for (const socket of first) socket.destroy();
  });

  it('survives connections that are only opened', async () => {
    const edge = await start('grpc', serveEcho);
    for (let at = 0; at < 20; at++) {
      const socket = connectTcp({ host: '127.0.0.1', port: edge.port });
      await once(socket, 'connect');
      socket.resetAndDestroy();
    }
    const session = await openSession(edge.port);
    const answer = await ask(session, callHead('/a'), frame(Buffer.from('abc')));
    expect(answer.trailers['grpc-status']).toBe('0');
    session.destroy();
  });

  it('takes no more streams of a connection at once than it may', async () => {
    const held: Exchange[] = [];
    const edge = await start('http', (exchange) => void held.push(exchange), { streams: 3 });
    const session = await openSession(edge.port);
    await once(session, 'remoteSettings');
    expect(session.remoteSettings.maxConcurrentStreams).toBe(3);
    expect(session.remoteSettings.enablePush).toBe(false);
    session.destroy();
  });
});

describe('a port that is drained', () => {
  it('ends idle connections and takes no new ones', async () => {
    const edge = await start('http', serveEcho);
    const socket = await openSocket(edge.port);
    const answered = readUntil(socket, '\r\n\r\n');
    socket.write(get);
    await answered;
    const session = await openSession(edge.port);
    const ended = [socket, session].map((each) => new Promise((done) => each.on('close', done)));
    await edge.drain(minute);
    await Promise.all(ended);
    await expect(openSocket(edge.port)).rejects.toThrow();
  });

  it('lets an HTTP/1.1 request finish, and its answer say that it is the last', async () => {
    const begun = Promise.withResolvers<Exchange>();
    const edge = await start('http', begun.resolve);
    const socket = await openSocket(edge.port);
    const answer = readToEnd(socket);
    socket.write(get);
    const exchange = await begun.promise;
    const drained = edge.drain(minute);
    exchange.answer.whole(200, [], Buffer.from('done'));
    expect(await answer).toMatch(/^HTTP\/1\.1 200 .*connection: close.*done$/is);
    await drained;
  });

  it('tells HTTP/2 clients in two steps, and of each request whether it was served', async () => {
    const targets: string[] = [];
    const first = Promise.withResolvers<Exchange>();
    const edge = await start('http', (exchange) => {
      targets.push(exchange.target);
      first.resolve(exchange);
    });
    const socket = await openSocket(edge.port, ['h2']);
    const told: number[] = [];
    const answers: number[] = [];
    const rest: Buffer[] = [];
    const pinged = Promise.withResolvers<Buffer>();
    const toldAll = Promise.withResolvers<void>();
    socket.on('data', (chunk: Buffer) => {
      for (const frame of framesIn(Buffer.concat([...rest.splice(0), chunk]), rest)) {
        const { type, flags, stream, payload } = frame;
        if (type === 7 && told.push(payload.readUInt32BE(0)) === 2) toldAll.resolve();
        if (type === 6 && flags === 0) pinged.resolve(payload);
        if (type === 1) answers.push(stream);
      }
    });
    socket.write(Buffer.concat([preface, headers(1, ['POST', '/a'], []), data(1, 'abc', true)]));
    const held = await first.promise;
    const drained = edge.drain(minute);
    const ping = await pinged.promise;
    const late = Buffer.concat([headers(3, ['POST', '/late'], []), data(3, 'abc', true)]);
    socket.write(Buffer.concat([late, frameOf(6, 1, 0, ping)]));
    await toldAll.promise;
    serveEcho(held);
    await drained;
    expect(told).toEqual([2 ** 31 - 1, 1]);
    expect(targets).toEqual(['/a']);
    expect(answers).toEqual([1]);
  });

  it('ends what is left when the deadline has passed', async () => {
    const begun = Promise.withResolvers<Exchange>();
    const edge = await start('http', begun.resolve);
    const session = await openSession(edge.port);
    const answer = ask(session, { ':path': '/' });
    await begun.promise;
    await edge.drain(20);
    expect((await answer).headers[':status']).toBeUndefined();
    expect(edge.connections).toBe(0);
  });
});

describe('a connection under attack', () => {
  it('by floods of settings or pings is ended, and others do not notice', async () => {
    const edge = await start('http', serveEcho);
    const floods = [frameOf(4, 0, 0, Buffer.alloc(0)), frameOf(6, 0, 0, Buffer.alloc(8))];
    for (const flood of floods) {
      const socket = await openSocket(edge.port, ['h2']);
      socket.pause();
      const ended = new Promise((resolve) => socket.on('close', resolve));
      socket.write(preface);
      const piece = Buffer.concat(Array.from({ length: 5000 }, () => flood));
      const more = () => {
        while (!socket.destroyed && socket.write(piece));
      };
      socket.on('drain', more).on('error', () => undefined);
      more();
      const other = await openSession(edge.port);
      expect((await ask(other, { ':path': '/' })).headers[':status']).toBe(200);
      other.destroy();
      socket.destroy();
      await ended;
    }
  });

  it('by frames that make no sense is ended, counted, and no error of the process', async () => {
    const edge = await start('grpc', serveEcho);
    const attacks = [
      data(1, 'abc'),
      frameOf(9, 4, 1, Buffer.from('x')),
      frameOf(1, 4, 1, Buffer.from([0xff, 0xff, 0xff, 0xff])),
      frameOf(8, 0, 0, Buffer.alloc(4)),
      frameOf(0, 0, 0, Buffer.alloc(20_000)),
      Buffer.concat([headers(1, ['POST', '/'], []).subarray(0, 20), Buffer.alloc(40, 255)]),
    ];
    for (const attack of attacks) {
      const socket = await openSocket(edge.port, ['h2']);
      const answer = readToEnd(socket);
      socket.write(Buffer.concat([preface, attack]));
      await answer;
    }
    expect(edge.unreadable.length).toBeGreaterThan(0);
    expect(edge.connections).toBe(0);
  });

  it('by header blocks that never end is ended', async () => {
    const edge = await start('grpc', serveEcho);
    const socket = await openSocket(edge.port, ['h2']);
    socket.resume();
    const ended = new Promise((resolve) => socket.on('close', resolve));
    socket.write(Buffer.concat([preface, frameOf(1, 0, 1, literals([':method', 'POST']))]));
    const more = frameOf(9, 0, 1, literals(['x-a', 'y'.repeat(1000)]));
    const flood = () => {
      if (socket.destroyed) return;
      socket.write(more);
      setImmediate(flood);
    };
    flood();
    await ended;
  });
});

import { once } from 'node:events';
import { createServer as createHttp, type RequestListener } from 'node:http';
import {
  type ClientHttp2Session,
  constants,
  createServer as createHttp2,
  type ServerHttp2Stream,
} from 'node:http2';
import { request as requestHttps } from 'node:https';
import { type AddressInfo, createServer as createNet, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Protocol } from '../../src/catalog/operation.ts';
import { makeGrpcForwarder } from '../../src/proxy/grpc/forward.ts';
import { makeHttpForwarder } from '../../src/proxy/http/forward.ts';
import { reach } from '../../src/proxy/reach.ts';
import { ask, callHead, frame, openSession, openSocket, readToEnd } from './support/clients.ts';
import { ca, startEdge, type TestEdge } from './support/edge.ts';
import { type Passed, passOn } from './support/serve.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

interface Way {
  readonly edge: TestEdge;
  readonly seen: Passed[];
}

/** An edge that passes everything on to one database. */
async function way(protocol: Protocol, database: Server, stream = false): Promise<Way> {
  const sockets = new Set<Socket>();
  database.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await once(database.listen(0, '127.0.0.1'), 'listening');
  const url = { host: '127.0.0.1', port: (database.address() as AddressInfo).port, tls: false };
  const make = protocol === 'http' ? makeHttpForwarder : makeGrpcForwarder;
  const forwarder = make(reach(url, null));
  const seen: Passed[] = [];
  const serve = passOn(forwarder, stream, seen);
  const edge = await startEdge(protocol, (exchange) => void serve(exchange));
  const end = () => {
    for (const socket of sockets) socket.destroy();
    database.close();
    void forwarder.close();
  };
  open.push({ close: end }, edge);
  return { edge, seen };
}
const rest = (listener: RequestListener, stream = false) =>
  way('http', createHttp(listener), stream);

async function sessionTo({ edge }: Way): Promise<ClientHttp2Session> {
  const session = await openSession(edge.port);
  open.push({ close: () => session.destroy() });
  return session;
}
const get = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';
const getAndClose = get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');

describe('an answer on its way', () => {
  it('keeps its length over HTTP/1.1', async () => {
    const { edge } = await rest((_request, response) => response.end('abc'));
    const socket = await openSocket(edge.port);
    const answer = readToEnd(socket);
    socket.write(getAndClose);
    expect(await answer).toMatch(/content-length: 3\r\n.*\r\n\r\nabc$/is);
  });

  it('goes out in chunks where its length is unknown', async () => {
    const { edge } = await rest((_request, response) => {
      response.write('abc');
      response.end('def');
    });
    const socket = await openSocket(edge.port);
    const answer = readToEnd(socket);
    socket.write(getAndClose);
    expect(await answer).toMatch(/transfer-encoding: chunked\r\n.*\r\n0\r\n\r\n$/is);
  });

  it.each([204, 304])('has no body with status %i', async (status) => {
    const it = await rest((_request, response) => {
      response.statusCode = status;
      response.end();
    });
    const answer = await ask(await sessionTo(it), { ':path': '/' });
    expect(answer.headers[':status']).toBe(status);
    expect(answer).toMatchObject({ code: 0, body: Buffer.alloc(0) });
  });
});

describe('a client that goes', () => {
  it('takes its request at the REST database along', async () => {
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const { edge, seen } = await rest((_request, response) => {
      response.on('close', ended.resolve);
      begun.resolve();
    });
    const socket = await openSocket(edge.port);
    socket.write(get);
    await begun.promise;
    socket.destroy();
    await ended.promise;
    expect(await seen[0]?.ended).toBe('gone');
  });

  it('takes its call at the gRPC database along', async () => {
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<number>();
    const database = createHttp2();
    database.on('stream', (stream) => {
      stream.on('error', () => undefined);
      stream.on('close', () => ended.resolve(stream.rstCode ?? 0));
      begun.resolve();
    });
    const it = await way('grpc', database);
    const session = await sessionTo(it);
    const stream = session.request(callHead('/a'), { endStream: false });
    stream.on('error', () => undefined);
    stream.end(frame(Buffer.from('abc')));
    await begun.promise;
    stream.close(constants.NGHTTP2_CANCEL);
    expect(await ended.promise).not.toBe(0);
  });

  it('within an upload never leaves the database with a whole one', async () => {
    const ended = Promise.withResolvers<boolean>();
    const begun = Promise.withResolvers<void>();
    const { edge } = await rest((request) => {
      request.on('data', () => begun.resolve()).on('error', () => undefined);
      request.on('close', () => ended.resolve(request.complete));
    }, true);
    const socket = await openSocket(edge.port);
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    socket.write(`${head}3\r\nabc\r\n`);
    await begun.promise;
    socket.destroy();
    expect(await ended.promise).toBe(false);
  });
});

describe('a database that goes within its answer', () => {
  const broken = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n';
  const hangUp = () => createNet((socket) => void socket.once('data', () => socket.end(broken)));

  it('leaves an HTTP/1.1 client with an answer that is not whole', async () => {
    const { edge } = await way('http', hangUp());
    const socket = await openSocket(edge.port);
    const answer = readToEnd(socket);
    socket.write(getAndClose);
    expect(await answer).toContain('abc');
    expect(await answer).not.toMatch(/\r\n0\r\n\r\n$/);
  });

  it('leaves an HTTP/2 client with a reset', async () => {
    const session = await sessionTo(await way('http', hangUp()));
    const answer = await ask(session, { ':path': '/' });
    expect(answer.code).toBe(constants.NGHTTP2_INTERNAL_ERROR);
  });

  it('leaves a gRPC client with a reset and no status', async () => {
    const database = createHttp2();
    database.on('stream', (stream: ServerHttp2Stream) => {
      stream.on('error', () => undefined);
      stream.respond({ 'content-type': 'application/grpc' });
      stream.write('abc', () => stream.session?.destroy());
    });
    const session = await sessionTo(await way('grpc', database));
    const answer = await ask(session, callHead('/a'), frame(Buffer.from('abc')));
    expect(answer.trailers).toEqual({});
    expect(answer.code).toBe(constants.NGHTTP2_INTERNAL_ERROR);
  });
});

describe('an upload that the database answers before it has read it', () => {
  it('is answered to the client, which is stopped', async () => {
    const { edge } = await rest((_request, response) => {
      response.writeHead(403, { connection: 'close' }).end('no');
    }, true);
    const stopped = Promise.withResolvers<void>();
    const request = requestHttps({ host: '127.0.0.1', port: edge.port, ca, method: 'POST' });
    request.setHeader('content-length', 2_000_000_000);
    request.on('error', () => undefined).on('close', stopped.resolve);
    const piece = Buffer.alloc(64 * 1024);
    const pump = () => {
      if (!request.destroyed) request.write(piece, () => setImmediate(pump));
    };
    pump();
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(403);
    request.destroy();
    await stopped.promise;
  });
});

const MiB = 1024 * 1024;

describe('back-pressure', () => {
  it('lets no more of a large answer in than its reader takes', async () => {
    let sent = 0;
    const it = await rest((_request, response) => {
      response.on('error', () => undefined);
      const piece = Buffer.alloc(MiB);
      const more = () => {
        while (!response.destroyed && response.write(piece)) sent += piece.length;
        sent += piece.length;
      };
      response.on('drain', more);
      more();
    });
    for (const alpn of ['http/1.1', 'h2']) {
      const before = sent;
      if (alpn === 'h2') {
        const session = await sessionTo(it);
        const stream = session.request({ ':path': '/' });
        stream.on('error', () => undefined);
        await once(stream, 'response');
        for (let at = 0; at < 50; at++) await new Promise((resolve) => session.ping(resolve));
      } else {
        const socket = await openSocket(it.edge.port);
        open.push({ close: () => socket.destroy() });
        socket.write(get);
        await once(socket, 'readable');
        const others = await sessionTo(it);
        for (let at = 0; at < 50; at++) await new Promise((resolve) => others.ping(resolve));
      }
      expect(sent - before).toBeLessThan(48 * MiB);
    }
  });

  it('lets no more of a large upload in than the database takes', async () => {
    const it = await rest(() => undefined, true);
    const session = await sessionTo(it);
    const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false });
    stream.on('error', () => undefined);
    for (let at = 0; at < 100; at++) stream.write(Buffer.alloc(MiB));
    for (let at = 0; at < 200; at++) await new Promise((resolve) => session.ping(resolve));
    expect(it.seen[0]?.exchange.body.received).toBeLessThan(48 * MiB);
    expect(it.seen[0]?.exchange.body.received).toBeGreaterThan(0);
  });

  it('carries a large answer through whole', async () => {
    const total = 64 * MiB;
    const it = await rest((_request, response) => {
      response.writeHead(200, { 'content-length': total });
      let left = total;
      const more = () => {
        while (left > 0) {
          left -= MiB;
          if (!response.write(Buffer.alloc(MiB, 7))) break;
        }
        if (left === 0) response.end();
        else response.once('drain', more);
      };
      more();
    });
    const { body, code } = await ask(await sessionTo(it), { ':path': '/' });
    expect(code).toBe(0);
    expect(body.equals(Buffer.alloc(total, 7))).toBe(true);
  });
});

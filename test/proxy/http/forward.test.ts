import { once } from 'node:events';
import {
  createServer as createHttp,
  type Server as HttpServer,
  type RequestListener,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createNet, type Server, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import type { Forwarder, InFlight, Sink, UpstreamRequest } from '../../../src/proxy/forwarder.ts';
import { makeHttpForwarder } from '../../../src/proxy/http/forward.ts';
import { type Reach, reach } from '../../../src/proxy/reach.ts';
import { ca, portOf, tlsOptions } from '../support/edge.ts';

const open: { close(): unknown }[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const each of open.splice(0)) await each.close();
});

const times = { connect: 1000, answer: 5000, idle: 5000, keepAlive: 4000 };

async function to(server: Server | HttpServer, other: Partial<Reach> = {}): Promise<Forwarder> {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = { host: '127.0.0.1', port: portOf(server), tls: false };
  const forwarder = makeHttpForwarder(reach(url, null, { times, ...other }));
  open.push({ close: () => server.close() }, { close: () => void forwarder.close() });
  return forwarder;
}
const database = (listener: RequestListener, other?: Partial<Reach>) =>
  to(createHttp(listener), other);
/** A database that speaks exact bytes. */
const bytes = (onConnection: (socket: Socket) => void, other?: Partial<Reach>) =>
  to(createNet(onConnection), other);

interface Told {
  status: number;
  fields: readonly string[];
  length: number | null;
  body: string;
  failure: (Error & { code?: string }) | null;
  unsent: boolean;
}

const get: UpstreamRequest = { method: 'GET', target: '/', fields: [], body: null, length: 0 };
const post = (body: UpstreamRequest['body'], length: number | null): UpstreamRequest => ({
  method: 'POST',
  target: '/',
  fields: ['content-type', 'application/json'],
  body,
  length,
});

/** Sends one request and tells all that came of it. */
function send(
  forwarder: Forwarder,
  request = get,
  onFlight?: (flight: InFlight) => void,
): Promise<Told> {
  const told: Told = {
    status: 0,
    fields: [],
    length: null,
    body: '',
    failure: null,
    unsent: false,
  };
  return new Promise((resolve) => {
    const sink: Sink = {
      head: (status, fields, length = null) => Object.assign(told, { status, fields, length }),
      data: (chunk) => {
        told.body += chunk.toString();
        return true;
      },
      end: () => resolve(told),
      fail: (failure, unsent) => resolve(Object.assign(told, { failure, unsent })),
    };
    const flight = forwarder.send(request, sink);
    onFlight?.(flight);
  });
}

describe('a request to the REST database', () => {
  it('is framed by us and carries only its own fields', async () => {
    const seen = Promise.withResolvers<string[]>();
    const forwarder = await database((request, response) => {
      seen.resolve(request.rawHeaders);
      response.end();
    });
    await send(forwarder, post(Buffer.from('{}'), 2));
    const fields = await seen.promise;
    const names = fields.filter((_, at) => at % 2 === 0);
    expect(names).toEqual(['host', 'connection', 'content-type', 'content-length']);
  });

  it('goes on with its tail, told by one length', async () => {
    const seen = Promise.withResolvers<string>();
    const forwarder = await database(async (request, response) => {
      const chunks = await request.toArray();
      seen.resolve(`${request.headers['content-length']} ${Buffer.concat(chunks)}`);
      response.end();
    });
    await send(forwarder, { ...post(Buffer.from('{"a":'), 5), tail: Buffer.from('1}') });
    expect(await seen.promise).toBe('7 {"a":1}');
  });

  it('brings back status, length and the fields that may pass', async () => {
    const forwarder = await database((_request, response) => {
      response.writeHead(206, {
        'content-type': 'application/x-tar',
        'content-length': 4,
        etag: '"x"',
        'content-range': 'bytes 0-3/9',
        server: 'database 1.0',
        'x-internal': '10.0.0.1',
        'set-cookie': 'a=b',
        location: 'http://10.0.0.1/',
      });
      response.end('part');
    });
    const told = await send(forwarder);
    expect(told).toMatchObject({ status: 206, length: 4, body: 'part' });
    expect(told.fields).toEqual([
      ...['content-type', 'application/x-tar', 'content-range', 'bytes 0-3/9', 'etag', '"x"'],
    ]);
  });

  it('reuses a connection', async () => {
    let connections = 0;
    const server = createHttp((_request, response) => response.end('x'));
    server.on('connection', () => {
      connections += 1;
    });
    const forwarder = await to(server);
    for (let at = 0; at < 10; at++) await send(forwarder);
    expect(connections).toBe(1);
  });

  it('streams a body with its length', async () => {
    const forwarder = await database((request, response) => {
      let size = 0;
      request.on('data', (chunk) => {
        size += chunk.length;
      });
      request.on('end', () => response.end(`${request.headers['content-length']} ${size}`));
    });
    const body = new PassThrough();
    const told = send(forwarder, post(body, 300_000));
    for (let at = 0; at < 3; at++) body.write(Buffer.alloc(100_000));
    body.end();
    expect((await told).body).toBe('300000 300000');
  });

  it('streams a body of unknown length in chunks', async () => {
    const forwarder = await database((request, response) => {
      request.on('end', () => response.end(request.headers['transfer-encoding']));
      request.on('data', () => body.end());
    });
    const body = new PassThrough();
    const told = send(forwarder, post(body, null));
    body.write('abc');
    expect((await told).body).toBe('chunked');
  });

  it('whose streamed body breaks off does not look whole to the database', async () => {
    const aborted = Promise.withResolvers<boolean>();
    const forwarder = await database((request) => {
      request.on('close', () => aborted.resolve(request.complete)).on('error', () => undefined);
      request.once('data', () => body.destroy(new Error('gone')));
      request.resume();
    });
    const body = new PassThrough();
    const told = send(forwarder, post(body, null));
    body.write('abc');
    expect((await told).failure).not.toBeNull();
    expect(await aborted.promise).toBe(false);
  });

  it('waits for a connection where all are taken, and no longer than the queue', async () => {
    const answers: (() => void)[] = [];
    const both = Promise.withResolvers<void>();
    const forwarder = await database(
      (_request, response) => {
        answers.push(() => response.end('x'));
        if (answers.length === 1) both.resolve();
      },
      { connections: 1, waiting: 1 },
    );
    const first = send(forwarder);
    const second = send(forwarder);
    const third = await send(forwarder);
    expect(third.failure).toMatchObject({ code: 'overloaded' });
    await both.promise;
    answers[0]?.();
    expect((await first).body).toBe('x');
    await new Promise((resolve) => setImmediate(resolve));
    while (answers.length < 2) await new Promise((resolve) => setImmediate(resolve));
    answers[1]?.();
    expect((await second).body).toBe('x');
  });

  it('that was given up while it waited is never sent', async () => {
    const targets: string[] = [];
    const answers: (() => void)[] = [];
    const forwarder = await database(
      (request, response) => {
        targets.push(request.url ?? '');
        answers.push(() => response.end());
      },
      { connections: 1 },
    );
    const first = send(forwarder, { ...get, target: '/1' });
    void send(forwarder, { ...get, target: '/2' }, (flight) => flight.abort());
    const third = send(forwarder, { ...get, target: '/3' });
    for (let at = 0; at < 2; at++) {
      while (answers.length <= at) await new Promise((resolve) => setImmediate(resolve));
      answers[at]?.();
    }
    await first;
    await third;
    expect(targets).toEqual(['/1', '/3']);
  });
});

describe('a database that fails', () => {
  it('and is not there is unreachable at once', async () => {
    const server = createNet();
    const forwarder = await to(server);
    await new Promise((resolve) => server.close(resolve));
    const { failure, unsent } = await send(forwarder);
    expect(failure).toMatchObject({ code: 'upstream-unreachable' });
    expect(unsent).toBe(false);
  });

  it('by silence is a timeout', async () => {
    const forwarder = await bytes(() => undefined, { times: { ...times, answer: 20 } });
    expect((await send(forwarder)).failure).toMatchObject({ code: 'upstream-timeout' });
  });

  it('by silence within its answer is a timeout', async () => {
    const forwarder = await bytes(
      (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'),
      { times: { ...times, idle: 20 } },
    );
    const told = await send(forwarder);
    expect(told).toMatchObject({ status: 200, body: 'abc' });
    expect(told.failure).toMatchObject({ code: 'upstream-timeout' });
  });

  it.each([
    ['before its answer', ''],
    ['within its head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['within a body of told length', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'],
    ['within a chunked body', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
    ['within its chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc'],
  ])('by hanging up %s fails the request', async (_name, answer) => {
    const forwarder = await bytes((socket) => socket.once('data', () => socket.end(answer)));
    const { failure, unsent } = await send(forwarder);
    expect(failure).toMatchObject({ code: 'upstream-unreachable' });
    expect(unsent).toBe(false);
  });

  it.each([
    ['nonsense', 'nonsense\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
    [
      'length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['an upgrade', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
  ])('by answering %s fails the request', async (_name, answer) => {
    const forwarder = await bytes((socket) => socket.once('data', () => socket.write(answer)));
    expect((await send(forwarder)).failure).not.toBeNull();
  });

  it('by encoding what was not to be encoded fails the request', async () => {
    const forwarder = await database((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('x');
    });
    expect((await send(forwarder)).failure).toMatchObject({ code: 'gateway-fault' });
  });

  it('by closing a kept connection without a byte may be asked again', async () => {
    const forwarder = await bytes((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx');
        socket.once('data', () => socket.destroy());
      });
    });
    expect((await send(forwarder)).body).toBe('x');
    const second = await send(forwarder);
    expect(second.failure).toMatchObject({ code: 'upstream-unreachable' });
    expect(second.unsent).toBe(true);
  });

  it('by closing a kept connection within an answer may not be asked again', async () => {
    const forwarder = await bytes((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx');
        socket.once('data', () => socket.end('HTTP/1.1 200'));
      });
    });
    expect((await send(forwarder)).body).toBe('x');
    expect(await send(forwarder)).toMatchObject({ unsent: false });
  });

  it('by an answer nobody asked for does not give it to the next request', async () => {
    const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';
    const forwarder = await bytes((socket) => {
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx${poison}`);
        socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny'));
      });
    });
    for (let at = 0; at < 20; at++) expect((await send(forwarder)).body).not.toContain('poison');
  });

  it('by a late answer nobody asked for does not give it to the next request', async () => {
    const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';
    const poisoned = Promise.withResolvers<void>();
    let first = true;
    const forwarder = await bytes((socket) => {
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx');
        if (first) setImmediate(() => socket.write(poison, () => poisoned.resolve()));
        first = false;
      });
    });
    expect((await send(forwarder)).body).toBe('x');
    await poisoned.promise;
    expect((await send(forwarder)).body).toBe('x');
  });
});

/** A database on a thread of its own, so that its answer and the reset behind it come whenever they
 * come: it answers what it has not read, and closes. */
const hasty = `
const { createServer } = require('node:net');
const { parentPort } = require('node:worker_threads');
const answer = 'HTTP/1.1 403 Forbidden\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nno';
const server = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.once('data', () => {
    socket.pause();
    socket.write(answer, () => socket.destroy());
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

describe('an answer to an upload that comes before the upload was read', () => {
  it('is heard, and the upload stopped, also where the database resets its connection', async () => {
    const worker = new Worker(hasty, { eval: true });
    open.push({ close: () => worker.terminate() });
    const [port] = await once(worker, 'message');
    const url = { host: '127.0.0.1', port, tls: false };
    const piece = Buffer.alloc(64 * 1024);
    for (let round = 0; round < 50; round++) {
      const forwarder = makeHttpForwarder(reach(url, null, { times }));
      const body = new PassThrough({ highWaterMark: 1024 * 1024 });
      const stopped = new Promise((resolve) => body.on('close', resolve));
      const pump = () => {
        for (let at = 0; at < 4 && !body.destroyed; at++) body.write(piece);
        if (!body.destroyed) setImmediate(pump);
      };
      body.on('error', () => undefined);
      pump();
      const told = await send(forwarder, post(body, 2_000_000_000));
      expect(told).toMatchObject({ status: 403, body: 'no', failure: null });
      await stopped;
      await forwarder.close();
    }
  });
});

describe('back-pressure', () => {
  it('reads no more from the database than the caller takes', async () => {
    let sent = 0;
    const forwarder = await bytes((socket) => {
      socket.once('data', () => {
        const total = 256 * 1024 * 1024;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`);
        const piece = Buffer.alloc(1024 * 1024);
        const more = () => {
          while (!socket.destroyed && sent < total) {
            sent += piece.length;
            if (!socket.write(piece)) return;
          }
        };
        socket.on('drain', more);
        more();
      });
    });
    let taken = 0;
    const paused = Promise.withResolvers<void>();
    const flight = forwarder.send(get, {
      head: () => undefined,
      data: (chunk) => {
        taken += chunk.length;
        paused.resolve();
        return false;
      },
      end: () => undefined,
      fail: () => undefined,
    });
    await paused.promise;
    const before = taken;
    await send(await database((_request, response) => response.end()));
    expect(taken).toBe(before);
    expect(sent).toBeLessThan(32 * 1024 * 1024);
    flight.abort();
  });
});

describe('a database over TLS', () => {
  it('is verified against the authority that is given', async () => {
    const server = createHttps(tlsOptions, (_request, response) => response.end('safe'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = { host: '127.0.0.1', port: portOf(server), tls: true };
    const trusting = makeHttpForwarder(reach(url, ca.toString(), { times }));
    const wary = makeHttpForwarder(reach(url, null, { times }));
    open.push({ close: () => server.close() });
    expect((await send(trusting)).body).toBe('safe');
    expect((await send(wary)).failure).toMatchObject({ code: 'upstream-unreachable' });
    await trusting.close();
    await wary.close();
  });
});

import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { Exchange } from '../../../src/proxy/exchange.ts';
import { Refusal } from '../../../src/refusal.ts';
import { openSocket, readToEnd, readUntil, sendBytes } from '../support/clients.ts';
import { startEdge, type TestEdge } from '../support/edge.ts';
import { echo, outcomeOf, refuse } from '../support/serve.ts';

const edges: TestEdge[] = [];
async function start(...options: Parameters<typeof startEdge>): Promise<TestEdge> {
  const edge = await startEdge(...options);
  edges.push(edge);
  return edge;
}
afterEach(async () => {
  for (const edge of edges.splice(0)) await edge.close();
});

const deny = (exchange: Exchange) => refuse(exchange, new Refusal('not-permitted', 'no'));
const serveEcho = (exchange: Exchange) => void echo(exchange);
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const post = (length: number, ...more: string[]) =>
  ['POST / HTTP/1.1', 'Host: a', `Content-Length: ${length}`, ...more, '', ''].join('\r\n');

describe('Expect: 100-continue', () => {
  const expecting = post(3, 'Expect: 100-continue');

  it('is answered only once the body is asked for', async () => {
    const asked = Promise.withResolvers<Exchange>();
    const edge = await start('http', asked.resolve);
    const socket = await openSocket(edge.port);
    let seen = '';
    socket.on('data', (chunk) => {
      seen += chunk;
    });
    socket.write(expecting);
    const exchange = await asked.promise;
    expect(seen).toBe('');
    const continued = readUntil(socket, '100 Continue');
    void echo(exchange);
    expect(await continued).toMatch(/^HTTP\/1\.1 100 Continue\r\n/);
    const answered = readUntil(socket, 'abc');
    socket.write('abc');
    expect(await answered).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  it('is not answered by a refusal, which ends the connection', async () => {
    const edge = await start('http', deny);
    const answer = await sendBytes(edge.port, expecting);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toMatch(/connection: close/i);
    expect(answer).not.toContain('100 Continue');
  });
});

describe('an answer that is to be the last', () => {
  it('ends its connection', async () => {
    const edge = await start('http', (exchange) => {
      exchange.answer.last();
      deny(exchange);
    });
    const answer = await sendBytes(edge.port, get);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toMatch(/connection: close/i);
  });
});

describe('a request refused before its body was read', () => {
  it('keeps the connection where the body is short', async () => {
    const edge = await start('http', deny);
    const socket = await openSocket(edge.port);
    const first = readUntil(socket, 'Forbidden');
    socket.write(post(15_000));
    expect(await first).toMatch(/^HTTP\/1\.1 403 /);
    const second = readUntil(socket, 'Forbidden');
    socket.write(`${'x'.repeat(15_000)}${get}`);
    expect(await second).toMatch(/^HTTP\/1\.1 403 /);
    socket.destroy();
  });

  it('lets the client read the answer while it still sends a long one', async () => {
    const edge = await start('http', deny);
    const socket = await openSocket(edge.port);
    const answer = readToEnd(socket);
    socket.write(post(200_000_000));
    for (let at = 0; at < 8; at++) socket.write('x'.repeat(64 * 1024));
    expect(await answer).toMatch(/^HTTP\/1\.1 403 .*connection: close/is);
  });

  it('reads no more than a little of a long one', async () => {
    const edge = await start('http', deny);
    const socket = await openSocket(edge.port);
    const piece = Buffer.alloc(256 * 1024);
    let sent = 0;
    socket.write(post(2_000_000_000));
    const more = () => {
      while (socket.writable && socket.write(piece)) sent += piece.length;
    };
    socket.on('drain', more);
    more();
    await new Promise((resolve) => socket.on('close', resolve));
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });
});

describe('a body', () => {
  it('past the cap is refused before it is read, where its length is told', async () => {
    const edge = await start('http', serveEcho);
    const answer = await sendBytes(edge.port, post(2_000_000));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('past the cap is refused as it comes, where its length is not told', async () => {
    const edge = await start('http', serveEcho);
    const socket = await openSocket(edge.port);
    const answer = readToEnd(socket);
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let at = 0; at < 40; at++) socket.write(`10000\r\n${'x'.repeat(65_536)}\r\n`);
    expect(await answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('that stands still is refused with 408', async () => {
    const edge = await start('http', serveEcho, { idle: 30, sweep: 10 });
    expect(await sendBytes(edge.port, `${post(3)}a`)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('cut off is not taken for whole', async () => {
    const held = Promise.withResolvers<unknown>();
    const edge = await start('http', (exchange) => {
      held.resolve(outcomeOf(exchange.body.hold(1000, () => undefined)));
    });
    const socket = await openSocket(edge.port);
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    expect(await held.promise).toBeInstanceOf(Refusal);
  });
});

describe('a connection', () => {
  it('whose head does not come in time is ended with 408', async () => {
    const edge = await start('http', serveEcho, { headTime: 30, sweep: 10 });
    expect(await sendBytes(edge.port, 'GET / HTTP/1.1\r\nHost: a\r\n')).toMatch(/^HTTP\/1\.1 408 /);
    expect(edge.unreadable).toEqual(['ERR_HTTP_REQUEST_TIMEOUT']);
  });

  it('that never says anything is ended', async () => {
    const edge = await start('http', serveEcho, { headTime: 30, sweep: 10 });
    const socket = await openSocket(edge.port);
    socket.resume();
    await once(socket, 'close');
    expect(edge.unreadable).toEqual(['ERR_HTTP_REQUEST_TIMEOUT']);
  });

  it('that idles after its answer is ended', async () => {
    const edge = await start('http', serveEcho, { keepAlive: 20 });
    const answer = await sendBytes(edge.port, get);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('that pipelines more than a few requests is ended', async () => {
    const held: Exchange[] = [];
    const edge = await start('http', (exchange) => void held.push(exchange), { pipelined: 4 });
    await sendBytes(edge.port, get.repeat(100));
    expect(held.length).toBe(4);
    expect(edge.unreadable).toEqual(['too many requests are pipelined']);
  });

  it('answers pipelined requests in their order', async () => {
    const held: Exchange[] = [];
    const edge = await start('http', (exchange) => {
      held.push(exchange);
      if (held.length < 3) return;
      for (const each of [...held].reverse()) {
        each.answer.whole(200, [], Buffer.from(`<${each.target}>`));
      }
    });
    const socket = await openSocket(edge.port);
    const answers = readUntil(socket, '</c>');
    socket.write(['/a', '/b', '/c'].map((path) => get.replace('/', path)).join(''));
    expect((await answers).match(/<[^>]*>/g)).toEqual(['</a>', '</b>', '</c>']);
    socket.destroy();
  });

  it('tells every exchange on it when the client goes', async () => {
    let gone = 0;
    const both = Promise.withResolvers<void>();
    const exchanges: Exchange[] = [];
    const served = Promise.withResolvers<void>();
    const edge = await start('http', (exchange) => {
      exchange.answer.onGone(() => {
        gone += 1;
        if (gone === 2) both.resolve();
      });
      if (exchanges.push(exchange) === 2) served.resolve();
    });
    const socket = await openSocket(edge.port);
    socket.write(get + get);
    await served.promise;
    socket.destroy();
    await both.promise;
    expect(exchanges.map(({ answer }) => answer.gone)).toEqual([true, true]);
  });

  it('whose client reads nothing of its answer is ended', async () => {
    const gone = Promise.withResolvers<void>();
    const bounds = { idle: 50, sweep: 10 };
    const edge = await start(
      'http',
      ({ answer }) => {
        answer.onGone(gone.resolve);
        answer.head(200, []);
        while (answer.write(Buffer.alloc(64 * 1024)));
        for (let at = 0; at < 200; at++) answer.write(Buffer.alloc(64 * 1024));
      },
      bounds,
    );
    const socket = await openSocket(edge.port);
    socket.pause();
    socket.write(get);
    await gone.promise;
    socket.destroy();
  });

  it('that breaks is no error of the process', async () => {
    const edge = await start('http', serveEcho);
    for (let at = 0; at < 20; at++) {
      const socket = await openSocket(edge.port, at % 2 ? ['h2'] : ['http/1.1']);
      socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0');
      socket.destroy();
    }
    expect(
      await sendBytes(edge.port, get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')),
    ).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('an answer that breaks off', () => {
  it('ends a chunked body without its last chunk', async () => {
    const edge = await start('http', ({ answer }) => {
      answer.head(200, []);
      answer.write(Buffer.from('part'));
      setImmediate(() => answer.reset());
    });
    const answer = await sendBytes(edge.port, get);
    expect(answer).toContain('part');
    expect(answer).not.toContain('0\r\n\r\n');
  });

  it('ends the connection of a request that was read whole', async () => {
    const edge = await start('http', async ({ answer, body }) => {
      await body.hold(3, () => undefined);
      answer.head(200, [], 10);
      answer.write(Buffer.from('part'));
      setImmediate(() => answer.reset());
    });
    expect(await sendBytes(edge.port, `${post(3)}abc`)).toMatch(/part$/);
  });
});

import { once } from 'node:events';
import { type ClientHttp2Session, constants } from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import type { Exchange } from '../../../src/proxy/exchange.ts';
import { Refusal } from '../../../src/refusal.ts';
import { ask, openSession, openSocket } from '../support/clients.ts';
import { startEdge, type TestEdge } from '../support/edge.ts';
import { data, headers, preface, reset } from '../support/frames.ts';
import { echo, outcomeOf, refuse } from '../support/serve.ts';

const open: { close(): unknown }[] = [];
async function start(
  ...options: Parameters<typeof startEdge>
): Promise<{ edge: TestEdge; session: ClientHttp2Session }> {
  const edge = await startEdge(...options);
  const session = await openSession(edge.port);
  open.push({ close: () => session.destroy() }, edge);
  return { edge, session };
}
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const serveEcho = (exchange: Exchange) => void echo(exchange);
const deny = (exchange: Exchange) => refuse(exchange, new Refusal('not-permitted', 'no'));
const post = { ':method': 'POST', ':path': '/x' };

describe('a REST request over HTTP/2', () => {
  it('is served', async () => {
    const { session } = await start('http', serveEcho);
    const answer = await ask(session, post, Buffer.from('abc'));
    expect(answer.headers[':status']).toBe(200);
    expect(answer.headers['x-target']).toBe('/x');
    expect(answer.headers['content-length']).toBe('3');
    expect(answer.body.toString()).toBe('abc');
  });

  it('gives :authority as its host', async () => {
    const { session } = await start('http', (exchange) => {
      exchange.answer.whole(200, [], Buffer.from(exchange.field('host') ?? ''));
    });
    const answer = await ask(session, { ':path': '/', ':authority': 'db.example' });
    expect(answer.body.toString()).toBe('db.example');
  });

  it('answers HEAD without a body', async () => {
    const { session } = await start('http', serveEcho);
    const answer = await ask(session, { ':method': 'HEAD', ':path': '/' });
    expect(answer).toMatchObject({ code: 0, body: Buffer.alloc(0) });
    expect(answer.headers[':status']).toBe(200);
  });
});

describe('an answer that is to be the last of its connection', () => {
  it('is heard, and ends it once the others are', async () => {
    const first = Promise.withResolvers<Exchange>();
    const { session } = await start('http', (exchange) => {
      if (exchange.target === '/first') return first.resolve(exchange);
      exchange.answer.last();
      deny(exchange);
    });
    const closed = once(session, 'close');
    const earlier = ask(session, { ':path': '/first' });
    const { answer } = await first.promise;
    const last = await ask(session, { ':path': '/last' });
    expect(last.headers[':status']).toBe(403);
    answer.whole(200, [], Buffer.from('ok'));
    expect((await earlier).headers[':status']).toBe(200);
    await closed;
  });
});

const refused: [string, Record<string, string | string[]>, number][] = [
  ['a host unlike :authority', { ':path': '/', ':authority': 'a', host: 'b' }, 400],
  ['a target that is no path', { ':path': 'http://a/', ':authority': 'a' }, 400],
  ['an asterisk target', { ':method': 'OPTIONS', ':path': '*' }, 400],
  ['an encoded body', { ...post, 'content-encoding': 'gzip' }, 415],
  ['Expect', { ...post, expect: '100-continue' }, 417],
];

describe('an HTTP/2 head that two readers could take differently', () => {
  it.each(refused)('is refused: %s', async (_name, headers, status) => {
    const { session } = await start('http', serveEcho);
    const answer = await ask(session, headers, Buffer.from('abc'));
    // nghttp2 resets some of these before anyone is asked.
    if (answer.headers[':status'] === undefined) expect(answer.code).not.toBe(0);
    else expect(answer.headers[':status']).toBe(status);
  });

  it('is refused: CONNECT', async () => {
    const seen: string[] = [];
    const { session } = await start('http', (exchange) => {
      seen.push(exchange.method);
      void echo(exchange);
    });
    const answer = await ask(session, { ':method': 'CONNECT', ':authority': 'a:1' });
    expect(answer.headers[':status']).toBe(405);
  });

  it('is refused where a field is repeated that is asked for', async () => {
    const { session } = await start('http', (exchange) => {
      try {
        exchange.field('api-key');
      } catch (error) {
        refuse(exchange, error);
      }
    });
    const answer = await ask(session, { ':path': '/', 'api-key': ['good', 'bad'] });
    expect(answer.headers[':status']).toBe(400);
  });

  it('is refused past 64 fields', async () => {
    const { session } = await start('http', serveEcho);
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`x-${at}`, '1']));
    expect((await ask(session, { ':path': '/', ...many })).code).not.toBe(0);
  });

  it('is refused past 16 KB', async () => {
    const { session } = await start('http', serveEcho);
    const answer = await ask(session, { ':path': '/', x: 'y'.repeat(20_000) });
    expect(answer.headers[':status'] === 431 || answer.code !== 0).toBe(true);
  });
});

describe('a body over HTTP/2', () => {
  it('shorter than it was told to be is refused', async () => {
    const { session } = await start('http', serveEcho);
    const headers = { ...post, 'content-length': '10' };
    const answer = await ask(session, headers, Buffer.from('abc'));
    expect(answer.headers[':status'] === 400 || answer.code !== 0).toBe(true);
  });

  it('that is not read when the answer comes ends its stream without an error', async () => {
    const { session } = await start('http', deny);
    const stream = session.request(post, { endStream: false });
    stream.write(Buffer.alloc(1_000_000));
    stream.resume();
    const [headers] = await once(stream, 'response');
    expect(headers[':status']).toBe(403);
    await once(stream, 'close');
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
    const next = await ask(session, post, Buffer.from('abc'));
    expect(next.headers[':status']).toBe(403);
  });

  it.each([
    ['without an error', constants.NGHTTP2_NO_ERROR],
    ['cancelled', constants.NGHTTP2_CANCEL],
  ])('cut off %s is not taken for whole', async (_name, code) => {
    const held = Promise.withResolvers<unknown>();
    const arrived = Promise.withResolvers<void>();
    const { edge } = await start('http', (exchange) => {
      held.resolve(outcomeOf(exchange.body.hold(1000, () => arrived.resolve())));
    });
    const socket = await openSocket(edge.port, ['h2']);
    socket.resume();
    socket.write(Buffer.concat([preface, headers(1, ['POST', '/x'], []), data(1, 'abc')]));
    await arrived.promise;
    socket.write(reset(1, code));
    expect(await held.promise).toBeInstanceOf(Refusal);
    socket.destroy();
  });

  it('holds its client back while nobody reads it', async () => {
    const begun = Promise.withResolvers<Exchange>();
    const { session } = await start('http', begun.resolve);
    const stream = session.request(post, { endStream: false });
    stream.on('error', () => undefined);
    const piece = Buffer.alloc(64 * 1024);
    for (let at = 0; at < 100; at++) stream.write(piece);
    const exchange = await begun.promise;
    const pings = () => new Promise((resolve) => session.ping(resolve));
    for (let at = 0; at < 20; at++) await pings();
    expect(exchange.body.received).toBe(0);
    expect(stream.bufferSize).toBeGreaterThan(100 * 64 * 1024 - 2 * 1024 * 1024);
    stream.close();
  });
});

describe('an answer over HTTP/2', () => {
  it('that breaks off is reset with an error', async () => {
    const { session } = await start('http', ({ answer }) => {
      answer.head(200, []);
      answer.write(Buffer.from('part'));
      setTimeout(() => answer.reset());
    });
    expect((await ask(session, { ':path': '/' })).code).toBe(constants.NGHTTP2_INTERNAL_ERROR);
  });

  it('is told of a client that goes', async () => {
    const gone = Promise.withResolvers<boolean>();
    const begun = Promise.withResolvers<void>();
    const { session } = await start('http', ({ answer }) => {
      answer.onGone(() => gone.resolve(answer.gone));
      begun.resolve();
    });
    const stream = session.request({ ':path': '/' });
    stream.on('error', () => undefined);
    await begun.promise;
    stream.close(constants.NGHTTP2_CANCEL);
    expect(await gone.promise).toBe(true);
  });

  it('that nobody reads is ended', async () => {
    const bounds = { idle: 50, sweep: 10 };
    const ended = Promise.withResolvers<void>();
    const { session } = await start(
      'http',
      ({ answer }) => answer.whole(200, [], Buffer.alloc(1_000_000)),
      bounds,
    );
    const stream = session.request({ ':path': '/' });
    stream.on('close', () => ended.resolve()).pause();
    stream.on('error', () => undefined);
    await ended.promise;
  });
});

describe('a client that resets streams as fast as it can', () => {
  it('loses its connection, and others do not notice', async () => {
    const { edge, session } = await start('http', serveEcho);
    const closed = new Promise((resolve) => session.on('close', resolve));
    const burst = () => {
      for (let at = 0; at < 50 && !session.destroyed && !session.closed; at++) {
        const stream = session.request(post, { endStream: false });
        stream.on('error', () => undefined);
        stream.close(constants.NGHTTP2_CANCEL);
      }
      if (!session.destroyed) setImmediate(burst);
    };
    burst();
    await closed;
    const other = await openSession(edge.port);
    open.push({ close: () => other.destroy() });
    expect((await ask(other, post, Buffer.from('abc'))).headers[':status']).toBe(200);
  });
});

describe('an HTTP/2 connection without a request', () => {
  it('is told to go, and ended', async () => {
    const bounds = { sessionIdle: 20, sweep: 10 };
    const { session } = await start('http', serveEcho, bounds);
    const [code] = await once(session, 'goaway');
    expect(code).toBe(constants.NGHTTP2_NO_ERROR);
    await new Promise((resolve) => session.on('close', resolve));
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { revokeKey } from '../../../src/identity/keys/change.ts';
import { data, frameOf, headers, preface, reset } from '../../proxy/support/frames.ts';
import { recordsPerRequest } from '../../support/gateway-audit.ts';
import { frame } from './call-cases.ts';
import { openScene, openSession, policies, type Scene } from './scene.ts';

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
});

afterAll(() => scene.close());

/** A TLS connection that a test writes on. */
async function dial(port: 'http' | 'grpc' = 'http', alpn = 'http/1.1'): Promise<TLSSocket> {
  const { gateway } = scene;
  const socket = connect({
    host: '127.0.0.1',
    port: Number(new URL(port === 'http' ? gateway.http() : gateway.grpc()).port),
    servername: 'localhost',
    ca: readFileSync(gateway.certificates.ca),
    ALPNProtocols: [alpn],
  });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) =>
    socket.once('secureConnect', resolve).once('close', resolve),
  );
  return socket;
}

function textOf(socket: TLSSocket): () => string {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  return () => text;
}

function upload(key: string, length: number): string {
  const lines = ['POST /collections/pub/points/query HTTP/1.1', 'Host: a', `api-key: ${key}`];
  return `${[...lines, `content-length: ${length}`].join('\r\n')}\r\n\r\n`;
}

async function isAlive(): Promise<void> {
  expect((await scene.gateway.health('/livez')).status).toBe(200);
}

describe('whoever is shut out while a body is on its way', () => {
  const body = '{"query":1}';

  const revoke = async () => {
    const { keyFile, keyIds } = scene.gateway;
    await revokeKey(keyFile, keyIds['denied'] as string, Date.now());
  };
  const bar = () => {
    const file = join(scene.gateway.policyDirectory, 'reader.yaml');
    writeFileSync(file, 'role: reader\nallow: [{ collections: [pub2], access: r }]\n');
  };

  it.each<[string, string, () => void | Promise<void>, number]>([
    ['whose key is revoked', 'denied', revoke, 401],
    ['whose role is cut down', 'reader', bar, 403],
  ])('%s, is refused once it has come', async (_, principal, change, expected) => {
    const socket = await dial();
    const text = textOf(socket);
    socket.write(upload(scene.key(principal), body.length) + body.slice(0, 4));
    // It has been let in by its head once room is held for its body.
    const room = expect.objectContaining({ bytes: body.length });
    const status = () => scene.gateway.admin('/status');
    await vi.waitFor(async () => expect((await status()).body).toMatchObject({ held: room }), 5000);
    scene.touched();
    await change();
    expect((await scene.gateway.admin('/reload', 'POST')).status).toBe(200);
    socket.write(body.slice(4));
    await vi.waitFor(() => expect(text()).toContain(`HTTP/1.1 ${expected}`), { timeout: 5000 });
    expect(scene.touched()).toEqual([]);
    socket.destroy();
  });

  afterAll(() => {
    const file = join(scene.gateway.policyDirectory, 'reader.yaml');
    writeFileSync(file, `role: reader\n${policies.reader}\n`);
  });
});

describe('callers that go at any moment', () => {
  it('leave every intent with one end, and the gateway alive', { timeout: 60_000 }, async () => {
    const key = scene.key('own');
    const one = async (port: 'http' | 'grpc', after: number, code: number) => {
      const session = openSession(scene, port);
      const rest = [
        ':method',
        'PUT',
        ':path',
        '/collections/pub/points',
        'content-type',
        'application/json',
      ];
      const call = [
        ':method',
        'POST',
        ':path',
        '/qdrant.Points/Query',
        'content-type',
        'application/grpc',
        'te',
        'trailers',
      ];
      const fields = [
        ...(port === 'http' ? rest : call),
        ':scheme',
        'https',
        ':authority',
        'a',
        'api-key',
        key,
      ];
      const ordered = [
        ...fields.filter((_, at) => fields[at - (at % 2)]?.startsWith(':')),
        ...fields.filter((_, at) => !fields[at - (at % 2)]?.startsWith(':')),
      ];
      const bytes =
        port === 'http'
          ? Buffer.from('{"points":[{"id":1,"vector":[1,1]}]}')
          : frame(Buffer.from('\n\x03pub'));
      const streams = Array.from({ length: 5 }, () => {
        const stream = session.request(ordered as never);
        stream.on('error', () => undefined).resume();
        stream.write(bytes.subarray(0, 20));
        setTimeout(() => stream.end(bytes.subarray(20)), after % 7);
        return stream;
      });
      await new Promise((resolve) => setTimeout(resolve, after));
      if (code < 0) session.destroy();
      else for (const stream of streams) stream.close(code);
      await new Promise((resolve) => setTimeout(resolve, 1));
      session.destroy();
    };
    const moments = fc.tuple(
      fc.constantFrom('http', 'grpc'),
      fc.nat(30),
      fc.constantFrom(-1, 0, 8),
    );
    await fc.assert(
      fc.asyncProperty(moments, ([port, after, code]) => one(port, after, code)),
      { numRuns: 60 },
    );
    await isAlive();
    await vi.waitFor(() => {
      for (const [request, kinds] of recordsPerRequest(scene.gateway.audit())) {
        if (kinds[0] === 'intent') expect(kinds, request).toEqual(['intent', 'outcome']);
      }
    }, 5000);
  });

  it('before the handshake is over, or right behind it, take nothing along', async () => {
    const { port } = new URL(scene.gateway.http());
    const ca = readFileSync(scene.gateway.certificates.ca);
    const all = Array.from({ length: 200 }, (_, at) => {
      const tcp = connectTcp(Number(port), '127.0.0.1');
      tcp.on('error', () => undefined);
      const protocols = [at % 2 ? 'h2' : 'http/1.1'];
      const socket = connect({
        socket: tcp,
        servername: 'localhost',
        ca,
        ALPNProtocols: protocols,
      });
      socket.on('error', () => undefined);
      if (at % 4 < 2) setTimeout(() => tcp.resetAndDestroy(), at % 9);
      else socket.on('secureConnect', () => tcp.resetAndDestroy());
      return new Promise((resolve) => tcp.on('close', resolve));
    });
    await Promise.all(all);
    await isAlive();
  });
});

describe('a flood', () => {
  const memory = (): number => {
    const status = readFileSync(`/proc/${scene.gateway.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  };

  it('of streams that are reset at once ends its connection', async () => {
    const socket = await dial('http', 'h2');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.resume().write(preface);
    for (let id = 1; id < 4000; id += 2) {
      const head = headers(id, ['GET', '/collections'], ['api-key', scene.key('own')]);
      socket.write(Buffer.concat([head, reset(id, 8)]));
    }
    await closed;
    await isAlive();
  });

  it('of CONTINUATION ends its connection', async () => {
    const socket = await dial('grpc', 'h2');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.resume().write(preface);
    socket.write(frameOf(1, 0, 1, Buffer.from([0x82])));
    const before = memory();
    for (let at = 0; at < 5000 && socket.writable; at++) {
      socket.write(
        frameOf(
          9,
          0,
          1,
          Buffer.concat([Buffer.of(0, 1, 0x61, 127, 0xe1, 6), Buffer.alloc(992, 0x61)]),
        ),
      );
    }
    await closed;
    expect(memory() - before).toBeLessThan(100 * 1024 * 1024);
    await isAlive();
  });

  it.each([
    [
      'settings',
      Buffer.concat(Array.from({ length: 500 }, () => frameOf(4, 0, 0, Buffer.alloc(0)))),
    ],
    ['pings', Buffer.concat(Array.from({ length: 500 }, () => frameOf(6, 0, 0, Buffer.alloc(8))))],
    [
      'empty data',
      Buffer.concat([
        headers(1, ['POST', '/collections/pub/points/query'], []),
        ...Array.from({ length: 5000 }, () => data(1, '')),
      ]),
    ],
    [
      'priorities',
      Buffer.concat(
        Array.from({ length: 5000 }, (_, at) => frameOf(2, 0, 2 * at + 1, Buffer.alloc(5))),
      ),
    ],
    [
      'window updates of nothing',
      Buffer.concat(Array.from({ length: 500 }, () => frameOf(8, 0, 0, Buffer.alloc(4)))),
    ],
  ])('of %s is survived', async (_, frames) => {
    const socket = await dial('http', 'h2');
    socket.resume().write(Buffer.concat([preface, frames]));
    await isAlive();
    socket.destroy();
  });

  it('of bodies that are claimed and never sent is refused, and leaves room for others', async () => {
    const before = memory();
    const greedy: TLSSocket[] = [];
    const texts: (() => string)[] = [];
    const claim = 60 * 1024 * 1024;
    // As many as it takes: each claims what one request may hold at most.
    while (!texts.some((text) => text().includes('HTTP/1.1 503'))) {
      const sockets = await Promise.all(Array.from({ length: 10 }, () => dial()));
      greedy.push(...sockets);
      texts.push(...sockets.map(textOf));
      for (const socket of sockets) socket.write(upload(scene.key('own'), claim));
      await isAlive();
      expect(greedy.length).toBeLessThan(2000);
    }
    expect(texts.map((text) => text()).join('')).toContain('x-vectorgate-refusal: overloaded');
    expect(memory() - before).toBeLessThan(200 * 1024 * 1024);
    const honest = await dial();
    const text = textOf(honest);
    honest.write(`${upload(scene.key('all'), 11)}{"query":1}`);
    await vi.waitFor(() => expect(text()).toContain('HTTP/1.1 200'), 5000);
    for (const socket of [...greedy, honest]) socket.destroy();
  });

  it('of connections that say nothing keeps nobody out', { timeout: 60_000 }, async () => {
    const before = memory();
    const silent: TLSSocket[] = [];
    for (let round = 0; round < 10; round++) {
      silent.push(...(await Promise.all(Array.from({ length: 50 }, () => dial()))));
    }
    await isAlive();
    const honest = await dial();
    const text = textOf(honest);
    honest.write(`${upload(scene.key('all'), 11)}{"query":1}`);
    await vi.waitFor(() => expect(text()).toContain('HTTP/1.1 200'), 5000);
    expect(memory() - before).toBeLessThan(300 * 1024 * 1024);
    for (const socket of [...silent, honest]) socket.destroy();
  });
});

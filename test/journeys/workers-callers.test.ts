import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeApiKey } from '../../src/identity/api-key.ts';
import { framed, naming, openGrpc, type RawCaller } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';
import { layWire } from '../support/gateway-wire.ts';

const soon = { timeout: 15_000, interval: 20 };
const places = 6;
const failuresAllowed = 4;

interface Status {
  readonly worker: string;
  readonly failures: { readonly held: number };
  readonly workers: {
    readonly restarts: number;
    readonly workers: readonly { id: string; pid: number; ready: boolean }[];
    readonly others: readonly Pick<Status, 'worker' | 'failures'>[];
  };
}

let database: TestDatabase;
let wires: readonly Awaited<ReturnType<typeof layWire>>[];
let gateway: TestGateway;
let grpc: RawCaller;
const sessions: ClientHttp2Session[] = [];

beforeAll(async () => {
  database = await openDemo();
  wires = await Promise.all([layWire(database.http), layWire(database.grpc)]);
  const [http = '', called = ''] = wires.map(({ url }) => url);
  gateway = await startGateway({
    database: { ...database, http, grpc: called },
    policies: {
      admin: 'allow: [{ collections: ["*"], access: m }]',
      many: `allow: [{ collections: [slow], access: r }]\nlimits: { concurrent: ${places} }`,
    },
    keys: { admin: { roles: ['admin'] }, many: { roles: ['many'] } },
    limits: { failures: { allowed: failuresAllowed, forget: '1h', delay: '10s' } },
    sections: { workers: 2 },
  });
  const body = JSON.stringify({ vectors: { size: 4, distance: 'Dot' } });
  const session = await sessionAt('w1');
  const made = ask(session, { path: '/collections/slow', method: 'PUT', key: 'admin', body });
  expect((await made.answer).status).toBe(200);
  grpc = openGrpc(gateway);
});
afterEach(() => {
  for (const wire of wires) wire.release();
});
afterAll(async () => {
  for (const session of sessions) session.destroy();
  grpc.close();
  await gateway.stop();
  await Promise.all(wires.map((wire) => wire.close()));
  await database.close();
});

interface Asked {
  readonly path: string;
  /** A name among the gateway's keys, or a credential. */
  readonly key: string;
  readonly method?: string;
  readonly body?: string;
}

/** One request on a connection: what it hears, and how to give it up. */
function ask(session: ClientHttp2Session, { path, key, method = 'GET', body }: Asked) {
  const fields = { ':path': path, ':method': method, 'api-key': gateway.keys[key] ?? key };
  const stream = session.request({ ...fields, 'content-type': 'application/json' });
  stream.end(body);
  const heard = { status: 0, request: '', body: '' };
  const answer = new Promise<typeof heard>((resolve) => {
    stream.on('response', (head) => {
      Object.assign(heard, { status: head[':status'], request: head['x-request-id'] });
    });
    stream.setEncoding('utf8').on('data', (part: string) => {
      heard.body += part;
    });
    stream.on('error', () => undefined).on('close', () => resolve(heard));
  });
  return { heard, answer, leave: () => stream.close(constants.NGHTTP2_CANCEL) };
}

/** A connection that the kernel dealt to this worker, as the audit log tells, from an address of
 * this machine. */
async function sessionAt(worker: string, localAddress = '127.0.0.1') {
  const secured = { ca: readFileSync(gateway.certificates.ca), localAddress };
  for (;;) {
    const session = connect(gateway.http(), secured);
    sessions.push(session.on('error', () => undefined));
    const { request, status } = await ask(session, { path: '/collections', key: 'admin' }).answer;
    expect(status).toBe(200);
    const record = await vi.waitUntil(
      () => gateway.audit().find((each) => each.request === request),
      soon,
    );
    if (record.writer === worker) return session;
  }
}

const status = async () => (await gateway.admin('/status')).body as Status;

describe('two workers, of the requests under way of one caller,', () => {
  const count = { path: '/collections/slow/points/count', method: 'POST', key: 'many', body: '{}' };
  let [first, second]: ClientHttp2Session[] = [];

  /** How many places are left, as the worker of a connection tells. */
  const left = async (session: ClientHttp2Session | undefined) => {
    const { body } = await ask(session as ClientHttp2Session, { ...whoami, key: 'many' }).answer;
    const { limits } = JSON.parse(body) as { limits: { left: number }[] };
    return limits[0]?.left;
  };
  const whoami = { path: '/.vectorgate/whoami' };
  const leftAtBoth = async () => [await left(first), await left(second)];

  const counted = (session: ClientHttp2Session | undefined) =>
    ask(session as ClientHttp2Session, count);

  beforeAll(async () => {
    first = await sessionAt('w1');
    second = await sessionAt('w2');
    // The new name is known from here on: nobody waits for it any more.
    expect((await counted(first).answer).status).toBe(200);
    expect((await counted(second).answer).status).toBe(200);
  });

  it('hold no more than one would, over both protocols, and a stream given up frees its place', async () => {
    for (const wire of wires) wire.pinch();
    const there = Array.from({ length: places - 2 }, () => counted(first));
    await expect.poll(leftAtBoth, soon).toEqual([2, 2]);
    const here = counted(second);
    await expect.poll(leftAtBoth, soon).toEqual([1, 1]);
    const stream = grpc.session.request({
      ':method': 'POST',
      ':path': '/qdrant.Points/Count',
      'content-type': 'application/grpc',
      te: 'trailers',
      'api-key': gateway.keys['many'],
    });
    stream.on('error', () => undefined).end(framed(naming('slow')));
    await expect.poll(leftAtBoth, soon).toEqual([0, 0]);
    for (const session of [first, second]) expect((await counted(session).answer).status).toBe(429);

    stream.close(constants.NGHTTP2_CANCEL);
    await expect.poll(leftAtBoth, soon).toEqual([1, 1]);
    there[0]?.leave();
    await expect.poll(leftAtBoth, soon).toEqual([2, 2]);
    const more = [counted(second), counted(second)];
    await expect.poll(leftAtBoth, soon).toEqual([0, 0]);
    expect((await counted(first).answer).status).toBe(429);

    for (const wire of wires) wire.release();
    for (const { answer } of [...there.slice(1), here, ...more]) {
      expect((await answer).status).toBe(200);
    }
    await expect.poll(leftAtBoth, soon).toEqual([places, places]);
  });

  it('hold none for a worker that was killed', async () => {
    for (const wire of wires) wire.pinch();
    const lost = Array.from({ length: places }, () => counted(second));
    await expect.poll(() => left(first), soon).toBe(0);
    const { workers, restarts } = (await status()).workers;
    process.kill(workers.find(({ id }) => id === 'w2')?.pid ?? 0, 'SIGKILL');
    for (const { answer } of lost) expect((await answer).status).toBe(0);
    for (const wire of wires) wire.release();
    await expect.poll(() => left(first), soon).toBe(places);
    await vi.waitFor(async () => {
      const now = (await status()).workers;
      expect(now.restarts).toBe(restarts + 1);
      expect(now.workers.filter(({ ready }) => ready)).toHaveLength(2);
    }, soon);
  });
});

describe('two workers, of the credentials that one source tries,', () => {
  const directions = [
    ['w1', 'w2', '127.0.0.2'],
    ['w2', 'w1', '127.0.0.3'],
  ] as const;

  it.each(directions)('count what came to %s at %s', async (tried, other, source) => {
    const session = await sessionAt(tried, source);
    const elsewhere = await sessionAt(other, source);
    const held = async () => {
      const { workers, ...own } = await status();
      return [own, ...workers.others].find(({ worker }) => worker === other)?.failures.held;
    };
    const guess = (at: ClientHttp2Session) => ask(at, { path: '/collections', key: wrong });
    const { key: wrong } = makeApiKey();
    // The last of them waits for longer than it takes to tell the other worker.
    const guesses = Array.from({ length: failuresAllowed + 5 }, () => guess(session));
    for (const { answer } of guesses) expect((await answer).status).toBe(401);
    const next = guess(elsewhere);
    await expect.poll(held, soon).toBe(1);
    expect(next.heard.status).toBe(0);
    const honest = await ask(elsewhere, { path: '/collections', key: 'admin' }).answer;
    expect([honest.status, next.heard.status]).toEqual([200, 0]);
    next.leave();
    await expect.poll(held, soon).toBe(0);
    // Nobody else is slowed.
    const neighbour = await sessionAt(other, '127.0.0.9');
    expect((await guess(neighbour).answer).status).toBe(401);
    expect(await held()).toBe(0);
  });
});

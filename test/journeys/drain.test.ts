import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { callOn, framed, naming, openRest } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { recordsPerRequest } from '../support/gateway-audit.ts';
import { openDemo } from '../support/gateway-database.ts';
import { openGate } from '../support/gateway-gate.ts';
import { layWire } from '../support/gateway-wire.ts';

/** A gateway whose database answers when the test lets it. */
async function scene() {
  const database = await openDemo();
  const gate = await openGate(database.http);
  const wire = await layWire(database.grpc);
  const gateway = await startGateway({
    database: { ...database, http: gate.http, grpc: wire.url },
    policies: { admin: 'allow: [{ collections: ["*"], access: m }]' },
    keys: { admin: { roles: ['admin'] } },
  });
  const key = gateway.keys['admin'] ?? '';
  const rest = openRest(gateway);
  onTestFinished(async () => {
    rest.close();
    await gateway.stop();
    await wire.close();
    await gate.close();
    await database.close();
  });
  const body = JSON.stringify({ vectors: { size: 4, distance: 'Dot' } });
  await rest.ask({ method: 'PUT', path: '/collections/slow', key, body });
  return { gateway, gate, wire, key, rest };
}

/** A connection, and each last stream that a GOAWAY on it has named. */
function watched(url: string, gateway: TestGateway) {
  const session = connectHttp2(url, { ca: readFileSync(gateway.certificates.ca) });
  const goaways: [code: number, last: number | undefined][] = [];
  session.on('error', () => undefined);
  session.on('goaway', (code, last) => goaways.push([code, last]));
  const closed = new Promise<void>((resolve) => session.once('close', () => resolve()));
  return { session, goaways, closed };
}

const anyStream = 2 ** 31 - 1;

function countOn(session: ClientHttp2Session, key: string) {
  const fields = {
    ':method': 'POST',
    ':path': '/collections/slow/points/count',
    'content-type': 'application/json',
    'api-key': key,
  };
  return callOn(session, fields, Buffer.from('{}'));
}

function getOn(session: ClientHttp2Session, key: string) {
  const fields = {
    ':method': 'POST',
    ':path': '/qdrant.Collections/Get',
    'content-type': 'application/grpc',
    te: 'trailers',
    'api-key': key,
  };
  return callOn(session, fields, framed(naming('slow')));
}

/** Whether a new connection is taken: `taken`, or the error. */
function knock(url: string): Promise<string> {
  const { port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.on('connect', () => {
      socket.destroy();
      resolve('taken');
    });
  });
}

/** The requests that were let through and have not ended. */
function underWay(gateway: TestGateway): string[] {
  const requests = [...recordsPerRequest(gateway.audit())];
  return requests.filter(([, kinds]) => kinds.length === 1).map(([request]) => request);
}

describe('SIGTERM while requests run', () => {
  it('lets them end, takes no new connection, and leaves with 0 and a record of it', async () => {
    const { gateway, gate, wire, key, rest } = await scene();
    const over2 = watched(gateway.http(), gateway);
    const calls = watched(gateway.grpc(), gateway);

    const first = gate.hold('/collections/slow/points/count');
    const onOne = rest.ask({
      method: 'POST',
      path: '/collections/slow/points/count',
      key,
      body: '{}',
    });
    const held = [await first];
    const second = gate.hold('/collections/slow/points/count');
    const onTwo = countOn(over2.session, key);
    held.push(await second);
    await getOn(calls.session, key);
    wire.pinch();
    const called = getOn(calls.session, key);
    await expect.poll(() => underWay(gateway)).toHaveLength(3);

    gateway.signal('SIGTERM');
    for (const url of [gateway.http(), gateway.grpc()]) {
      await expect.poll(() => knock(url)).toBe('ECONNREFUSED');
    }
    expect((await gateway.health('/readyz')).status).toBe(503);
    expect((await gateway.health('/livez')).status).toBe(200);
    for (const { goaways } of [over2, calls]) {
      await expect.poll(() => goaways[0]).toEqual([0, anyStream]);
    }

    for (const each of held) each.release();
    wire.release();
    const answered = await onOne;
    expect([answered.status, answered.headers.connection]).toEqual([200, 'close']);
    expect((await onTwo).headers[':status']).toBe(200);
    expect((await called).status).toBe(0);
    await Promise.all([over2.closed, calls.closed]);
    expect(over2.goaways.at(-1)).toEqual([0, 1]);
    expect(calls.goaways.at(-1)).toEqual([0, 3]);

    const records = () => gateway.audit();
    expect(await gateway.ended).toEqual({ code: 0, signal: null });
    expect(records().at(0)).toMatchObject({ kind: 'start' });
    expect(records().at(-1)).toMatchObject({ kind: 'stop', event: 'gateway.stop' });
    expect(underWay(gateway)).toEqual([]);
  });

  it('ends connections on which nothing runs at once', async () => {
    const { gateway, key, rest } = await scene();
    const idle = watched(gateway.http(), gateway);
    const idleCalls = watched(gateway.grpc(), gateway);
    expect((await countOn(idle.session, key)).headers[':status']).toBe(200);
    expect((await getOn(idleCalls.session, key)).status).toBe(0);
    expect((await rest.ask({ path: '/collections', key })).status).toBe(200);
    gateway.signal('SIGTERM');
    await Promise.all([idle.closed, idleCalls.closed]);
    expect(await gateway.ended).toEqual({ code: 0, signal: null });
    expect(gateway.output()).toContain('"msg":"stopped"');
  });

  it('is what the admin port asks for, too', async () => {
    const { gateway } = await scene();
    expect(await gateway.admin('/drain', 'POST')).toEqual({ status: 202, body: { ok: true } });
    expect(await gateway.ended).toEqual({ code: 0, signal: null });
  });
});

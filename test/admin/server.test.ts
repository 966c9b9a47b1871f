import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type AdminActions, openAdmin } from '../../src/admin/server.ts';
import type { GatewayState } from '../../src/admin/state.ts';
import { stateWith, unready } from './state.ts';

const token = 'admin-token-0123456789';

function actionsWith(changes: Partial<AdminActions> = {}) {
  return {
    explain: vi.fn(() => ({ effect: 'deny', rule: null, needs: [] })),
    keys: vi.fn(() => [{ id: 'k7Q2', name: 'rag' }]),
    reload: vi.fn(async () => []),
    drain: vi.fn(),
    credentials: vi.fn(async () => []),
    onFault: vi.fn(),
    ...changes,
  };
}

async function admin(actions: AdminActions = actionsWith(), state: GatewayState = stateWith()) {
  const listen = { host: '127.0.0.1', port: 0 };
  const port = await openAdmin({ listen, token, allowRemote: false }, state, actions);
  onTestFinished(() => port.close());
  const { host, port: number } = port.address;
  const headers = { authorization: `Bearer ${token}` };
  return {
    port: number,
    ask: (path: string, init: RequestInit = {}) =>
      fetch(`http://${host}:${number}${path}`, { headers, ...init }),
  };
}

async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(bytes);
  return text(socket);
}

const guarded = [
  ['GET', '/status'],
  ['GET', '/keys'],
  ['GET', '/audit'],
  ['GET', '/policy/explain?key=k7Q2&operation=points.query'],
  ['POST', '/reload'],
  ['POST', '/drain'],
  ['GET', '/nothing'],
] as const;

describe('the admin port', () => {
  it.each(guarded)('answers %s %s to nobody without the token', async (method, path) => {
    const actions = actionsWith();
    const { ask } = await admin(actions);
    const tries: Record<string, string>[] = [
      {},
      { authorization: 'Bearer ' },
      { authorization: 'Bearer wrong-token-0123456789' },
      { authorization: `Basic ${token}` },
      { authorization: `Bearer ${token}x` },
      { authorization: `Bearer ${token.slice(0, -1)}` },
      { 'api-key': token },
    ];
    for (const headers of tries) {
      const answer = await ask(path, { method, headers });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    const { explain, keys, reload, drain } = actions;
    for (const action of [explain, keys, reload, drain]) expect(action).not.toHaveBeenCalled();
  });

  it('takes two authorization fields for none, in both orders', async () => {
    const { port } = await admin();
    for (const [one, other] of [
      [token, 'x'],
      ['x', token],
      [token, token],
    ]) {
      const fields = `Authorization: Bearer ${one}\r\nauthorization: Bearer ${other}`;
      const answer = await raw(port, `GET /status HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    }
  });

  it('tells the status of every part', async () => {
    const { ask } = await admin();
    const answer = await ask('/status');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      ready: true,
      version: '1.2.3',
      configuration: [{ part: 'policies', upstream: 'main', failure: null }],
      upstreams: [{ name: 'main', reachable: { http: true, grpc: true } }],
      audit: { records: 4711 },
      held: { bytes: 4096, capacity: 1_000_000 },
    });
  });

  it('tells why the last reload was refused', async () => {
    const problem = { file: 'a.yaml', line: 3, path: 'allow', message: 'm', remedy: 'r' };
    const failure = { at: '2026-11-22T15:05:00.000Z', problems: [problem] };
    const [part] = stateWith().configuration;
    const state = stateWith({ configuration: part ? [{ ...part, failure }] : [] });
    const { ask } = await admin(actionsWith(), state);
    expect(await (await ask('/status')).json()).toMatchObject({ configuration: [{ failure }] });
  });

  it('lists keys and the state of the audit log', async () => {
    const { ask } = await admin();
    expect(await (await ask('/keys')).json()).toEqual([{ id: 'k7Q2', name: 'rag' }]);
    expect(await (await ask('/audit')).json()).toMatchObject({ ready: true, queue: 3 });
  });

  it('is open for liveness and readiness', async () => {
    const { ask } = await admin();
    expect((await ask('/healthz', { headers: {} })).status).toBe(200);
    expect((await ask('/readyz', { headers: {} })).status).toBe(200);
  });

  it.each(unready)('is not ready while %s', async (_, changes) => {
    const { ask } = await admin(actionsWith(), stateWith(changes));
    expect((await ask('/readyz', { headers: {} })).status).toBe(503);
    expect((await ask('/healthz', { headers: {} })).status).toBe(200);
    expect(await (await ask('/status')).json()).toMatchObject({ ready: false });
  });
});

describe('/policy/explain', () => {
  it('hands the question over and the answer back', async () => {
    const actions = actionsWith();
    const { ask } = await admin(actions);
    const answer = await ask('/policy/explain?key=k7Q2&operation=points.query&collection=a%2Fb');
    expect(await answer.json()).toEqual({ effect: 'deny', rule: null, needs: [] });
    expect(actions.explain).toHaveBeenCalledWith({
      upstream: null,
      key: 'k7Q2',
      operation: 'points.query',
      collection: 'a/b',
      database: null,
    });
  });

  it.each([
    '',
    '?key=k7Q2',
    '?operation=points.query',
    '?key=&operation=points.query',
    '?key=a&key=b&operation=points.query',
    '?key=a&operation=points.query&role=admin',
  ])('refuses a question it would have to guess at: %s', async (query) => {
    const actions = actionsWith();
    const { ask } = await admin(actions);
    expect((await ask(`/policy/explain${query}`)).status).toBe(400);
    expect(actions.explain).not.toHaveBeenCalled();
  });

  it('says what is not there', async () => {
    const explain = () => {
      throw new RangeError('there is no key zz');
    };
    const { ask } = await admin(actionsWith({ explain }));
    const answer = await ask('/policy/explain?key=zz&operation=points.query');
    expect(answer.status).toBe(404);
    expect(await answer.text()).toBe('there is no key zz\n');
  });

  it('keeps its faults to itself and the log', async () => {
    const fault = new Error('secret in the stack');
    const explain = () => {
      throw fault;
    };
    const actions = actionsWith({ explain });
    const { ask } = await admin(actions);
    const answer = await ask('/policy/explain?key=zz&operation=points.query');
    expect(answer.status).toBe(500);
    expect(await answer.text()).toBe('Internal error\n');
    expect(actions.onFault).toHaveBeenCalledWith(fault);
  });
});

describe('/reload and /drain', () => {
  it('act on POST, once', async () => {
    const actions = actionsWith();
    const { ask } = await admin(actions);
    const reloaded = await ask('/reload', { method: 'POST' });
    expect([reloaded.status, await reloaded.json()]).toEqual([200, { ok: true, problems: [] }]);
    expect((await ask('/drain', { method: 'POST' })).status).toBe(202);
    expect(actions.reload).toHaveBeenCalledOnce();
    expect(actions.drain).toHaveBeenCalledOnce();
  });

  it('do not act on GET', async () => {
    const actions = actionsWith();
    const { ask } = await admin(actions);
    for (const path of ['/reload', '/drain']) expect((await ask(path)).status).toBe(405);
    expect(actions.reload).not.toHaveBeenCalled();
    expect(actions.drain).not.toHaveBeenCalled();
  });

  it('tell what stood against a reload', async () => {
    const problem = { file: 'a.yaml', line: 3, path: 'allow', message: 'm', remedy: 'r' };
    const { ask } = await admin(actionsWith({ reload: async () => [problem] }));
    const answer = await ask('/reload', { method: 'POST' });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toEqual({ ok: false, problems: [problem] });
  });
});

describe('what else reaches the admin port', () => {
  it.each([
    '/',
    '/status/',
    '//status',
    '/status/../keys',
    '/%73tatus',
    '/STATUS',
    '/__proto__',
    '/metrics',
  ])('is not found: %s', async (path) => {
    const { port } = await admin();
    const request = `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n`;
    const answer = await raw(port, `${request}Authorization: Bearer ${token}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE'])(
    'is no method: %s',
    async (method) => {
      const { port } = await admin();
      const request = `${method} /status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n`;
      const answer = await raw(port, `${request}Authorization: Bearer ${token}\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 405 /);
    },
  );

  it('is cut off after 64 KiB of body, before anything acts', async () => {
    const actions = actionsWith();
    const { port } = await admin(actions);
    const head = `POST /reload HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n`;
    const body = 'x'.repeat(64 * 1024 + 1);
    const answer = await raw(port, `${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(actions.reload).not.toHaveBeenCalled();
  });

  it('is refused with more than 8 KiB of header', async () => {
    const { port } = await admin();
    const answer = await raw(
      port,
      `GET /healthz HTTP/1.1\r\nHost: a\r\nx: ${'y'.repeat(9000)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('is refused where it can be read in two ways', async () => {
    const { port } = await admin();
    const head = `POST /drain HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n`;
    const both = 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
    expect(await raw(port, head + both)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('is not asked for its body', async () => {
    const actions = actionsWith();
    const { port } = await admin(actions);
    const head = `POST /drain HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n`;
    const answer = await raw(port, `${head}Expect: 100-continue\r\nContent-Length: 0\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 417 /);
    expect(actions.drain).not.toHaveBeenCalled();
  });
});

import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { makeAdminToken } from '../../src/admin/admin-token.ts';
import { hasRole } from '../../src/admin/administrator.ts';
import { Objection } from '../../src/admin/objection.ts';
import { oneTimeCode } from '../../src/admin/one-time-code.ts';
import { problemSchema } from '../../src/admin/problem-reply.ts';
import { Refusal } from '../../src/refusal.ts';
import { found } from '../support/canaries.ts';
import { administrators, everyRoute, openScene, post, sharedToken, tokens, totp } from './scene.ts';
import { stateWith, unready } from './state.ts';

const routes = everyRoute();
const guarded = routes.filter(({ role }) => role !== null);
const changing = guarded.filter(({ changes }) => changes);
const order = { name: 'rag', roles: ['search'] };
const bodies: Readonly<Record<string, unknown>> = {
  'keys.create': order,
  'keys.import': { ...order, key: 'a-key-that-others-made' },
  'keys.rotate': {},
};
const question = '?key=k7Q2&operation=points.query';

/** A call of each route that is read well. */
function callOf(name: string, path: string, method: string) {
  const target = path.replace(/\{\w+\}/, 'k7Q2') + (name === 'policy.explain' ? question : '');
  return { target, init: method === 'POST' ? post(bodies[name]) : ({} as RequestInit) };
}

const calls = guarded.map(({ name, path, method }) => [name, callOf(name, path, method)] as const);
const code = () => ({ 'x-vectorgate-code': oneTimeCode(totp, Date.now()) });
const withCode = (init: RequestInit): RequestInit => ({
  ...init,
  headers: { ...(init.headers as Record<string, string>), ...code() },
});

describe('without a credential that counts', () => {
  const tries: Record<string, string>[] = [
    { authorization: '' },
    { authorization: 'Bearer ' },
    { authorization: 'Bearer wrong-token-0123456789' },
    { authorization: `Basic ${sharedToken}` },
    { authorization: `Bearer ${sharedToken}x` },
    { authorization: `Bearer ${makeAdminToken()}` },
    { authorization: `Bearer ${tokens.viewer.slice(0, -1)}` },
    { authorization: '', 'api-key': sharedToken },
    { authorization: '', 'x-vectorgate-code': '000000' },
  ];

  it.each([...calls, ['nothing', { target: '/nothing', init: {} as RequestInit }] as const])(
    '%s does nothing, and tells nothing',
    async (_, { target, init }) => {
      const { ask, keys, run, begin } = await openScene();
      for (const headers of tries) {
        const answer = await ask(target, {
          ...init,
          headers: { ...(init.headers as object), ...headers },
        });
        expect(answer.status).toBe(401);
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
        expect(problemSchema.parse(await answer.json()).code).toBe('not-authenticated');
      }
      for (const action of [...Object.values(keys), ...Object.values(run), begin]) {
        expect(action).not.toHaveBeenCalled();
      }
    },
  );

  it('two authorization fields are none, in both orders', async () => {
    const { raw } = await openScene();
    for (const [one, other] of [
      [sharedToken, 'x'],
      ['x', sharedToken],
      [sharedToken, sharedToken],
    ]) {
      const fields = `Authorization: Bearer ${one}\r\nauthorization: Bearer ${other}`;
      const answer = await raw(
        `GET /status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    }
  });

  it('liveness and readiness are open, and not recorded', async () => {
    const { ask, begin, deny } = await openScene();
    const headers = { authorization: '' };
    expect((await ask('/healthz', { headers })).status).toBe(200);
    expect((await ask('/readyz', { headers })).status).toBe(200);
    expect(begin).not.toHaveBeenCalled();
    expect(deny).not.toHaveBeenCalled();
  });

  it('guesses at the shared token are slowed down, and shut nobody else out', async () => {
    const now = () => 1_000_000;
    const { ask } = await openScene({ now });
    const heard = [];
    for (let at = 0; at < 14; at++) heard.push((await ask('/status', {}, `guess-${at}`)).status);
    expect(heard).toEqual([...Array(10).fill(401), ...Array(4).fill(429)]);
    expect((await ask('/status', {}, sharedToken)).status).toBe(429);
    expect((await ask('/status', {}, tokens.viewer)).status).toBe(200);
  });

  it('nobody’s guesses keep out whoever has a shared token that cannot be guessed', async () => {
    const made = makeAdminToken();
    const { ask } = await openScene({ now: () => 1_000_000, gate: { shared: () => made } });
    for (let at = 0; at < 400; at++) await ask('/status', {}, `guess-${at}`);
    expect((await ask('/status', {}, made)).status).toBe(200);
    expect((await ask('/status', {}, makeAdminToken())).status).toBe(401);
  });

  it('guesses may be made again after a while', async () => {
    let time = 1_000_000;
    const { ask } = await openScene({ now: () => time });
    for (let at = 0; at < 12; at++) await ask('/status', {}, `guess-${at}`);
    time += 1000;
    expect((await ask('/status')).status).toBe(200);
  });
});

describe('roles', () => {
  const matrix = guarded.flatMap((route) =>
    administrators.map((who) => [who.name, route.name, who, route] as const),
  );

  it.each(matrix)('%s at %s', async (_, __, who, route) => {
    const { ask, begin, deny, keys, run } = await openScene();
    const { target, init } = callOf(route.name, route.path, route.method);
    const [role] = who.roles;
    const sent = route.fresh && who.totp ? withCode(init) : init;
    const answer = await ask(target, sent, tokens[role ?? 'viewer']);
    const administrator = {
      name: who.name,
      kind: 'token',
      subject: null,
      roles: who.roles,
    } as const;
    const may = hasRole(administrator, route.role ?? 'viewer');
    expect(may).toBe(route.role === 'viewer' || route.role === role);
    if (may) {
      expect(Object.keys(route.answers).map(Number)).toContain(answer.status);
      expect(begin).toHaveBeenCalledOnce();
      expect(begin.mock.calls[0]?.[0]).toMatchObject({ operation: `admin.${route.name}` });
      expect(begin.mock.calls[0]?.[1].name).toBe(who.name);
      return;
    }
    expect(answer.status).toBe(403);
    expect(deny.mock.calls[0]?.[1]?.name).toBe(who.name);
    expect(deny.mock.calls[0]?.[2].code).toBe('not-permitted');
    expect(begin).not.toHaveBeenCalled();
    const { knows: _asked, ...acting } = keys;
    for (const action of [...Object.values(acting), ...Object.values(run)]) {
      expect(action).not.toHaveBeenCalled();
    }
  });

  it('of the shared token are all of them, and each use is told', async () => {
    const { ask, brokeGlass, begin } = await openScene();
    for (const [, { target, init }] of calls) {
      expect((await ask(target, init)).status).toBeLessThan(300);
    }
    expect(brokeGlass).toHaveBeenCalledTimes(calls.length);
    expect(begin.mock.calls.every(([, who]) => who.kind === 'break-glass')).toBe(true);
  });
});

describe('what changes keys', () => {
  it('asks whoever has a token for a one-time code, which counts once', async () => {
    const { ask, keys } = await openScene();
    const fresh = withCode(post(order));
    const token = tokens['key-manager'];
    const stale = await ask('/keys', post(order), token);
    expect(stale.status).toBe(401);
    expect(stale.headers.get('www-authenticate')).toContain('insufficient_user_authentication');
    expect((await ask('/keys', post(order, { 'x-vectorgate-code': '12345' }), token)).status).toBe(
      401,
    );
    expect((await ask('/keys', fresh, token)).status).toBe(201);
    expect((await ask('/keys', fresh, token)).status).toBe(401);
    expect(keys.create).toHaveBeenCalledOnce();
  });

  it('cannot be had by guessing codes', async () => {
    const time = 1_700_000_000_000;
    const { ask, keys } = await openScene({ now: () => time });
    const token = tokens['key-manager'];
    const right = oneTimeCode(totp, time);
    const wrong = right === '000000' ? '000001' : '000000';
    for (let at = 0; at < 5; at++) {
      await ask('/keys', post(order, { 'x-vectorgate-code': wrong }), token);
    }
    const late = await ask('/keys', post(order, { 'x-vectorgate-code': right }), token);
    expect(late.status).toBe(401);
    expect(keys.create).not.toHaveBeenCalled();
  });

  it('is not done where the log cannot be written, while reading goes on', async () => {
    const audit = {
      begin: () => Promise.reject(new Refusal('audit-unavailable', 'the disk is full')),
    };
    const { ask, keys } = await openScene({ audit });
    const answer = await ask('/keys', post(order));
    expect([answer.status, (await answer.json()) as object]).toMatchObject([
      503,
      { code: 'audit-unavailable' },
    ]);
    expect(keys.create).not.toHaveBeenCalled();
  });

  it('says what is not possible, and records its end', async () => {
    const { ask, keys, ended } = await openScene();
    keys.revoke.mockRejectedValue(new Objection(404, 'there is no such key'));
    const answer = await ask('/keys/zz/revoke', post());
    expect(answer.status).toBe(404);
    expect(problemSchema.parse(await answer.json()).detail).toBe('there is no such key');
    expect(ended.mock.calls[0]?.[0]).toMatchObject({ status: 404 });
  });

  it.each([
    [{}, 'name'],
    [{ name: 'a', roles: [] }, 'roles'],
    [{ ...order, admin: true }, 'members that are not known'],
    [{ ...order, expires: 'soon' }, 'expires'],
    [{ ...order, sources: ['example.com'] }, 'sources'],
    [[order], 'the body'],
    ['text', 'the body'],
    [null, 'the body'],
    [JSON.parse('{"__proto__":{"name":"x"},"name":"a","roles":["r"]}'), 'not known'],
  ])('takes no body but its own: %j', async (body, said) => {
    const { ask, keys } = await openScene();
    const answer = await ask('/keys', post(body));
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).toContain(said);
    expect(keys.create).not.toHaveBeenCalled();
  });

  it('never repeats what it was sent', async () => {
    const { ask } = await openScene();
    const canary = 'canary-in-a-broken-body';
    const init = { ...post(), body: `{"${canary}": ${canary}`, headers: json };
    const answer = await ask('/keys/import', init);
    expect([answer.status, (await answer.text()).includes(canary)]).toEqual([400, false]);
    const stray = await ask('/keys/import', post({ ...order, [canary]: canary, key: canary }));
    expect([stray.status, (await stray.text()).includes(canary)]).toEqual([400, false]);
  });
});

const json = { 'content-type': 'application/json' };

describe('what a path names', () => {
  it('is recorded where there is such a key, whether the call is done or refused', async () => {
    const { ask, begin, deny } = await openScene();
    await ask('/keys/k7Q2/revoke', post());
    await ask('/keys/k7Q2/revoke', post(), tokens.viewer);
    expect(begin.mock.calls.map(([{ target }]) => target)).toEqual(['k7Q2']);
    expect(deny.mock.calls.map(([{ target }]) => target)).toEqual(['k7Q2']);
  });

  it.each([32, 33, 64])('is in no record where a secret of %i stands there', async (length) => {
    const canary = 'canaryOfAKeyThatApplicationsHadAlready0123456789AndLongerThanIds'.slice(
      -length,
    );
    const { ask, begin, deny, ended, brokeGlass, keys } = await openScene();
    for (const token of [sharedToken, tokens.viewer, tokens['key-manager'], 'nobody-0123456789']) {
      for (const path of ['revoke', 'rotate', 'nothing', '']) {
        const at = `/keys/${canary}/${path}`;
        for (const init of [post(), post({}), post({ odd: 1 }), { method: 'GET' }]) {
          expect(await (await ask(at, init, token)).text()).not.toContain(canary);
        }
      }
      keys.knows.mockResolvedValueOnce(false);
      await ask(`/keys/${canary}/revoke`, post(), token);
    }
    const records = [begin, deny, ended, brokeGlass].flatMap(({ mock }) => mock.calls);
    expect(found([JSON.stringify(records)], { canary })).toEqual([]);
    expect(deny).toHaveBeenCalled();
    if (length <= 32) expect(JSON.stringify(begin.mock.calls)).toContain('"target":"not-found"');
  });
});

describe('what a browser sends is refused, whatever page told it to', () => {
  const sent: readonly Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'same-origin' },
    { cookie: 'a=b' },
  ];

  it.each(sent)('%j', async (headers) => {
    const { raw, keys, run } = await openScene();
    const [[name, value] = ['', '']] = Object.entries(headers);
    for (const path of ['/keys', '/drain', '/reload']) {
      const answer = await raw(
        `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${name}: ${value}\r\n` +
          `Authorization: Bearer ${sharedToken}\r\nContent-Length: 0\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 403 /);
      expect(answer.toLowerCase()).not.toContain('access-control');
    }
    expect(keys.create).not.toHaveBeenCalled();
    expect(run.drain).not.toHaveBeenCalled();
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    'application/json; charset=utf-7',
    'application/jsonp',
  ])('a body of type %s', async (type) => {
    const { ask, keys } = await openScene();
    const init = { method: 'POST', body: JSON.stringify(order), headers: { 'content-type': type } };
    expect((await ask('/keys', init)).status).toBe(415);
    expect(keys.create).not.toHaveBeenCalled();
  });

  it('a question beforehand', async () => {
    const { ask } = await openScene();
    const answer = await ask('/keys', { method: 'OPTIONS' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the status', () => {
  it('tells of every part', async () => {
    const { ask } = await openScene();
    const answer = await ask('/status');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-request-id')).toMatch(/^request-/);
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
    const { ask } = await openScene({ state });
    expect(await (await ask('/status')).json()).toMatchObject({ configuration: [{ failure }] });
  });

  it.each(unready)('is not ready while %s', async (_, changes) => {
    const { ask } = await openScene({ state: stateWith(changes) });
    expect((await ask('/readyz', { headers: { authorization: '' } })).status).toBe(503);
    expect((await ask('/healthz', { headers: { authorization: '' } })).status).toBe(200);
    expect(await (await ask('/status')).json()).toMatchObject({ ready: false });
  });

  it('tells callers who they are', async () => {
    const { ask } = await openScene();
    expect(await (await ask('/whoami', {}, tokens.operator)).json()).toMatchObject({
      ...{ name: 'olga', kind: 'token', subject: null, roles: ['operator'], provenAt: null },
    });
  });
});

describe('/policy/explain', () => {
  it('hands the question over and the answer back', async () => {
    const { ask, run } = await openScene();
    const answer = await ask('/policy/explain?key=k7Q2&operation=points.query&collection=a%2Fb');
    expect(await answer.json()).toEqual({ effect: 'deny', rule: null, needs: [] });
    expect(run.explain).toHaveBeenCalledWith({
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
    '?key=a&operation=points.query&collection=',
  ])('refuses a question it would have to guess at: %s', async (query) => {
    const { ask, run } = await openScene();
    expect((await ask(`/policy/explain${query}`)).status).toBe(400);
    expect(run.explain).not.toHaveBeenCalled();
  });

  it('keeps its faults to itself and the log', async () => {
    const fault = new Error('secret in the stack');
    const { ask, run, onFault, ended } = await openScene();
    run.explain.mockImplementation(() => {
      throw fault;
    });
    const answer = await ask(`/policy/explain${question}`);
    expect(answer.status).toBe(500);
    expect(problemSchema.parse(await answer.json()).detail).toBe('Internal error');
    expect(onFault).toHaveBeenCalledWith(fault);
    expect(ended.mock.calls[0]?.[0]).toMatchObject({ status: 500 });
  });
});

describe('/reload and /drain', () => {
  it('act on POST, once', async () => {
    const { ask, run } = await openScene();
    const reloaded = await ask('/reload', post());
    expect([reloaded.status, await reloaded.json()]).toEqual([200, { ok: true, problems: [] }]);
    expect((await ask('/policy/reload', post())).status).toBe(200);
    expect((await ask('/drain', post())).status).toBe(202);
    expect(run.reload.mock.calls).toEqual([[null], ['policies']]);
    expect(run.drain).toHaveBeenCalledOnce();
  });

  it('do not act on GET', async () => {
    const { ask, run } = await openScene();
    for (const path of ['/reload', '/drain']) expect((await ask(path)).status).toBe(405);
    expect(run.reload).not.toHaveBeenCalled();
    expect(run.drain).not.toHaveBeenCalled();
  });

  it('tell what stood against a reload', async () => {
    const problem = { file: 'a.yaml', line: 3, path: 'allow', message: 'm', remedy: 'r' };
    const { ask, run } = await openScene();
    run.reload.mockResolvedValue([problem]);
    const answer = await ask('/reload', post());
    expect(answer.status).toBe(422);
    expect(await answer.json()).toEqual({ ok: false, problems: [problem] });
  });
});

describe('what else reaches the admin port', () => {
  const close = 'Host: a\r\nConnection: close\r\n';
  const authorised = `${close}Authorization: Bearer ${sharedToken}\r\n`;

  it.each([
    '/',
    '/status/',
    '//status',
    '/status/../keys',
    '/%73tatus',
    '/STATUS',
    '/__proto__',
    '/metrics',
    '/keys/{id}/revoke',
    '/keys//revoke',
    '/keys/../revoke',
    '/keys/a%2Fb/revoke',
    '/keys/a/revoke/',
    '/keys/a.b/revoke',
    '/keys/constructor',
    `/keys/${'a'.repeat(65)}/revoke`,
  ])('is not found: %s', async (path) => {
    const { raw, keys } = await openScene();
    for (const method of ['GET', 'POST']) {
      const answer = await raw(`${method} ${path} HTTP/1.1\r\n${authorised}\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    }
    expect(keys.revoke).not.toHaveBeenCalled();
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE'])(
    'is no method: %s',
    async (method) => {
      const { raw } = await openScene();
      const answer = await raw(`${method} /status HTTP/1.1\r\n${authorised}\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 405 /);
    },
  );

  it('is cut off after 64 KiB of body, before anything acts', async () => {
    const { raw, run } = await openScene();
    const head = `POST /reload HTTP/1.1\r\n${authorised}`;
    const body = 'x'.repeat(64 * 1024 + 1);
    const answer = await raw(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(run.reload).not.toHaveBeenCalled();
  });

  it('is refused with a body or a query that the call does not take', async () => {
    const { ask, run } = await openScene();
    expect((await ask('/reload', post({ all: true }))).status).toBe(400);
    expect((await ask('/reload?all=true', post())).status).toBe(400);
    expect(run.reload).not.toHaveBeenCalled();
  });

  it('is refused with more than 8 KiB of header', async () => {
    const { raw } = await openScene();
    const answer = await raw(`GET /healthz HTTP/1.1\r\nHost: a\r\nx: ${'y'.repeat(9000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('is refused where it can be read in two ways', async () => {
    const { raw } = await openScene();
    const both = 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
    expect(await raw(`POST /drain HTTP/1.1\r\n${authorised}${both}`)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('is not asked for its body', async () => {
    const { raw, run } = await openScene();
    const answer = await raw(
      `POST /drain HTTP/1.1\r\n${authorised}Expect: 100-continue\r\nContent-Length: 0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 417 /);
    expect(run.drain).not.toHaveBeenCalled();
  });
});

describe('the description', () => {
  it('has every route and nothing else, with who may and what it takes', async () => {
    const { ask } = await openScene();
    const described = (await (await ask('/openapi.json')).json()) as {
      openapi: string;
      paths: Record<string, Record<string, Record<string, unknown>>>;
    };
    expect(described.openapi).toBe('3.1.0');
    const operations = Object.entries(described.paths).flatMap(([path, at]) =>
      Object.entries(at).map(([method, operation]) => ({
        ...{ name: operation['operationId'], path, method: method.toUpperCase() },
        role: operation['x-role'] ?? null,
        fresh: operation['x-fresh-credential'] ?? false,
        body: operation['requestBody'] !== undefined,
      })),
    );
    const served = routes.map(({ name, path, method, role, fresh, body }) => {
      return { name, path, method, role, fresh, body: body !== null };
    });
    expect(operations).toEqual(expect.arrayContaining(served));
    expect(operations).toHaveLength(served.length);
    expect(changing.every(({ role }) => role !== 'viewer')).toBe(true);
  });

  it('describes what is answered', async () => {
    const { ask } = await openScene();
    for (const route of guarded) {
      const { target, init } = callOf(route.name, route.path, route.method);
      const answer = await ask(target, init);
      const { schema = null } = route.answers[answer.status] ?? {};
      expect(schema, route.name).toBeInstanceOf(z.ZodType);
      expect(() => schema?.parse(undefined), route.name).toThrow();
      const body: unknown = await answer.json();
      expect(schema?.safeParse(body).error, route.name).toBeUndefined();
    }
  });
});

describe('one-time codes', () => {
  it('are those of RFC 6238, appendix B', () => {
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    const at = (seconds: number) => oneTimeCode(secret, seconds * 1000);
    expect([at(59), at(1111111109), at(1234567890), at(20000000000)]).toEqual([
      ...['287082', '081804', '005924', '353130'],
    ]);
  });
});

vi.setConfig({ testTimeout: 15_000 });

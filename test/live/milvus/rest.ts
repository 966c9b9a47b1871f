import { readFileSync } from 'node:fs';
import { request as askPlainly } from 'node:http';
import { request as askSecurely } from 'node:https';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Recorded, recorded, verdicts } from '../../catalog/milvus/recorded-rest.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import type { RealMilvus } from '../../support/milvus/real.ts';

type Request = Recorded['request'];

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

const policies = {
  admin: [
    'allow:',
    '  - { databases: ["*"], collections: ["*"], access: m }',
    '  - { databases: ["*"], access: [list, manage, admin] }',
  ].join('\n'),
  r: 'allow:\n  - { collections: [products], access: r }',
  other: 'allow:\n  - { databases: [acme], collections: ["*"], access: m }',
};
const post = (path: string, body: object | string): Request => ({
  ...{ method: 'POST', target: `/v1/vector/${path}`, headers: {} },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const list: Request = { method: 'GET', target: '/v1/vector/collections', headers: {}, body: null };
const search = post('search', { collectionName: 'products', vector: [0.1, 0.2, 0.3, 0.4] });
const insert = post(
  'insert',
  '{"collectionName":"products","data":[{"city":"Oslo","vector":[0.1,0.2,0.3,0.4]}]}',
);

/** REST v1 before this Milvus: what three callers may do, and that what passes is answered as the
 * bare server answers it. */
export function tellRest(open: () => Promise<RealMilvus>): void {
  let database: RealMilvus;
  let gateway: TestGateway;

  const as = (role: keyof typeof policies, what: Request) =>
    send(gateway.grpc(), { ...what, headers: { ...what.headers, ...bearer(role) } }, gateway);
  const bearer = (role: string) => ({ Authorization: `Bearer any:${gateway.keys[role] ?? ''}` });
  const bare = (what: Request) =>
    send(`http://${database.address}`, {
      ...what,
      headers: { ...what.headers, Authorization: 'Bearer root:Milvus' },
    });

  beforeAll(async () => {
    database = await open();
    const keys = Object.fromEntries(Object.keys(policies).map((role) => [role, { roles: [role] }]));
    gateway = await startGateway({ database, policies, keys });
  });
  afterAll(async () => {
    await gateway?.stop();
    await database?.close();
  });

  it('an admin makes collections and fills one, whose ids no double can hold', async () => {
    for (const collectionName of ['products', 'docs2']) {
      const made = await as('admin', post('collections/create', { collectionName, dimension: 4 }));
      expect([made.status, JSON.parse(made.body)['code']]).toEqual([200, 200]);
    }
    const { status, body } = await as('admin', insert);
    expect([status, JSON.parse(body)]).toMatchObject([
      200,
      { code: 200, data: { insertCount: 1 } },
    ]);
    const id = /"insertIds":\["(\d+)"\]/.exec(body)?.[1] ?? '';
    expect(Number(id)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    const get = post('get', `{"collectionName":"products","id":${id},"outputFields":["city"]}`);
    const seen = async () => {
      const found = JSON.parse((await as('r', get)).body);
      expect(found).toEqual({ code: 200, data: [{ city: 'Oslo', id }] });
    };
    await vi.waitFor(seen, { timeout: 60_000, interval: 500 });
  });

  it('a reader finds it and changes nothing', async () => {
    expect((await as('r', search)).status).toBe(200);
    expect(JSON.parse((await as('r', list)).body)).toEqual({ code: 200, data: ['products'] });
    const denied = await as('r', insert);
    expect([denied.status, JSON.parse(denied.body)['code']]).toEqual([403, 65535]);
  });

  it('a tenant of another database sees and reaches nothing of this one', async () => {
    expect(JSON.parse((await as('other', list)).body)).toEqual({ code: 200, data: [] });
    const [known, unknown] = await Promise.all(
      ['products', 'nothing'].map((collectionName) =>
        as('other', post('search', { collectionName, vector: [1, 2, 3, 4] })),
      ),
    );
    expect([known?.status, known?.body]).toEqual([403, unknown?.body]);
  });

  it('answers of the database lose what opens it to pages of any origin', async () => {
    const { headers } = await as('admin', list);
    const cors = Object.keys(headers).filter((name) => name.startsWith('access-control'));
    expect(cors).toEqual([]);
    const preflight = await as('admin', { ...list, method: 'OPTIONS' });
    expect(preflight.status).toBe(404);
  });

  it.each(recorded)('decides as recorded: $case', async ({ case: name, request }) => {
    const [verdict] = verdicts[name] ?? [''];
    const through = await as('admin', request);
    const refused = { 'unreadable-request': 400, 'unknown-operation': 404 }[verdict];
    if (refused !== undefined) {
      expect(through.status).toBe(refused);
      return;
    }
    if (verdict.startsWith('write') || verdict.startsWith('manage')) return;
    const direct = await bare(request);
    expect([through.status, sorted(through.body)]).toEqual([direct.status, sorted(direct.body)]);
  });
}

/** Milvus lists collections in any order. */
function sorted(body: string): unknown {
  const read = JSON.parse(body) as { data?: unknown };
  const names = Array.isArray(read.data) && read.data.every((each) => typeof each === 'string');
  return names ? { ...read, data: (read.data as string[]).toSorted() } : read;
}

function send(base: string, what: Request, gateway?: TestGateway): Promise<Answer> {
  const { method, target, headers, body } = what;
  const secured = gateway ? { ca: readFileSync(gateway.certificates.ca) } : {};
  const ask = gateway ? askSecurely : askPlainly;
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const length = body === null ? {} : { 'content-length': Buffer.byteLength(body) };
    const options = { hostname, port, path: target, method, ...secured, agent: false };
    const sent = ask({ ...options, headers: { ...headers, ...length } }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part)).on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text });
      });
    });
    sent.on('error', reject).end(body ?? undefined);
  });
}

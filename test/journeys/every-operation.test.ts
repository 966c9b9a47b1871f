import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  framed,
  openGrpc,
  openRest,
  type RawCaller,
  type RawClient,
  type RawRequest,
} from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { type AuditRecord, namesIn } from '../support/gateway-audit.ts';
import { runCli } from '../support/gateway-cli.ts';
import { type Asked, type Double, openDouble } from '../support/gateway-double.ts';
import { cases, every, messageOf, pathOf } from './stories/operation-cases.ts';

interface Listed {
  readonly operation: string;
  readonly action: string;
  readonly http: readonly string[];
  readonly grpc: readonly string[];
  readonly passes: boolean;
}

const catalogue = JSON.parse((await runCli('catalog', 'list', '--json')).stdout) as Listed[];
const asked = catalogue.filter(({ passes, action }) => passes && action !== 'public');
const local = catalogue.filter(({ passes, action }) => passes && action === 'public');
const closed = catalogue.filter(({ passes }) => !passes);

/** Lists that name no collection need no more than an identity, and are trimmed to what it may see. */
const lists: ReadonlySet<string> = new Set(['collections.list', 'aliases.list']);

const overRest = (rows: readonly Listed[]) =>
  rows.flatMap(({ operation, http }) => http.map((route) => ({ operation, route })));
const overGrpc = (rows: readonly Listed[]) =>
  rows.flatMap(({ operation, grpc }) => grpc.map((path) => ({ operation, path })));

let double: Double;
let gateway: TestGateway;
let rest: RawClient;
let grpc: RawCaller;

beforeAll(async () => {
  const lists = Buffer.from('{"result":{"collections":[],"aliases":[]},"status":"ok","time":0}');
  const numbers = Buffer.from(
    '{"result":{"collections":{"collections":[]}},"status":"ok","time":0}',
  );
  const answer = (target: string) => (target.endsWith('/telemetry') ? numbers : lists);
  double = await openDouble(({ protocol, target }) =>
    protocol === 'http'
      ? { status: 200, fields: { 'content-type': 'application/json' }, body: answer(target) }
      : {
          status: 200,
          fields: { 'content-type': 'application/grpc' },
          body: framed(new Uint8Array(0)),
          trailers: { 'grpc-status': '0' },
        },
  );
  gateway = await startGateway({
    database: double,
    policies: {
      admin: 'allow: [{ collections: ["*"], access: [m, admin] }, { access: [observe, admin] }]',
      none: 'allow: [{ collections: [another], access: [m, admin] }]',
    },
    keys: { admin: { roles: ['admin'] }, none: { roles: ['none'] } },
  });
  rest = openRest(gateway);
  grpc = openGrpc(gateway);
});
afterAll(async () => {
  rest.close();
  grpc.close();
  await gateway.stop();
  await double.close();
});

afterEach(() => void taken());

const keyOf = (name: string) => gateway.keys[name] ?? null;

/** What has come to the database since this was last asked. */
function taken(): Asked[] {
  return double.asked.splice(0);
}

async function recordsOf(request: unknown, count: number): Promise<readonly AuditRecord[]> {
  const records = () => gateway.audit().filter((record) => record.request === request);
  await expect.poll(() => records().length).toBe(count);
  return records();
}

function requestFor(operation: string, route: string): RawRequest & { readonly path: string } {
  const [method = '', pattern = ''] = route.split(' ');
  const { json, form } = cases[operation] ?? {};
  const path = pathOf(pattern);
  if (!form) return { method, path, ...(json === undefined ? {} : { body: JSON.stringify(json) }) };
  const headers = { 'content-type': 'multipart/form-data; boundary=b' };
  const part = 'Content-Disposition: form-data; name="snapshot"; filename="x.snapshot"';
  return { method, path, headers, body: `--b\r\n${part}\r\n\r\nbytes\r\n--b--\r\n` };
}

it('has a case for each operation that reaches the database, and no other', () => {
  expect(Object.keys(cases).sort()).toEqual(asked.map(({ operation }) => operation).sort());
  for (const { operation, grpc: methods } of asked) {
    expect([operation, cases[operation]?.message !== undefined]).toEqual([
      operation,
      methods.length > 0,
    ]);
  }
});

describe('an operation that is allowed', () => {
  it.each(overRest(asked))('over REST: $operation ($route)', async ({ operation, route }) => {
    const { method, path, body = '', headers } = requestFor(operation, route);
    const sent = { path, ...(body === '' ? {} : { body }), ...(headers ? { headers } : {}) };
    const heard = await rest.ask({ method: method ?? 'GET', ...sent, key: keyOf('admin') });
    expect([heard.status, heard.body.toString('utf8', 0, 10)]).toEqual([200, '{"result":']);
    const [came, ...more] = taken();
    expect(more).toEqual([]);
    expect([came?.method, came?.target, came?.body.toString()]).toEqual([method, path, body]);
    expect(came?.fields).toMatchObject({
      'api-key': double.credential,
      'x-request-id': heard.headers['x-request-id'],
    });
    const [intent, outcome] = await recordsOf(heard.headers['x-request-id'], 2);
    expect(intent).toMatchObject({ kind: 'intent', operation, principal: { name: 'admin' } });
    expect(outcome).toMatchObject({ kind: 'outcome', status: 200 });
    const names = path.includes(`/${every}`) || body.toString().includes(every);
    expect(namesIn(intent?.collections).includes(every)).toBe(names);
  });

  it.each(overGrpc(asked))('over gRPC: $operation ($path)', async ({ operation, path }) => {
    const message = messageOf(cases[operation]?.message ?? ['']);
    const heard = await grpc.call(path, message, keyOf('admin'));
    expect([heard.status, heard.message]).toEqual([0, '']);
    const [came, ...more] = taken();
    expect(more).toEqual([]);
    expect([came?.target, came?.body.toString('hex')]).toEqual([
      path,
      framed(message).toString('hex'),
    ]);
    expect(came?.fields['api-key']).toBe(double.credential);
    const [intent, outcome] = await recordsOf(heard.headers['x-request-id'], 2);
    expect(intent).toMatchObject({ kind: 'intent', operation, principal: { name: 'admin' } });
    expect(outcome).toMatchObject({ kind: 'outcome', status: 0 });
    const names = Buffer.from(message).includes(every);
    expect(namesIn(intent?.collections).includes(every)).toBe(names);
  });
});

describe('an operation that is not allowed', () => {
  const denied = asked.filter(({ operation }) => !lists.has(operation));

  it.each(overRest(denied))('over REST: $operation ($route)', async ({ operation, route }) => {
    const heard = await rest.ask({ ...requestFor(operation, route), key: keyOf('none') });
    expect([heard.status, heard.headers['x-vectorgate-refusal']]).toEqual([403, 'not-permitted']);
    expect(taken()).toEqual([]);
    const [denial] = await recordsOf(heard.headers['x-request-id'], 1);
    expect(denial).toMatchObject({ kind: 'denial', operation, principal: { name: 'none' } });
  });

  it.each(overGrpc(denied))('over gRPC: $operation ($path)', async ({ operation, path }) => {
    const message = messageOf(cases[operation]?.message ?? ['']);
    const heard = await grpc.call(path, message, keyOf('none'));
    expect([heard.status, heard.headers['x-vectorgate-refusal']]).toEqual([7, 'not-permitted']);
    expect(taken()).toEqual([]);
    const [denial] = await recordsOf(heard.headers['x-request-id'], 1);
    expect(denial).toMatchObject({ kind: 'denial', operation, principal: { name: 'none' } });
  });

  it.each(overRest(asked))('over REST, for nobody: $operation ($route)', async (one) => {
    const heard = await rest.ask({ ...requestFor(one.operation, one.route), key: null });
    expect([heard.status, taken()]).toEqual([401, []]);
  });

  it.each(overGrpc(asked))('over gRPC, for nobody: $operation ($path)', async (one) => {
    const message = messageOf(cases[one.operation]?.message ?? ['']);
    const heard = await grpc.call(one.path, message, null);
    expect([heard.status, taken()]).toEqual([16, []]);
  });
});

describe('a list that names no collection', () => {
  it.each([...lists])('%s passes for whoever is known, and is audited', async (operation) => {
    const row = asked.find((each) => each.operation === operation);
    const heard = await rest.ask({
      ...requestFor(operation, row?.http[0] ?? ''),
      key: keyOf('none'),
    });
    expect([heard.status, taken().length]).toEqual([200, 1]);
    await recordsOf(heard.headers['x-request-id'], 2);
  });
});

describe('an operation that needs nobody', () => {
  it.each(overRest(local))('$operation ($route) is answered by the gateway', async ({ route }) => {
    const [method = '', path = ''] = route.split(' ');
    const heard = await rest.ask({ method, path });
    expect([heard.status, taken()]).toEqual([200, []]);
    await recordsOf(heard.headers['x-request-id'], 0);
  });

  it.each(overGrpc(local))('$operation ($path) is answered by the gateway', async ({ path }) => {
    const heard = await grpc.call(path, new Uint8Array(0), null);
    expect([heard.status, taken()]).toEqual([0, []]);
  });
});

/** Closed because the gateway does not do such a thing at all: read as what does not exist. */
const strange: ReadonlySet<string> = new Set([
  'webui.index',
  'webui.asset',
  'cors.preflight',
  'grpc.reflection_v1',
  'grpc.reflection_v1alpha',
]);

describe('an operation that is closed to everybody', () => {
  const onThisPort = overRest(closed).filter(({ route }) => / \//.test(route));
  /** What is internal on a port of its own may have the path of what is not. */
  const own = overGrpc(closed).filter(
    ({ path }) => !local.some(({ grpc: all }) => all.includes(path)),
  );

  it.each(onThisPort)('over REST: $operation ($route)', async ({ operation, route }) => {
    const [method = '', pattern = ''] = route.split(' ');
    const heard = await rest.ask({ method, path: pathOf(pattern), key: keyOf('admin') });
    const refused = strange.has(operation) ? [404, 'unknown-operation'] : [403, 'not-permitted'];
    expect([heard.status, heard.headers['x-vectorgate-refusal']]).toEqual(refused);
    expect(taken()).toEqual([]);
    const [denial] = await recordsOf(heard.headers['x-request-id'], 1);
    expect(denial).toMatchObject({ kind: 'denial', operation });
  });

  it.each(own)('over gRPC: $operation ($path)', async ({ operation, path }) => {
    const heard = await grpc.call(path, new Uint8Array(0), keyOf('admin'));
    const refused = strange.has(operation) ? [12, 'unknown-operation'] : [7, 'not-permitted'];
    expect([heard.status, heard.headers['x-vectorgate-refusal']]).toEqual(refused);
    expect(taken()).toEqual([]);
    const [denial] = await recordsOf(heard.headers['x-request-id'], 1);
    expect(denial).toMatchObject({ kind: 'denial', operation });
  });
});

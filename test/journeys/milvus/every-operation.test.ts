import type { ClientHttp2Session } from 'node:http2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  openGrpc,
  openRest,
  type RawCaller,
  type RawClient,
  type RawRequest,
} from '../../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { namesIn } from '../../support/gateway-audit.ts';
import { runCli } from '../../support/gateway-cli.ts';
import { type MilvusDouble, openMilvusDouble } from '../../support/milvus/double.ts';
import { alias, every, isClosed, messageTo, requestOn, seedEvery } from './operation-requests.ts';

interface Listed {
  readonly operation: string;
  readonly action: string;
  readonly http: readonly string[];
  readonly grpc: readonly string[];
  readonly passes: boolean;
}

const listed = await runCli('catalog', 'list', '--database', 'milvus', '--json');
const catalogue = JSON.parse(listed.stdout) as Listed[];
const [health, heartbeat] = ['health.check', 'telemetry.heartbeat'] as const;
const local: ReadonlySet<string> = new Set([health, heartbeat]);
const open = catalogue.filter(({ passes, operation }) => passes && !local.has(operation));

const overRest = open.flatMap(({ operation, action, http }) =>
  http.filter((route) => !isClosed(route)).map((route) => ({ operation, action, route })),
);
const overGrpc = open.flatMap(({ operation, action, grpc }) =>
  grpc.map((path) => ({ operation, action, path })),
);

const actions = ['list', 'read', 'write', 'schema', 'export', 'observe', 'manage', 'admin'];
const may = (access: readonly string[]) => {
  const text = `access: [${access.join(', ')}]`;
  const all = 'databases: ["*"]';
  return `allow:\n  - { ${all}, collections: ["*"], ${text} }\n  - { ${all}, ${text} }\n  - { ${text} }`;
};
/** What every identity may: to see nothing in a list, and what a session begins with. */
const forAll: ReadonlySet<string> = new Set([
  'cluster.health',
  'cluster.version',
  'collections.list',
  'databases.describe',
  'databases.list',
  'session.alloc_timestamp',
  'session.connect',
]);
const denied = <T extends { operation: string }>(rows: readonly T[]) =>
  rows.filter(({ operation }) => !forAll.has(operation));
/** What the gateway asks on its own, to know names and whether what may not be loaded is loaded. */
const own =
  /\/(ListDatabases|ShowCollections|ListAliases|DescribeAlias|GetLoadState|get_load_state)$/;

let double: MilvusDouble;
let gateway: TestGateway;
let rest: RawClient;
let grpc: RawCaller;

beforeAll(async () => {
  double = await openMilvusDouble({ lenient: true });
  seedEvery(double.store);
  const roles = actions.map((each) => [`no_${each}`, actions.filter((other) => other !== each)]);
  const policies = Object.fromEntries(
    [['all', actions] as const, ...roles].map(([role, access]) => [role, may(access as string[])]),
  );
  const keys = Object.fromEntries(Object.keys(policies).map((role) => [role, { roles: [role] }]));
  const limits = { failures: { delay: '0s' } };
  gateway = await startGateway({ database: double, policies, keys, limits });
  rest = openRest({ ...gateway, http: gateway.grpc });
  grpc = openGrpc(gateway);
});
afterAll(async () => {
  rest?.close();
  grpc?.close();
  await gateway?.stop();
  await double?.close();
});
beforeEach(() => {
  seedEvery(double.store);
  double.came.length = 0;
});

/** Whether its record names the collection: where an alias is moved too, and not where a grant
 * names it. */
function isNamed(operation: string, said: string): boolean {
  if (/^(roles|users)\./.test(operation)) return false;
  return said.includes(every) || (operation !== 'aliases.describe' && said.includes(alias));
}

const keyOf = (role: string) => gateway.keys[role] ?? null;
const arrived = (target: string) => double.came.filter((each) => each.target === target);
const reached = () => double.came.filter(({ target }) => !own.test(target));

async function recordsOf(request: unknown, count: number) {
  const records = () => gateway.audit().filter((record) => record.request === request);
  await expect.poll(() => records().length).toBe(count);
  return records();
}

async function expectRecorded(request: unknown, operation: string, named: boolean, status: number) {
  const [intent, outcome] = await recordsOf(request, 2);
  expect(intent).toMatchObject({ kind: 'intent', operation, principal: { name: 'all' } });
  expect(outcome).toMatchObject({ kind: 'outcome', status });
  expect(namesIn(intent?.collections).includes(every)).toBe(named);
}

/** Who may list a collection and not load it is told whether it is loaded, which is a record of its own
 * kind. */
async function expectDenied(request: unknown, operation: string) {
  const records = () => gateway.audit().filter((record) => record.request === request);
  await expect.poll(() => records().length).toBeGreaterThan(0);
  if (operation !== 'collections.load') {
    expect(records()).toMatchObject([{ kind: 'denial', operation }]);
  }
}

describe('who may do everything passes', () => {
  it.each(overRest)('over REST: $operation ($route)', async ({ operation, route }) => {
    const request = requestOn(route);
    const { status, headers } = await rest.ask({ ...request, key: keyOf('all') });
    expect([status, headers['x-vectorgate-refusal']]).toEqual([200, undefined]);
    const [came, ...more] = arrived(request.path);
    expect(more).toEqual([]);
    expect(came?.field('authorization')).toBe('Bearer root:Milvus');
    const { path, body = path } = request;
    const named = isNamed(operation, body);
    await expectRecorded(headers['x-request-id'], operation, named, 200);
  });

  it.each(overGrpc)('over gRPC: $operation ($path)', async ({ operation, path }) => {
    const message = messageTo(path);
    const { status, headers } = await grpc.call(path, message, keyOf('all'));
    expect([status, headers['x-vectorgate-refusal']]).toEqual([0, undefined]);
    const came = arrived(path);
    expect(came.length).toBeGreaterThan(0);
    const root = Buffer.from('root:Milvus').toString('base64');
    expect(came.map(({ field }) => field('authorization'))).toEqual(came.map(() => root));
    const named = isNamed(operation, message.toString('latin1'));
    await expectRecorded(headers['x-request-id'], operation, named, 0);
  });
});

describe('who may do everything but that is refused', () => {
  it.each(denied(overRest))(
    'over REST: $operation ($route)',
    async ({ operation, action, route }) => {
      const heard = await rest.ask({ ...requestOn(route), key: keyOf(`no_${action}`) });
      expect([heard.status, heard.headers['x-vectorgate-refusal']]).toEqual([403, 'not-permitted']);
      expect(reached()).toEqual([]);
      await expectDenied(heard.headers['x-request-id'], operation);
    },
  );

  it.each(denied(overGrpc))(
    'over gRPC: $operation ($path)',
    async ({ operation, action, path }) => {
      const heard = await grpc.call(path, messageTo(path), keyOf(`no_${action}`));
      expect([heard.status, heard.headers['x-vectorgate-refusal']]).toEqual([7, 'not-permitted']);
      expect(reached()).toEqual([]);
      await expectDenied(heard.headers['x-request-id'], operation);
    },
  );

  it.each(overRest.filter(({ operation }) => forAll.has(operation)))(
    'but for what every identity may, over REST: $route',
    async ({ route }) => {
      const heard = await rest.ask({ ...requestOn(route), key: keyOf('no_list') });
      expect(heard.status).toBe(200);
    },
  );
});

describe('nobody', () => {
  it.each(overRest)('over REST: $operation ($route)', async ({ route }) => {
    const heard = await rest.ask({ ...requestOn(route), key: null });
    expect([heard.status, reached()]).toEqual([401, []]);
  });

  it.each(overGrpc)('over gRPC: $operation ($path)', async ({ path }) => {
    const heard = await grpc.call(path, messageTo(path), null);
    expect([heard.status, reached()]).toEqual([16, []]);
  });

  it('hears that the gateway is alive', async () => {
    const [path = ''] = catalogue.find(({ operation }) => operation === health)?.grpc ?? [];
    expect((await grpc.call(path, new Uint8Array(0), null)).status).toBe(0);
    expect(reached()).toEqual([]);
  });

  it('hears nothing to a heartbeat, which whoever is known hears answered', async () => {
    const [path = ''] = catalogue.find(({ operation }) => operation === heartbeat)?.grpc ?? [];
    const beat = (key: string | null) => grpc.call(path, new Uint8Array(0), key);
    expect((await beat(null)).status).toBe(16);
    const heard = await beat(keyOf('no_list'));
    expect([heard.status, heard.body]).toEqual([0, Buffer.from([0, 0, 0, 0, 2, 0x0a, 0])]);
    expect(reached()).toEqual([]);
  });
});

describe('REST over HTTP/2', () => {
  it.each(overRest)('$operation ($route)', async ({ route }) => {
    const { path } = requestOn(route);
    expect(await askOn(grpc.session, { ...requestOn(route), key: keyOf('all') })).toBe(200);
    expect(arrived(path)).toHaveLength(1);
  });
});

describe('what is closed to everybody', () => {
  const closed = catalogue.filter(({ passes }) => !passes);
  const paths = closed.flatMap(({ grpc }) => grpc.map((path) => ({ path })));
  it.each(paths)('over gRPC: $path', async ({ path }) => {
    const heard = await grpc.call(path, new Uint8Array(0), keyOf('all'));
    expect(heard.headers['x-vectorgate-refusal']).toMatch(/^(not-permitted|unknown-operation)$/);
    expect([heard.status, reached()]).toEqual([7, []]);
  });

  const routes = catalogue.flatMap(({ http, passes }) =>
    http.filter((route) => !passes || isClosed(route)).map((route) => ({ route })),
  );
  it.each(routes)('over REST: $route', async ({ route }) => {
    const [method = '', path = ''] = route.split(' ');
    const heard = await rest.ask({ method, path, key: keyOf('all') });
    expect([403, 404]).toContain(heard.status);
    expect(reached()).toEqual([]);
  });
});

function askOn(session: ClientHttp2Session, { method, path, key, body }: RawRequest) {
  const fields = { ':method': method, ':path': path, ...(key ? { 'api-key': key } : {}) };
  return new Promise<unknown>((resolve, reject) => {
    const stream = session.request(fields as never, { endStream: body === undefined });
    let status: unknown;
    stream.on('response', (told) => {
      status = told[':status'];
    });
    stream
      .on('error', reject)
      .on('close', () => resolve(status))
      .resume();
    if (body !== undefined) stream.end(body);
  });
}

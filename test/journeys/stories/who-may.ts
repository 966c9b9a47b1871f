import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ThrownError } from '../../support/clients/vocabulary.ts';
import { type Client, clientKinds, startClient, Thrown } from '../../support/clients.ts';
import { naming, openGrpc, openRest } from '../../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { namesIn } from '../../support/gateway-audit.ts';
import type { OpenDatabase, TestDatabase } from '../../support/gateway-database.ts';

const pub = 'may-pub';
const sec = 'may-sec';

/** Every way a caller of this story is told no: the status on each protocol, and the sentence. */
const refusals = {
  access: { http: 403, grpc: 7, says: 'Forbidden: Access to collection % is required' },
  write: { http: 403, grpc: 7, says: 'Forbidden: Write access to collection % is required' },
  manage: { http: 403, grpc: 7, says: 'Forbidden: Manage access for this operation is required' },
  stranger: { http: 401, grpc: 16, says: 'Invalid API key or JWT' },
  nobody: { http: 401, grpc: 16, says: 'Must provide an API key or an Authorization bearer token' },
} as const;

/** `-`: not asked. */
type Said = keyof typeof refusals | 'yes' | '-';

/** What each caller hears of each call, in the order of `calls`. */
const table: Readonly<Record<string, readonly Said[]>> = {
  admin: ['yes', 'yes', 'yes', '-', 'yes', 'yes', 'yes'],
  rw: ['yes', 'yes', 'write', 'manage', 'access', 'access', 'access'],
  r: ['yes', 'write', 'write', 'manage', 'access', 'access', 'access'],
  'other tenant': Array(7).fill('access'),
  revoked: Array(7).fill('stranger'),
  expired: Array(7).fill('stranger'),
  'of another upstream': Array(7).fill('stranger'),
  forged: Array(7).fill('stranger'),
  'no key': Array(7).fill('nobody'),
};

const points = { first: 0, count: 2, size: 4 };
const calls = [
  { word: 'count', args: { collection: pub }, operation: 'points.count' },
  { word: 'upsert', args: { collection: pub, ...points }, operation: 'points.upsert' },
  { word: 'snapshots', args: { collection: pub }, operation: 'snapshots.list' },
  { word: 'drop', args: { collection: pub }, operation: 'collections.delete' },
  {
    word: 'search',
    args: { collection: sec, like: 1, limit: 1, size: 4 },
    operation: 'points.query',
  },
  { word: 'upsert', args: { collection: sec, ...points }, operation: 'points.upsert' },
  { word: 'drop', args: { collection: 'may-not-exist' }, operation: 'collections.delete' },
] as const;

/** What each client raises for a refusal. */
const exceptions: Readonly<Record<string, string>> = {
  'js-rest': 'ApiError',
  'js-grpc': 'ConnectError',
  'python-rest': 'UnexpectedResponse',
  'python-grpc': 'RpcError',
};

/** Who may do what: each caller hears of each call what the table says, through every client, and the
 * audit log knows of each refusal. */
export function tellWhoMay(open: OpenDatabase): void {
  let database: TestDatabase;
  let gateway: TestGateway;
  beforeAll(async () => {
    database = await open();
    gateway = await startGateway({
      database,
      others: ['other'],
      policies: {
        admin: 'allow: [{ collections: ["may-*"], access: m }]',
        rw: `allow: [{ collections: [${pub}], access: rw }]`,
        r: `allow: [{ collections: [${pub}], access: r }]`,
        tenant: 'allow: [{ collections: [tenant-docs], access: rw }]',
      },
      keys: {
        admin: { roles: ['admin'] },
        rw: { roles: ['rw'] },
        r: { roles: ['r'] },
        'other tenant': { roles: ['tenant'] },
        revoked: { roles: ['admin'], revoked: true },
        expired: { roles: ['admin'], expires: Date.now() - 1000 },
        'of another upstream': { roles: ['admin'], upstream: 'other' },
      },
    });
    const first = clientKinds[0] as (typeof clientKinds)[number];
    const client = startClient(first, gateway);
    const call = client.as(keyOf('admin'));
    for (const collection of [pub, sec]) await call('create', { collection, size: 4 });
    await client.close();
  });
  afterAll(async () => {
    const first = clientKinds[0] as (typeof clientKinds)[number];
    const client = startClient(first, gateway);
    for (const collection of [pub, sec]) await client.as(keyOf('admin'))('drop', { collection });
    await client.close();
    await gateway.stop();
    await database.close();
  });

  /** A forged key differs from a good one in its last sign. */
  const keyOf = (who: string): string | null => {
    if (who !== 'forged') return gateway.keys[who] ?? null;
    const key = gateway.keys['admin'] ?? '';
    return key.slice(0, -1) + (key.endsWith('x') ? 'y' : 'x');
  };

  describe.each(clientKinds)('through $name', (kind) => {
    let client: Client;
    beforeAll(() => {
      client = startClient(kind, gateway);
    });
    afterAll(() => client.close());

    it.each(Object.entries(table))('%s hears what the table says', async (who, says) => {
      for (const [at, { word, args }] of calls.entries()) {
        const said = says[at] as Said;
        if (said === '-') continue;
        const heard = await client
          .as(keyOf(who))(word, args as never)
          .then(() => null, thrown);
        if (said === 'yes') expect([word, heard]).toEqual([word, null]);
        else {
          expect([word, heard]).toEqual([word, expectedError(kind, said, args.collection)]);
          expectDenied(heard?.request ?? null, who, at);
        }
      }
    });
  });

  /** Nothing of it came to the database, and it is recorded as what it was. */
  function expectDenied(request: string | null, who: string, at: number): void {
    // Not every client lets its caller see the header fields of an answer.
    if (request === null) return;
    expect(database.touches?.filter(({ requestId }) => requestId === request) ?? []).toEqual([]);
    const records = gateway.audit().filter((record) => record.request === request);
    if (['stranger', 'nobody'].includes(String(table[who]?.[at]))) {
      expect(records).toEqual([]);
      return;
    }
    const told = records.map(({ kind, principal, operation, collections, decision, refusal }) => {
      return {
        kind,
        who: principal?.name,
        operation,
        names: namesIn(collections),
        decision,
        refusal,
      };
    });
    const { operation, args } = calls[at] as (typeof calls)[number];
    expect(told).toEqual([
      {
        kind: 'denial',
        who,
        operation,
        names: [args.collection],
        decision: 'deny',
        refusal: 'not-permitted',
      },
    ]);
  }

  it('counts the failures of those it does not know, by operation', async () => {
    const strangers = Object.values(table).filter(([first]) => {
      return first === 'stranger' || first === 'nobody';
    }).length;
    const expected: Record<string, number> = {};
    for (const { operation } of calls) {
      expected[operation] = (expected[operation] ?? 0) + strangers * clientKinds.length;
    }
    const counted = () => {
      const sums: Record<string, number> = {};
      for (const { kind, event, operation, count = 0, principal } of gateway.audit()) {
        if (kind !== 'failures' || event !== 'auth.failure' || principal !== null) continue;
        sums[operation ?? ''] = (sums[operation ?? ''] ?? 0) + count;
      }
      return sums;
    };
    await expect.poll(counted, { timeout: 10_000 }).toEqual(expected);
  });

  it('refuses over REST with these very bytes', async () => {
    const rest = openRest(gateway);
    const path = `/collections/${sec}/points/count`;
    const ask = (who: string) => rest.ask({ method: 'POST', path, key: keyOf(who), body: '{}' });
    const denied = await ask('r');
    expect([denied.status, denied.body.toString()]).toEqual([
      403,
      `{"status":{"error":"Forbidden: Access to collection ${sec} is required"},"time":0.0}`,
    ]);
    expect(denied.headers).toMatchObject({
      'content-type': 'application/json',
      'x-vectorgate-refusal': 'not-permitted',
      'x-request-id': expect.stringMatching(/^[0-9A-Z]{26}$/),
    });
    const stranger = await ask('revoked');
    expect([stranger.status, stranger.body.toString()]).toEqual([401, 'Invalid API key or JWT']);
    const nobody = await ask('no key');
    expect([nobody.status, nobody.body.toString()]).toEqual([401, refusals.nobody.says]);
    expect(nobody.headers['x-vectorgate-refusal']).toBe('not-authenticated');
    rest.close();
  });

  it('refuses over gRPC in the head alone, with nothing after it', async () => {
    const grpc = openGrpc(gateway);
    const message = naming(sec);
    const denied = await grpc.call('/qdrant.Points/Count', message, keyOf('r'));
    expect(denied).toMatchObject({ status: 7, trailers: {}, body: Buffer.alloc(0) });
    expect(denied.headers).toMatchObject({
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-message': 'Forbidden:%20Access%20to%20collection%20may-sec%20is%20required',
      'x-vectorgate-refusal': 'not-permitted',
    });
    const nobody = await grpc.call('/qdrant.Points/Count', message, null);
    expect([nobody.status, nobody.message]).toEqual([16, refusals.nobody.says]);
    grpc.close();
  });

  it('tells a key of another upstream yes at that upstream', async () => {
    const rest = openRest(gateway, { upstream: 'other' });
    const path = `/collections/${sec}`;
    expect(await rest.ask({ path, key: keyOf('of another upstream') })).toMatchObject({
      status: 200,
    });
    rest.close();
  });

  it('tells each its own principal, and a stranger nothing', async () => {
    const rest = openRest(gateway);
    const path = '/.vectorgate/whoami';
    const known = await rest.ask({ path, key: keyOf('r') });
    expect(JSON.parse(known.body.toString())).toMatchObject({
      principal: { kind: 'key', id: gateway.keyIds['r'], name: 'r' },
      roles: ['r'],
      upstream: 'main',
    });
    expect(await rest.ask({ path, key: keyOf('expired') })).toMatchObject({ status: 401 });
    rest.close();
  });
}

function thrown(error: unknown): ThrownError {
  if (error instanceof Thrown) return error.told;
  throw error;
}

/** What a client raises; of the REST ones the message is of their own making. */
function expectedError(
  { name, protocol }: (typeof clientKinds)[number],
  said: keyof typeof refusals,
  collection: string,
) {
  const { http, grpc, says } = refusals[said];
  const sentence = says.replace('%', collection);
  const refusal = http === 401 ? 'not-authenticated' : 'not-permitted';
  const common = { name: exceptions[name], refusal, request: expect.any(String) };
  if (protocol === 'grpc') return { ...common, code: grpc, message: sentence };
  const body = http === 401 ? sentence : expect.stringContaining(`{"error":"${sentence}"}`);
  return { ...common, status: http, body, message: expect.any(String) };
}

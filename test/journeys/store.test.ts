import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeAdminToken } from '../../src/admin/admin-token.ts';
import { oneTimeCode } from '../../src/admin/one-time-code.ts';
import { hashOf, totp } from '../admin/scene.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { runCli } from '../support/gateway-cli.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';
import { adminToken, type LayoutOptions, layOut } from '../support/gateway-folder.ts';
import { openRedis, redisServer, storeSection, type TestRedis } from '../support/redis.ts';

const server = redisServer();
const kim = makeAdminToken();
const soon = { timeout: 15_000, interval: 20 };
/** How long a change may take to be everywhere. */
const everywhere = { timeout: 1000, interval: 20 };

if (!server) console.warn('There is no redis-server: the journeys of the shared store do not run.');

describe.skipIf(!server)('gateways that share a store', () => {
  let redis: TestRedis;
  let database: TestDatabase;
  let gateways: readonly TestGateway[] = [];
  let sessions: readonly ClientHttp2Session[] = [];
  let options: LayoutOptions;
  let config: string;
  let reader: Record<string, string>;

  const keys = async (...args: string[]): Promise<Record<string, string>> => {
    const { code, stdout, stderr } = await runCli('keys', ...args, '--config', config, '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return JSON.parse(stdout);
  };

  beforeAll(async () => {
    redis = await openRedis(server ?? '');
    database = await openDemo();
    options = {
      database,
      policies: { reader: 'allow: [{ collections: ["*"], access: r }]' },
      keys: {},
      identity: { keys: { store: 'redis' } },
      store: storeSection(redis, { staleFor: '4s', unavailable: { read: 'forward' } }),
      admin: {
        token: adminToken,
        administrators: [{ name: 'kim', roles: ['key-manager'], token: hashOf(kim), totp }],
      },
    };
    const layout = await layOut(options);
    config = layout.config;
    await expect(startGateway(options)).rejects.toThrow(/the store is empty; make the first key/);
    reader = await keys('create', '--name', 'reader', '--role', 'reader');
    gateways = await Promise.all([1, 2, 3].map(() => startGateway(options)));
    sessions = gateways.map((gateway) =>
      connect(gateway.http(), { ca: readFileSync(gateway.certificates.ca) }),
    );
  });
  afterAll(async () => {
    for (const session of sessions) session.destroy();
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await redis.close();
    await database.close();
  });

  /** What a key is told at each gateway. */
  const heard = (key = '', path = '/collections', method = 'GET'): Promise<number[]> =>
    Promise.all(
      sessions.map(
        (session) =>
          new Promise<number>((resolve, reject) => {
            const stream = session.request({ ':path': path, ':method': method, 'api-key': key });
            stream.on('response', (fields) => resolve(Number(fields[':status'])));
            stream.on('error', reject).resume().end();
          }),
      ),
    );

  const storeOf = async (gateway: TestGateway | undefined) => {
    const { body } = (await gateway?.admin('/status')) ?? {};
    return (body as { store: { state: string; gateways: number; serving: boolean } }).store;
  };

  it('with a wrong password do not start, and say what the store says, but not the password', async () => {
    const password = 'canary-of-a-wrong-password';
    const policies = { reader: 'allow: [{ collections: ["*"], access: r }]' };
    const wrong = { database, policies, keys: {}, store: storeSection(redis, { password }) };
    const options = { ...wrong, identity: { keys: { store: 'redis' } } };
    const said = await startGateway(options).then(() => 'started', String);
    expect(said).toMatch(/the store cannot be reached: .*(WRONGPASS|invalid password)/);
    expect(said).not.toContain(password);
  });

  it('know each other', async () => {
    await vi.waitFor(async () => expect((await storeOf(gateways[0])).gateways).toBe(3), soon);
    expect(await heard(reader['key'])).toEqual([200, 200, 200]);
  });

  it('let a key in everywhere within a second, and refuse it everywhere once it is revoked', async () => {
    const made = await keys('create', '--name', 'brief', '--role', 'reader');
    await vi.waitFor(
      async () => expect(await heard(made['key'])).toEqual([200, 200, 200]),
      everywhere,
    );
    await keys('revoke', made['id'] ?? '');
    await vi.waitFor(
      async () => expect(await heard(made['key'])).toEqual([401, 401, 401]),
      everywhere,
    );
    for (const gateway of gateways) {
      await vi.waitFor(() => {
        const told = gateway.audit().filter(({ key }) => key?.id === made['id']);
        expect(told.map(({ event }) => event)).toEqual(['key.created', 'key.revoked']);
      }, soon);
    }
  });

  it('tell when a key was last used, wherever it was', async () => {
    await vi.waitFor(
      async () => {
        const { stdout } = await runCli('keys', 'list', '--config', config, '--json');
        const listed = JSON.parse(stdout) as { id: string; lastUsedAt: string | null }[];
        expect(listed.find(({ id }) => id === reader['id'])?.lastUsedAt).not.toBeNull();
      },
      { timeout: 20_000, interval: 500 },
    );
  });

  it('say what they cannot read there, and read it as soon as it can be', async () => {
    const failureOf = async (gateway: TestGateway) => {
      const { body } = await gateway.admin('/status');
      const { configuration } = body as { configuration: { part: string; failure: unknown }[] };
      return configuration.find(({ part }) => part === 'keys')?.failure ?? null;
    };
    const made = await keys('create', '--name', 'unlucky', '--role', 'reader');
    await vi.waitFor(async () => expect(await heard(made['key'])).toEqual([200, 200, 200]), soon);
    await redis.command(
      `HSET {vectorgate}:keys bad "{}"\r\n` +
        `HDEL {vectorgate}:keys ${made['id']}\r\nINCR {vectorgate}:version`,
    );
    for (const gateway of gateways) {
      await vi.waitFor(async () => {
        expect(JSON.stringify(await failureOf(gateway))).toContain('cannot be read');
      }, soon);
    }
    expect(await heard(reader['key'])).toEqual([200, 200, 200]);
    const leaked = await keys('create', '--name', 'leaked', '--role', 'reader');
    await vi.waitFor(async () => expect(await heard(leaked['key'])).toEqual([200, 200, 200]), soon);
    await keys('revoke', leaked['id'] ?? '');
    await vi.waitFor(
      async () => expect(await heard(leaked['key'])).toEqual([401, 401, 401]),
      everywhere,
    );
    await redis.command('HDEL {vectorgate}:keys bad');
    await vi.waitFor(async () => {
      for (const gateway of gateways) expect(await failureOf(gateway)).toBeNull();
    }, soon);
    expect(await heard(made['key'])).toEqual([401, 401, 401]);
  });

  it('list and import beside a broken entry, and revoke it: its key counts no more', async () => {
    const order = { key: 'a-key-that-applications-have', name: 'theirs', roles: ['reader'] };
    const { body } = (await gateways[0]?.admin('/keys/import', 'POST', order)) ?? {};
    const { id } = body as { id: string };
    await vi.waitFor(async () => expect(await heard(order.key)).toEqual([200, 200, 200]), soon);
    await redis.command(`HSET {vectorgate}:keys ${id} "{}"\r\nINCR {vectorgate}:version`);
    const { code, stdout, stderr } = await runCli('keys', 'list', '--config', config, '--json');
    const rows = JSON.parse(stdout) as { id: string }[];
    expect(rows.map((row) => row.id)).toContain(reader['id']);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(id) });
    await expect(startGateway(options)).rejects.toThrow(`keys.${id}: the store holds an entry`);
    const other = { ...order, key: 'another-that-applications-have' };
    expect((await gateways[0]?.admin('/keys/import', 'POST', other))?.status).toBe(201);
    expect((await gateways[0]?.admin('/keys/import', 'POST', order))?.status).toBe(409);
    // What was known of it stays in force until it is revoked.
    expect(await heard(order.key)).toEqual([200, 200, 200]);
    await keys('revoke', id);
    await vi.waitFor(
      async () => expect(await heard(order.key)).toEqual([401, 401, 401]),
      everywhere,
    );
    for (const gateway of gateways) {
      const told = () => gateway.audit().filter(({ key }) => key?.id === id);
      await vi.waitFor(() => expect(told().at(-1)?.event).toBe('key.revoked'), soon);
    }
    expect((await runCli('keys', 'list', '--config', config)).code).toBe(0);
    expect((await gateways[1]?.admin('/keys/import', 'POST', order))?.status).toBe(201);
    await vi.waitFor(async () => expect(await heard(order.key)).toEqual([200, 200, 200]), soon);
  });

  it('take a one-time code once, all together, and not again after a start', async () => {
    const code = oneTimeCode(totp, Date.now());
    const headers = { authorization: `Bearer ${kim}`, 'x-vectorgate-code': code };
    const ask = async ({ adminAddress }: TestGateway) => {
      const url = `http://${adminAddress}/keys/none/revoke`;
      return (await fetch(url, { method: 'POST', headers })).status;
    };
    const told = await Promise.all(gateways.map(ask));
    // There is no such key: who asked was let in.
    expect(told.sort()).toEqual([401, 401, 404]);
    const another = await startGateway(options);
    try {
      expect(await ask(another)).toBe(401);
    } finally {
      await another.stop();
    }
  });

  describe('while the store is lost', () => {
    it('serve what they know, then refuse as configured, and are themselves again when it is back', async () => {
      await redis.stop();
      await vi.waitFor(async () => expect((await storeOf(gateways[0])).state).toBe('lost'), soon);
      expect(await heard(reader['key'])).toEqual([200, 200, 200]);
      expect(await heard('nobody-knows-this-one')).toEqual([401, 401, 401]);
      await vi.waitFor(async () => {
        for (const gateway of gateways) expect((await storeOf(gateway)).serving).toBe(false);
      }, soon);
      expect((await gateways[0]?.health('/readyz'))?.status).toBe(503);
      expect(await heard(reader['key'])).toEqual([200, 200, 200]);
      expect(await heard(reader['key'], '/collections/new', 'DELETE')).toEqual([503, 503, 503]);
      await redis.start();
      await vi.waitFor(async () => {
        for (const gateway of gateways) expect((await storeOf(gateway)).state).toBe('up');
      }, soon);
      expect(await heard(reader['key'], '/collections/new', 'DELETE')).toEqual([403, 403, 403]);
      expect((await gateways[0]?.health('/readyz'))?.status).toBe(200);
      const events = gateways[0]?.audit().map(({ event }) => event);
      expect(events).toEqual(expect.arrayContaining(['store.lost', 'store.found']));
    });

    it('wait for nothing where it is frozen, and know what happened meanwhile when it thaws', async () => {
      redis.freeze();
      const from = performance.now();
      expect(await heard(reader['key'])).toEqual([200, 200, 200]);
      await vi.waitFor(async () => expect((await storeOf(gateways[1])).state).toBe('lost'), soon);
      expect(await heard(reader['key'])).toEqual([200, 200, 200]);
      expect(performance.now() - from).toBeLessThan(14_000);
      redis.thaw();
      const made = await keys('create', '--name', 'after', '--role', 'reader');
      await vi.waitFor(async () => expect(await heard(made['key'])).toEqual([200, 200, 200]), soon);
    });

    it('take one that comes back empty for lost, until an operator says that it is the right one', async () => {
      await redis.command('FLUSHALL');
      await vi.waitFor(async () => {
        for (const gateway of gateways) expect((await storeOf(gateway)).state).toBe('emptied');
      }, soon);
      expect(await heard(reader['key'])).toEqual([200, 200, 200]);
      const order = { name: 'through-a-gateway', roles: ['reader'] };
      expect((await gateways[0]?.admin('/keys', 'POST', order))?.status).toBe(503);
      expect(await heard(reader['key'])).toEqual([200, 200, 200]);
      const made = await keys('create', '--name', 'anew', '--role', 'reader');
      expect((await storeOf(gateways[0])).state).toBe('emptied');
      expect(await heard(made['key'])).toEqual([401, 401, 401]);
      for (const gateway of gateways) await gateway.admin('/reload', 'POST');
      await vi.waitFor(async () => expect(await heard(made['key'])).toEqual([200, 200, 200]), soon);
      expect(await heard(reader['key'])).toEqual([401, 401, 401]);
    });
  });

  it('are told by doctor what their store may forget', async () => {
    const found = async () => {
      const { stdout } = await runCli('doctor', '--config', config, '--json');
      const { findings } = JSON.parse(stdout) as { findings: { id: string }[] };
      return findings.map(({ id }) => id).filter((id) => id.startsWith('store.'));
    };
    expect(await found()).toEqual([]);
    await redis.command('CONFIG SET maxmemory-policy allkeys-lru');
    await redis.command('CONFIG SET appendonly no');
    expect(await found()).toEqual(['store.evicts', 'store.forgets']);
    await redis.stop();
    expect(await found()).toEqual(['store.lost']);
  });

  it('keep the store’s password and the keys’ secrets out of what they write', () => {
    for (const gateway of gateways) {
      expect(gateway.output()).not.toContain('password-of-the-test-store');
      expect(gateway.output()).not.toContain(reader['key']);
    }
  });
});

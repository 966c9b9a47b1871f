import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { runCli } from '../support/gateway-cli.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';
import { layOut } from '../support/gateway-folder.ts';
import { redisServer } from '../support/redis.ts';
import { openCluster, openSentinel, openTls, type Topology } from '../support/redis-topologies.ts';

const server = redisServer();
const soon = { timeout: 20_000, interval: 50 };
/** Sentinels whose first vote came to nothing try again. */
const failover = { ...soon, timeout: 80_000 };
const limit = 20;

if (!server) console.warn('There is no redis-server: stores of several kinds are not tried.');

interface Scene {
  readonly gateways: readonly TestGateway[];
  keys(...args: string[]): Promise<Record<string, string>>;
  /** What a key is told at each gateway. */
  heard(key: string | undefined): Promise<readonly number[]>;
}

describe.skipIf(!server)('two gateways and their store', () => {
  let topology: Topology;
  let database: TestDatabase;
  let gateways: TestGateway[] = [];
  let sessions: readonly ClientHttp2Session[] = [];

  afterEach(async () => {
    for (const session of sessions) session.destroy();
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    gateways = [];
    await topology.close();
    await database?.close();
  });

  async function scene(open: (server: string) => Promise<Topology>): Promise<Scene> {
    topology = await open(server ?? '');
    database = await openDemo();
    const options = {
      database,
      policies: {
        reader: 'allow: [{ collections: ["*"], access: r }]',
        paced: `allow: [{ collections: ["*"], access: r }]\nlimits: { requests: ${limit}/h }`,
      },
      keys: {},
      identity: { keys: { store: 'redis' } },
      store: topology.section,
    };
    const { config } = await layOut(options);
    const keys = async (...args: string[]): Promise<Record<string, string>> => {
      const { code, stdout, stderr } = await runCli('keys', ...args, '--config', config, '--json');
      expect({ code, stderr }).toMatchObject({ code: 0 });
      return JSON.parse(stdout);
    };
    await keys('create', '--name', 'first', '--role', 'reader');
    gateways = await Promise.all([1, 2].map(() => startGateway(options)));
    sessions = gateways.map((gateway) =>
      connect(gateway.http(), { ca: readFileSync(gateway.certificates.ca) }),
    );
    return { gateways, keys, heard };
  }

  function heard(key = ''): Promise<readonly number[]> {
    return Promise.all(
      sessions.map((session) => {
        const { promise, resolve, reject } = Promise.withResolvers<number>();
        const stream = session.request({ ':path': '/collections', 'api-key': key });
        stream.on('response', (fields) => resolve(Number(fields[':status'])));
        stream.on('error', reject).resume().end();
        return promise;
      }),
    );
  }

  /** A key is made, counts, is revoked and counts no more, at both. */
  async function comeAndGo({ keys, heard }: Scene): Promise<string | undefined> {
    const made = await keys('create', '--name', 'brief', '--role', 'reader');
    await vi.waitFor(async () => expect(await heard(made['key'])).toEqual([200, 200]), soon);
    await keys('revoke', made['id'] ?? '');
    await vi.waitFor(async () => expect(await heard(made['key'])).toEqual([401, 401]), soon);
    return made['key'];
  }

  /** Together they let a caller have what one would. */
  async function share({ keys, heard }: Scene): Promise<void> {
    const { key } = await keys('create', '--name', 'paced', '--role', 'paced');
    await vi.waitFor(async () => expect(await heard(key)).toEqual([200, 200]), soon);
    const told: number[] = [];
    for (let round = 0; round < limit; round++) told.push(...(await heard(key)));
    const allowed = told.filter((status) => status === 200).length;
    expect(allowed).toBeLessThanOrEqual(limit);
    expect(told.at(-1)).toBe(429);
  }

  it('find each other behind TLS', async () => {
    const found = await scene(openTls);
    await comeAndGo(found);
    await share(found);
  });

  it('find each other in a cluster', async () => {
    const found = await scene(openCluster);
    await comeAndGo(found);
    await share(found);
  });

  it('know what was revoked and taken when a sentinel has put another in the place of a primary', async () => {
    const found = await scene(openSentinel);
    const revoked = await comeAndGo(found);
    await share(found);
    await topology.endPrimary();
    // One may have found the new primary before the other misses the old one.
    await vi.waitFor(() => {
      for (const gateway of found.gateways) {
        expect(gateway.audit().map(({ event }) => event)).toContain('store.lost');
      }
    }, soon);
    expect(await found.heard(revoked)).toEqual([401, 401]);
    await vi.waitFor(async () => {
      for (const gateway of found.gateways) {
        const { body } = await gateway.admin('/status');
        expect((body as { store: { state: string } }).store.state).toBe('up');
      }
    }, failover);
    expect(await found.heard(revoked)).toEqual([401, 401]);
    await comeAndGo(found);
  }, 150_000);
});

describe.skipIf(!server)('a gateway before a store behind TLS', () => {
  it('does not start where it does not know the authority, and says so', async () => {
    const topology = await openTls(server ?? '');
    const database = await openDemo();
    try {
      const { ca: _, ...section } = topology.section;
      const policies = { reader: 'allow: [{ collections: ["*"], access: r }]' };
      const identity = { keys: { store: 'redis' } };
      const options = { database, policies, keys: {}, identity, store: section };
      await expect(startGateway(options)).rejects.toThrow(/certificate/);
    } finally {
      await database.close();
      await topology.close();
    }
  });
});

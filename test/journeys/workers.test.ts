import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { naming, openGrpc, openRest, type RawCaller } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { recordsPerRequest } from '../support/gateway-audit.ts';
import { runCli } from '../support/gateway-cli.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';

const soon = { timeout: 20_000, interval: 20 };
const everywhere = { timeout: 1000, interval: 10 };
const connections = 12;
const allowed = 40;
/** What a worker holds in advance, and all together may pass beyond the limit: a sixteenth of the burst. */
const batch = Math.ceil(allowed / 16);

interface Status {
  readonly ready: boolean;
  readonly worker: string;
  readonly workers: {
    readonly count: number;
    readonly restarts: number;
    readonly workers: readonly { id: string; pid: number; ready: boolean }[];
    readonly others: readonly { worker: string; openConnections: number }[];
  };
}

describe('two workers of one gateway', () => {
  let database: TestDatabase;
  let gateway: TestGateway;
  let sessions: ClientHttp2Session[] = [];
  let callers: RawCaller[] = [];

  beforeAll(async () => {
    database = await openDemo();
    gateway = await startGateway({
      database,
      policies: {
        reader: 'allow: [{ collections: ["*"], access: r }]',
        admin: 'allow: [{ collections: ["*"], access: m }]',
        hourly: `allow: [{ collections: ["*"], access: r }]\nlimits: { requests: ${allowed}/h, burst: ${allowed} }`,
      },
      keys: {
        reader: { roles: ['reader'] },
        admin: { roles: ['admin'] },
        passing: { roles: ['reader'] },
        asked: { roles: ['reader'] },
        hourly: { roles: ['hourly'] },
      },
      sections: { workers: 2 },
    });
    open();
  });
  afterAll(async () => {
    shut();
    await gateway.stop();
    await database.close();
  });

  /** Connections enough that each worker has some of each protocol. */
  function open(): void {
    const ca = readFileSync(gateway.certificates.ca);
    sessions = Array.from({ length: connections }, () => connect(gateway.http(), { ca }));
    for (const session of sessions) session.on('error', () => undefined);
    callers = Array.from({ length: connections }, () => openGrpc(gateway));
  }

  function shut(): void {
    for (const session of sessions) session.destroy();
    for (const caller of callers) caller.close();
  }

  const status = async () => (await gateway.admin('/status')).body as Status;

  const get = (session: ClientHttp2Session | undefined, key: string) =>
    new Promise<number>((resolve, reject) => {
      const stream = session?.request({ ':path': '/collections', 'api-key': key });
      stream?.on('response', (fields) => resolve(Number(fields[':status'])));
      stream
        ?.on('error', reject)
        .on('close', () => reject(new Error('cut off')))
        .resume();
    });

  const list = async (caller: RawCaller | undefined, key: string) =>
    (await caller?.call('/qdrant.Collections/List', naming(''), key))?.status;

  /** What all connections hear, each once: the statuses, without repetition. */
  const heard = async (key = ''): Promise<unknown[]> => {
    const told = [...sessions.map((s) => get(s, key)), ...callers.map((c) => list(c, key))];
    return [...new Set(await Promise.all(told))];
  };

  it('both serve, both protocols, each with an audit log of its own', async () => {
    expect(await heard(gateway.keys['reader'])).toEqual([200, 0]);
    const { worker, workers } = await status();
    expect([worker, workers.count, workers.restarts]).toEqual(['w1', 2, 0]);
    expect(workers.workers.map(({ id, ready }) => [id, ready])).toEqual([
      ['w1', true],
      ['w2', true],
    ]);
    expect(workers.others.map((other) => other.worker)).toEqual(['w2']);
    const writers = new Set(gateway.audit().map((record) => record.writer));
    expect([...writers].sort()).toEqual(['w1', 'w2']);
    const intents = gateway.audit().filter(({ kind }) => kind === 'intent');
    expect(new Set(intents.map((record) => record.writer)).size).toBe(2);
  });

  it('tell the metrics of both as one', async () => {
    const requests = (text: string) =>
      text
        .split('\n')
        .filter((line) => line.startsWith('vectorgate_requests_total{'))
        .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    const before = requests((await gateway.health('/metrics')).body);
    await heard(gateway.keys['reader']);
    const { body } = await gateway.health('/metrics');
    expect(requests(body) - before).toBe(2 * connections);
    expect(body).toContain('\nvectorgate_workers 2\n');
    expect(body.match(/^# TYPE vectorgate_added_seconds /gm)).toHaveLength(1);
  });

  it('tell what was taken of both as one', async () => {
    const { body } = await gateway.admin('/status');
    const { upstreams, workers } = body as {
      upstreams: Took['upstreams'];
      workers: { others: Took[] };
    };
    const bytesOf = ([upstream]: Took['upstreams']) =>
      upstream?.taken.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0;
    const metrics = (await gateway.health('/metrics')).body;
    const counted = [...metrics.matchAll(/^vectorgate_taken_bytes_total\{.*\} (\d+)$/gm)].reduce(
      (sum, [, bytes]) => sum + Number(bytes),
      0,
    );
    const other = workers.others.reduce((sum, each) => sum + bytesOf(each.upstreams), 0);
    expect(other).toBeGreaterThan(0);
    expect(bytesOf(upstreams)).toBeGreaterThan(other);
    expect(bytesOf(upstreams)).toBe(counted);
  });

  it('count one limit together, over both protocols', async () => {
    const key = gateway.keys['hourly'] ?? '';
    let passed = 0;
    for (let turn = 0; turn < 8; turn++) {
      const answers = await Promise.all([
        ...sessions.map((session) => get(session, key)),
        ...callers.map((caller) => list(caller, key)),
      ]);
      passed += answers.filter((answer) => answer === 200 || answer === 0).length;
      expect(answers.filter((answer) => ![200, 429, 0, 8].includes(Number(answer)))).toEqual([]);
    }
    expect(passed).toBeGreaterThanOrEqual(allowed - batch);
    expect(passed).toBeLessThanOrEqual(allowed + batch);
  });

  it('refuse a key within a second once it is revoked, by command and by the admin port', async () => {
    const { passing = '', asked = '' } = gateway.keys;
    expect(await heard(passing)).toEqual([200, 0]);
    await runCli('keys', 'revoke', gateway.keyIds['passing'] ?? '', '--config', gateway.config);
    await vi.waitFor(async () => expect(await heard(passing)).toEqual([401, 16]), everywhere);
    await gateway.admin(`/keys/${gateway.keyIds['asked']}/revoke`, 'POST');
    await vi.waitFor(async () => expect(await heard(asked)).toEqual([401, 16]), everywhere);
  });

  it('load policies anew when either is told to, and say what is wrong with them', async () => {
    const policy = join(gateway.policyDirectory, 'reader.yaml');
    const good = readFileSync(policy, 'utf8');
    const digests = async () => {
      const { worker, workers, ...own } = (await status()) as unknown as Loaded;
      const all = [own, ...workers.others].map(({ configuration }) => configuration);
      return new Set(all.map((parts) => parts.find(({ part }) => part === 'policies')?.version));
    };
    const [before] = await digests();
    writeFileSync(policy, `${good}limits: { requests: 100000/s }\n`);
    expect((await gateway.admin('/reload', 'POST')).body).toEqual({ ok: true, problems: [] });
    const [after, ...others] = await digests();
    expect([others, after === before]).toEqual([[], false]);
    writeFileSync(policy, 'role: reader\nallow: nobody\n');
    const refused = await gateway.admin('/reload', 'POST');
    expect([refused.status, (refused.body as { problems: unknown[] }).problems.length]).toEqual([
      422, 1,
    ]);
    writeFileSync(policy, good);
    gateway.signal('SIGHUP');
    await vi.waitFor(async () => expect([...(await digests())]).toEqual([before]), soon);
  });

  describe('where one is killed under load', () => {
    let killed: { id: string; pid: number };
    let answered = 0;

    it.each(['w2', 'w1'])('%s is back, and the other serves all the while', async (id) => {
      const key = gateway.keys['reader'] ?? '';
      const before = await status();
      killed = before.workers.workers.find((worker) => worker.id === id) ?? { id: '', pid: 0 };
      const stopped = { yes: false };
      const load = Promise.all(
        sessions.map(async (session) => {
          while (!stopped.yes && !session.destroyed) {
            await get(session, key).then(() => answered++, cutOff);
          }
        }),
      );
      await vi.waitFor(() => expect(answered).toBeGreaterThan(50), soon);
      process.kill(killed.pid, 'SIGKILL');
      await vi.waitFor(async () => {
        const { restarts, workers } = (await status()).workers;
        expect(restarts).toBe(before.workers.restarts + 1);
        expect(workers.filter(({ ready }) => ready)).toHaveLength(2);
      }, soon);
      expect(sessions.some((session) => !session.destroyed)).toBe(true);
      stopped.yes = true;
      await load;
      shut();
      open();
      expect(await heard(key)).toEqual([200, 0]);
      expect((await gateway.health('/readyz')).status).toBe(200);
      expect((await gateway.health('/metrics')).body).toContain('worker_restarts_total');
    });

    it('nothing that was forwarded lacks its record, and every intent has its end', async () => {
      const records = gateway.audit();
      const touched = database.touches?.filter(({ operation }) => operation === 'collections.list');
      const intents = new Set(
        records.filter(({ kind }) => kind === 'intent').map(({ request }) => request),
      );
      const known = records.map(({ request }) => request).filter((id) => id !== undefined);
      expect(known.length).toBeGreaterThan(100);
      const asked = touched?.map(({ requestId }) => requestId).filter((id) => id !== undefined);
      // What the gateway asks for itself carries no id.
      expect(asked?.filter((id) => id !== null && id !== '' && !intents.has(id))).toEqual([]);
      await vi.waitFor(() => {
        const kinds = [...recordsPerRequest(gateway.audit()).values()];
        const ends = kinds.map((told) => told.filter((kind) => kind !== 'attempt').join());
        expect(new Set(ends).size).toBeGreaterThan(0);
        expect(ends.filter((end) => !isWhole.test(end))).toEqual([]);
      }, soon);
      const faults = records.filter(({ event }) => event === 'worker.ended');
      expect(faults.map(({ kind }) => kind)).toEqual(['fault', 'fault']);
    });
  });

  it('leave logs that verify as a fleet', async () => {
    const fleet = join(gateway.directory, 'fleet');
    writeFileSync(fleet, `${gateway.auditDirectory} w1 w2\n`);
    await vi.waitFor(async () => {
      const { stdout } = await runCli('audit', 'verify', '--fleet', fleet, '--json');
      expect(JSON.parse(stdout)).toMatchObject({ ok: true, missing: [] });
    }, soon);
  });

  it('end together when they are told to, after what is under way', async () => {
    const key = gateway.keys['reader'] ?? '';
    const last = sessions.map((session) => get(session, key));
    await Promise.all(last);
    const pids = (await status()).workers.workers.map(({ pid }) => pid);
    gateway.signal('SIGTERM');
    expect(await gateway.ended).toEqual({ code: 0, signal: null });
    expect(pids.filter(isAlive)).toEqual([]);
    const stops = gateway.audit().filter(({ kind }) => kind === 'stop');
    expect(stops.length).toBe(2);
  });
});

describe('workers whose parent is killed', () => {
  it('drain and end', async () => {
    const database = await openDemo();
    const gateway = await startGateway({
      database,
      policies: { reader: 'allow: [{ collections: ["*"], access: r }]' },
      keys: { reader: { roles: ['reader'] } },
      sections: { workers: 2 },
    });
    const rest = openRest(gateway);
    const key = gateway.keys['reader'] ?? '';
    expect((await rest.ask({ path: '/collections', key })).status).toBe(200);
    rest.close();
    const { body } = await gateway.admin('/status');
    const pids = (body as Status).workers.workers.map(({ pid }) => pid);
    expect(pids.filter(isAlive)).toEqual(pids);
    process.kill(gateway.pid, 'SIGKILL');
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), soon);
    expect(gateway.output().match(/"msg":"stopped"/g)).toHaveLength(2);
    await gateway.ended;
    await database.close();
  });
});

describe('workers that cannot start', () => {
  it('end the gateway, which says why', async () => {
    const database = await openDemo();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const starting = startGateway({
      database,
      policies: { reader: 'allow: [{ collections: ["*"], access: r }]' },
      keys: { reader: { roles: ['reader'] } },
      sections: { workers: 2, health: { listen: `127.0.0.1:${port}` } },
    });
    await expect(starting).rejects.toThrow(/EADDRINUSE[\s\S]*worker w1 ended before it served/);
    taken.close();
    await database.close();
  });
});

/** What becomes of requests to a process that is killed. */
function cutOff(): void {}

/** An intent with one end, or an end by itself. */
const isWhole = /^(denial|(intent,)?(outcome|indeterminate))$/;

interface Loaded {
  readonly worker: string;
  readonly configuration: readonly { part: string; version: string }[];
  readonly workers: { readonly others: readonly Loaded[] };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

interface Took {
  readonly upstreams: readonly { readonly taken: readonly { readonly bytes: number }[] }[];
}

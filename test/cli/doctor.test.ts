import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { auditSection } from '../../src/audit/config.ts';
import { milvus } from '../../src/catalog/milvus/database.ts';
import { readCounters } from '../../src/catalog/qdrant/counters.ts';
import { verb } from '../../src/cli/doctor.ts';
import { certificateFindings, keyFindings } from '../../src/cli/doctor-age.ts';
import { sealFindings } from '../../src/cli/doctor-files.ts';
import { runtimeFindings } from '../../src/cli/doctor-runtime.ts';
import { outerAddresses } from '../../src/cli/doctor-upstream.ts';
import type { Finding } from '../../src/cli/finding.ts';
import type { VerbInput } from '../../src/cli/verb.ts';
import {
  config,
  exchange,
  identity,
  needs,
  opened,
  outcome,
  permit,
  reading,
} from '../audit/scene.ts';
import { type Layout, type LayoutOptions, layOut } from '../support/gateway-folder.ts';
import { openMilvusDouble } from '../support/milvus/double.ts';

const secret = 'what-the-gateway-presents';

interface DatabaseOptions {
  readonly host?: string;
  /** What it asks for; null: nothing. */
  readonly secret?: string | null;
  readonly telemetry?: unknown;
}

/** A database as far as the doctor looks. */
async function database(options: DatabaseOptions = {}): Promise<number> {
  const wanted = options.secret === undefined ? secret : options.secret;
  const server = createServer((request, response) => {
    const known = wanted === null || request.headers['api-key'] === wanted;
    response.statusCode = known ? 200 : 401;
    response.end(known ? JSON.stringify(options.telemetry ?? { result: {} }) : 'no');
  });
  await new Promise<void>((resolve) => server.listen(0, options.host ?? '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function folder(port: number, more: Partial<LayoutOptions> = {}): Promise<Layout> {
  const url = `http://127.0.0.1:${port}`;
  const layout = await layOut({
    database: { http: url, grpc: url, credential: secret },
    policies: { search: 'allow:\n  - { collections: [docs], access: r }' },
    keys: { app: { roles: ['search'], expires: Date.now() + 86_400_000 } },
    ...more,
  });
  onTestFinished(() => rmSync(layout.directory, { recursive: true, force: true }));
  return layout;
}

async function doctor(values: VerbInput['values']) {
  const out: string[] = [];
  const print = (line: string) => out.push(line);
  const code = await verb.run({ values, positionals: [], json: true, print, complain: print });
  const { findings } = JSON.parse(out[0] ?? '') as { findings: Finding[] };
  return { code, findings, ids: findings.map(({ id }) => id) };
}

/** What is so on any machine that tests run on, or in any folder of a test. */
const always = [
  'audit.unsigned',
  'runtime.outdated',
  'policy.lint',
  'config.warning',
  'certificate.ends',
];
const apart = (ids: readonly string[]) => ids.filter((id) => !always.includes(id));

describe('doctor', () => {
  it('has nothing to say of a good gateway, and exits 0', async () => {
    const { config: file } = await folder(await database());
    const { code, ids } = await doctor({ config: file });
    expect({ code, ids: apart(ids) }).toEqual({ code: 0, ids: [] });
  });

  it('says where nobody signs the audit log, or its checkpoints stay beside it', () => {
    const found = (audit: string) => sealFindings({ audit: auditSection.parse(parse(audit)) });
    expect(found('{}').map(({ id }) => id)).toEqual(['audit.unsigned']);
    expect(found('checkpoints: { key: k }').map(({ id }) => id)).toEqual(['audit.uncopied']);
    expect(found('checkpoints: { key: k, copy: /else/where }')).toEqual([]);
  });

  describe('before a Milvus', () => {
    const told = async (users: Record<string, string>, credential: string | null) => {
      const double = await openMilvusDouble({ users });
      onTestFinished(() => double.close());
      const { config: file } = await folder(0, { database: { ...double, credential } });
      const { findings } = await doctor({ config: file });
      return findings.filter(({ id }) => id.startsWith('upstream.'));
    };

    it('has nothing to say where it asks for a password, and takes that of the gateway', async () => {
      expect(await told({ gate: 'secret' }, 'gate:secret')).toEqual([]);
    });

    it('tells of a password that everybody knows', async () => {
      expect(await told({ root: 'Milvus', gate: 'secret' }, 'gate:secret')).toEqual([
        expect.objectContaining({ id: 'upstream.factory-credential', severity: 'high' }),
      ]);
    });

    it('tells of a password that it does not take', async () => {
      const [finding] = await told({ gate: 'secret' }, 'gate:another');
      expect(finding).toMatchObject({ id: 'upstream.credential', severity: 'high' });
    });

    it('tells of one that asks for none', async () => {
      const [finding] = await told({}, null);
      expect(finding).toMatchObject({ id: 'upstream.open' });
      expect(finding?.message).toContain('asks for no credential');
      expect(finding?.remedy).toContain('Turn its authorisation on');
    });

    it('tells of one that does not answer', async () => {
      const database = {
        product: 'milvus',
        http: '',
        grpc: 'http://127.0.0.1:1',
        credential: null,
      };
      const { config: file } = await folder(0, { database: database as never });
      expect((await doctor({ config: file })).ids).toContain('upstream.unreachable');
    });

    it.skipIf(outerAddresses().length === 0)('says how to fence what cannot be bound', async () => {
      const grpc = `http://127.0.0.1:${await database({ host: '0.0.0.0' })}`;
      const open = { product: 'milvus', http: '', grpc, credential: null };
      const { config: file } = await folder(0, { database: open as never });
      const { findings } = await doctor({ config: file });
      const breaches = findings.filter(({ id }) => id === 'fence.open');
      expect(breaches.length).toBeGreaterThan(0);
      for (const { remedy } of breaches) expect(remedy).not.toContain('Bind');
    });

    it('looks for its other ports on every address that others reach', () => {
      const ports = milvus.sidePorts?.map(({ port }) => port);
      expect(ports).toEqual([9091, 19529, 19531, 2379]);
    });
  });

  it('lints the policies of the folder, and none that are built in', async () => {
    const identity = { tokens: [{ kind: 'qdrant', secret: 'x'.repeat(32) }] };
    const { config: file } = await folder(await database(), { identity });
    const { findings } = await doctor({ config: file });
    const linted = findings.filter(({ id }) => id === 'policy.lint');
    expect(linted.map(({ message }) => message)).toEqual([
      expect.stringContaining('search.yaml:1 no test says who may do what'),
    ]);
  });

  it('tells every problem of a bad configuration', async () => {
    const { config: file, policyDirectory } = await folder(await database());
    writeFileSync(join(policyDirectory, 'search.yaml'), 'role: search\nallow: [{ acces: r }]\n');
    const { code, ids, findings } = await doctor({ config: file });
    expect(code).toBe(1);
    expect(ids).toContain('config.bad');
    expect(findings.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/search\.yaml:2 allow\[0\][\w.]*: \S/),
    );
  });

  it.each([
    ['a database that asks for nothing', { secret: null }, 'upstream.open', 0],
    ['a database with another credential', { secret: 'other' }, 'upstream.credential', 1],
  ])('finds %s', async (_, options, id, exit) => {
    const { config: file } = await folder(await database(options));
    const { code, ids } = await doctor({ config: file });
    expect({ code, ids: apart(ids) }).toEqual({ code: exit, ids: [id] });
  });

  it('finds a database that does not answer', async () => {
    const { config: file } = await folder(1);
    const { code, ids } = await doctor({ config: file });
    expect({ code, ids: apart(ids) }).toEqual({ code: 1, ids: ['upstream.unreachable'] });
  });

  it.skipIf(outerAddresses().length === 0)('finds a database beside its fence', async () => {
    const port = await database({ host: '0.0.0.0' });
    const { config: file } = await folder(port);
    const { code, ids } = await doctor({ config: file });
    expect(code).toBe(1);
    expect(ids).toContain('fence.open');
  });

  it('tells from outside whether the fence holds', async () => {
    const port = await database();
    expect(await doctor({ outside: [`127.0.0.1:${port}`] })).toMatchObject({
      code: 1,
      ids: ['fence.open'],
    });
    expect(await doctor({ outside: ['127.0.0.1:1'] })).toMatchObject({ code: 0, ids: [] });
  });

  it.skipIf(process.platform === 'win32')('finds policies that others can write', async () => {
    const { config: file, policyDirectory } = await folder(await database());
    chmodSync(join(policyDirectory, 'search.yaml'), 0o666);
    const { code, findings } = await doctor({ config: file });
    const [finding] = findings.filter(({ id }) => id === 'file.writable');
    expect(code).toBe(1);
    expect(finding?.remedy).toBe(`chmod go-w ${join(policyDirectory, 'search.yaml')}`);
  });
});

describe('doctor, where an upstream has two credentials', () => {
  const both = { primary: 'what-was-before', secondary: secret };
  const id = (findings: readonly Finding[], start: string) =>
    findings.filter((finding) => finding.id.startsWith(start));

  /** The admin port of a gateway that says this of what is in force, or answers with a problem. */
  async function adminPort(answer: { readonly inForce: string } | { readonly status: number }) {
    const asked: string[] = [];
    const server = createServer(({ url = '', headers }, response) => {
      if (url === '/healthz') return void response.end('alive\n');
      asked.push(`${url} ${headers.authorization}`);
      const told = 'inForce' in answer;
      response.statusCode = told ? 200 : answer.status;
      response.setHeader('content-type', told ? 'application/json' : 'application/problem+json');
      const upstreams = [{ upstream: 'main', ok: true, state: answer }];
      response.end(JSON.stringify(told ? { ok: true, upstreams } : { detail: 'not for you' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return { listen: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }

  const token = 'a'.repeat(32);
  const looked = async (
    wanted: string,
    listen = '127.0.0.1:1',
    values: VerbInput['values'] = {},
  ) => {
    const more = { credential: both, admin: { listen, token } };
    const { config: file } = await folder(await database({ secret: wanted }), more);
    return doctor({ config: file, ...values });
  };

  it('tries the secondary after the primary where no gateway runs', async () => {
    const { code, findings } = await looked(both.secondary);
    expect({ code, found: id(findings, 'upstream') }).toEqual({ code: 0, found: [] });
    expect(id((await looked('neither')).findings, 'upstream.credential')).toHaveLength(1);
  });

  it.each([
    ['secondary', both.secondary, []],
    ['secondary', both.primary, ['upstream.credential']],
    ['primary', both.secondary, ['upstream.credential']],
    ['previous', both.secondary, []],
  ])('judges what a gateway presents: its %s before %s', async (inForce, wanted, expected) => {
    const { listen, asked } = await adminPort({ inForce });
    const { findings } = await looked(wanted, listen);
    expect(id(findings, 'upstream').map((finding) => finding.id)).toEqual(expected);
    expect(asked).toEqual([`/credentials Bearer ${token}`]);
  });

  it('says so where the gateway does not tell, and tries both', async () => {
    const { listen } = await adminPort({ status: 403 });
    const { code, findings } = await looked(both.secondary, listen);
    expect({ code, found: id(findings, 'upstream') }).toEqual({ code: 0, found: [] });
    expect(id(findings, 'credential')).toEqual([
      expect.objectContaining({ message: expect.stringContaining('says: not for you') }),
    ]);
  });

  it('reads the counters with the one that is taken', async () => {
    const { findings } = await looked(both.secondary, undefined, { reconcile: true });
    expect(id(findings, 'reconcile').map(({ message }) => message)).not.toContainEqual(
      expect.stringContaining('401'),
    );
  });
});

describe('doctor --reconcile', () => {
  const route = 'POST /collections/{name}/points/query';
  const telemetry = (count: number, more = {}) => ({
    result: {
      app: { startup: '2026-11-22T00:00:00.5Z' },
      requests: {
        rest: {
          responses: { [route]: { 200: { count } }, 'GET /collections': { 200: { count: 99 } } },
        },
        grpc: { responses: { '/qdrant.Points/Query': { 0: { count: 1 } }, ...more } },
      },
    },
  });

  /** A log of two queries, one of which took two attempts, that begins before the database did. */
  async function log(first: string) {
    const of = config();
    let wall = Date.parse(first);
    const around = { clock: { wall: () => wall, monotonic: () => 0 } };
    const opening = await opened(of, around);
    wall = Date.parse('2026-11-22T12:00:00Z');
    const audit = opening.forUpstream('main', () => 'sha256:p');
    const asked = permit(reading, identity(), needs(reading, 'docs'));
    await (await audit.begin(exchange(), asked)).end(outcome);
    await (await audit.begin(exchange(), asked)).end({ ...outcome, attempts: 2 });
    await opening.close();
    return of.directory;
  }

  async function reconciled(of: unknown, first = '2026-11-21T00:00:00Z') {
    const { config: file } = await folder(await database({ telemetry: of }));
    const { code, findings } = await doctor({
      config: file,
      reconcile: true,
      audit: [await log(first)],
    });
    return { code, found: findings.filter(({ id }) => id.startsWith('reconcile')) };
  }

  it('has nothing to say where the log has what the database counted, over both protocols', async () => {
    expect(await reconciled(telemetry(2))).toEqual({ code: 0, found: [] });
  });

  it('names the operations that did not pass, and how many', async () => {
    const { code, found } = await reconciled(telemetry(7));
    expect(code).toBe(1);
    expect(found).toEqual([
      expect.objectContaining({
        severity: 'high',
        message: expect.stringMatching(
          /counted 8 × points\.query since .* log has 3: 5 did not pass/,
        ),
      }),
    ]);
  });

  it('names routes that the catalogue does not know', async () => {
    const { found } = await reconciled(telemetry(2, { '/qdrant.Hidden/Door': { count: 1 } }));
    expect(found[0]?.message).toContain('/qdrant.Hidden/Door');
  });

  it('says so where the log begins after the database', async () => {
    const { code, found } = await reconciled(telemetry(7), '2026-11-22T11:00:00Z');
    expect(code).toBe(1);
    expect(found[0]?.message).toContain('or came before the log began');
  });

  it('says so where the database does not count', async () => {
    const { found } = await reconciled({ result: {} });
    expect(found).toEqual([expect.objectContaining({ id: 'reconcile.unknown' })]);
  });

  it('reads both shapes that gRPC counters have had', () => {
    const of = (grpc: unknown) =>
      readCounters(
        Buffer.from(JSON.stringify({ result: { requests: { grpc: { responses: grpc } } } })),
      );
    expect([...of({ '/a/B': { count: 3 } }).routes]).toEqual([['/a/B', 3]]);
    expect([...of({ '/a/B': { 0: { count: 3 }, 5: { count: 1 } } }).routes]).toEqual([['/a/B', 4]]);
  });
});

describe('what time brings', () => {
  const day = 86_400_000;
  const now = Date.parse('2026-11-22T12:00:00Z');

  it.each([
    [90, []],
    [29, ['medium']],
    [6, ['high']],
  ])('a certificate that ends in %i days is %j', (days, severities) => {
    const found = certificateFindings(now + days * day, now);
    expect(found.map(({ severity }) => severity)).toEqual(severities);
  });

  it('keys without an end and old ones are named, those that are over are not', () => {
    const key = (name: string, created: number, expires: number | null, revoked: number | null) => {
      const nothing = {
        replaces: null,
        imported: false,
        roles: ['r'],
        upstream: null,
        hash: '',
        sources: [],
        labels: {},
      } as const;
      return { ...nothing, id: name, name, created, expires, revoked };
    };
    const found = keyFindings(
      [
        key('endless', now, null, null),
        key('old', now - 91 * day, now + day, null),
        key('over', now - 91 * day, now - 1, null),
        key('revoked', now - 91 * day, null, now - 1),
        key('good', now, now + day, null),
      ],
      now,
    );
    expect(found.map(({ id, message }) => [id, message])).toEqual([
      ['key.endless', 'keys without an end: "endless" (endless)'],
      ['key.old', 'keys older than 90 days: "old" (old)'],
    ]);
  });

  it.each([
    ['20.20.2', ['high']],
    ['24.22.2', ['medium']],
    ['24.22.3', []],
    ['26.13.0', ['medium']],
    ['26.13.1', []],
    ['26.14.0', []],
    ['28.0.0', []],
  ])('Node %s is %j', (version, severities) => {
    expect(runtimeFindings(version).map(({ severity }) => severity)).toEqual(severities);
  });
});

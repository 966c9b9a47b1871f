import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDevCertificates, writeDevCertificates } from '../../src/tls/dev-certificates.ts';
import {
  naming,
  openGrpc,
  openRest,
  type RawCaller,
  type RawClient,
} from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { readAudit } from '../support/gateway-audit.ts';
import { runCli } from '../support/gateway-cli.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';
import { layOut } from '../support/gateway-folder.ts';

const path = '/collections/reload';
const mayList = 'role: reader\nallow: [{ collections: [reload], access: [list] }]\n';
const mayNot = 'role: reader\nallow: [{ collections: [another], access: [list] }]\n';

let database: TestDatabase;
let gateway: TestGateway;
let rest: RawClient;
let grpc: RawCaller;
let connection: number;

beforeAll(async () => {
  database = await openDemo();
  gateway = await startGateway({
    database,
    policies: { reader: '', admin: 'allow: [{ collections: ["*"], access: m }]' },
    keys: {
      reader: { roles: ['reader'] },
      short: { roles: ['reader'] },
      admin: { roles: ['admin'] },
    },
    texts: { 'policies/reader.yaml': mayList },
  });
  rest = openRest(gateway);
  grpc = openGrpc(gateway);
  const body = JSON.stringify({ vectors: { size: 4, distance: 'Dot' } });
  ({ connection } = await rest.ask({ method: 'PUT', path, body, key: keyOf('admin') }));
  await grpc.call('/qdrant.Collections/Get', naming('reload'), keyOf('reader'));
});
afterAll(async () => {
  rest.close();
  grpc.close();
  await gateway.stop();
  await database.close();
});

const keyOf = (name: string) => gateway.keys[name] ?? null;

/** What both protocols say now, on the connections that are open since the beginning. */
async function heard(key: string | null): Promise<[number, number]> {
  const over = await rest.ask({ path, key });
  expect(over.connection).toBe(connection);
  const called = await grpc.call('/qdrant.Collections/Get', naming('reload'), key);
  return [over.status, called.status];
}

/** A second is promised; a busy machine may take longer, and is no reason to fail. */
const soon = { timeout: 10_000, interval: 20 };

interface Status {
  readonly ready: boolean;
  readonly configuration: readonly {
    readonly part: string;
    readonly version: string;
    readonly failure: { readonly at: string; readonly problems: readonly object[] } | null;
  }[];
}

async function stateOf(part: string): Promise<Status['configuration'][number]> {
  const { body } = await gateway.admin('/status');
  const found = (body as Status).configuration.find((each) => each.part === part);
  if (!found) throw new Error(`the status tells nothing of ${part}`);
  return found;
}

function changes(event: string): number {
  return gateway.audit().filter((record) => record.kind === 'config' && record.event === event)
    .length;
}

describe('on connections that are open', () => {
  it('lets a key in that was made after they were opened', async () => {
    const args = ['--name', 'late', '--role', 'reader', '--keys', gateway.keyFile, '--json'];
    const made = await runCli('keys', 'create', ...args);
    const { key } = JSON.parse(made.stdout) as { key: string };
    await expect.poll(() => heard(key), soon).toEqual([200, 0]);
    expect(changes('keys.changed')).toBe(1);
  });

  it('refuses a key once it is revoked', async () => {
    expect(await heard(keyOf('short'))).toEqual([200, 0]);
    const id = gateway.keyIds['short'] ?? '';
    expect((await runCli('keys', 'revoke', id, '--keys', gateway.keyFile)).code).toBe(0);
    await expect.poll(() => heard(keyOf('short')), soon).toEqual([401, 16]);
    expect(await heard(keyOf('reader'))).toEqual([200, 0]);
  });

  it('judges by a policy that was edited, and again by the one before', async () => {
    const file = join(gateway.policyDirectory, 'reader.yaml');
    expect(await heard(keyOf('reader'))).toEqual([200, 0]);
    writeFileSync(file, mayNot);
    await expect.poll(() => heard(keyOf('reader')), soon).toEqual([403, 7]);
    writeFileSync(file, mayList);
    await expect.poll(() => heard(keyOf('reader')), soon).toEqual([200, 0]);
    expect(changes('policy.changed')).toBe(2);
  });
});

describe('what is in force from the start', () => {
  it('is in the audit log before any port is open', async () => {
    const other = await layOut({
      database,
      policies: { reader: 'allow: [{ access: [observe] }]' },
      keys: { one: { roles: ['reader'] } },
    });
    const taken = new URL(gateway.http()).port;
    const text = readFileSync(other.config, 'utf8');
    writeFileSync(
      other.config,
      text.replace('"http":"127.0.0.1:0"', `"http":"127.0.0.1:${taken}"`),
    );
    const { code, stderr } = await runCli('serve', '--config', other.config);
    const events = readAudit(other.auditDirectory).map(({ event }) => event);
    rmSync(other.directory, { recursive: true });
    expect([code, stderr]).toEqual([1, expect.stringContaining('cannot be bound')]);
    const loaded = ['certificate.loaded', 'keys.loaded', 'secrets.loaded', 'policy.loaded'];
    expect(events.filter((event) => event?.endsWith('.loaded'))).toEqual(loaded);
  });
});

describe('a version that is no good', () => {
  const policy = () => join(gateway.policyDirectory, 'reader.yaml');
  const files = [
    {
      part: 'policies',
      event: 'policy.refused',
      file: policy,
      named: policy,
      bad: 'role: reader\nallow: [{ collections: [], access: everything }]\n',
    },
    {
      part: 'keys',
      event: 'keys.refused',
      file: () => gateway.keyFile,
      named: () => gateway.keyFile,
      bad: 'keys: [{ id: 1 }]\n',
    },
    {
      part: 'certificates',
      event: 'certificate.refused',
      file: () => gateway.certificates.server,
      named: () => gateway.config,
      bad: 'no certificate',
    },
  ];

  it.each(files)('of the $part leaves the old one in force, and says so', async (one) => {
    const { part, event, file, named, bad } = one;
    const good = readFileSync(file(), 'utf8');
    const { version } = await stateOf(part);
    writeFileSync(file(), bad);
    await expect.poll(async () => (await stateOf(part)).failure, soon).not.toBeNull();
    const { failure, ...kept } = await stateOf(part);
    expect(kept.version).toBe(version);
    expect(failure?.problems[0]).toMatchObject({ file: named(), message: expect.any(String) });
    expect(await heard(keyOf('reader'))).toEqual([200, 0]);
    expect((await gateway.health('/readyz')).status).toBe(200);
    const refused = `vectorgate_reloads_total{part="${part}",result="refused"} `;
    expect((await gateway.health('/metrics')).body).toContain(refused);
    expect(gateway.output()).toContain('reload refused; what was in force stays');
    const recorded = gateway.audit().filter((record) => record.event === event);
    expect(recorded).toEqual([
      expect.objectContaining({ digest: version, reason: expect.stringContaining(named()) }),
    ]);
    writeFileSync(file(), good);
    await expect.poll(async () => (await stateOf(part)).failure, soon).toBeNull();
  });

  it('is looked at again on SIGHUP, and when the admin port is asked to', async () => {
    const file = join(gateway.policyDirectory, 'reader.yaml');
    writeFileSync(file, 'role: reader\n');
    await expect.poll(async () => (await stateOf('policies')).failure, soon).not.toBeNull();
    const { failure } = await stateOf('policies');
    gateway.signal('SIGHUP');
    await expect
      .poll(async () => (await stateOf('policies')).failure?.at, soon)
      .not.toBe(failure?.at);
    expect(await gateway.admin('/reload', 'POST')).toMatchObject({
      status: 422,
      body: { ok: false },
    });
    writeFileSync(file, mayList);
    expect(await gateway.admin('/reload', 'POST')).toEqual({
      status: 200,
      body: { ok: true, problems: [] },
    });
    expect((await stateOf('policies')).failure).toBeNull();
  });
});

describe('a certificate that is replaced', () => {
  it('is shown to new connections, while old ones go on', async () => {
    const before = await shownBy(gateway.http(), readFileSync(gateway.certificates.ca, 'utf8'));
    const next = makeDevCertificates();
    const folder = join(gateway.directory, 'certs');
    writeDevCertificates(folder, next, true);
    const shown = () => shownBy(gateway.http(), next.ca.certificate);
    await expect.poll(shown, soon).toMatch(/^[0-9A-F:]{95}$/);
    expect(await shown()).not.toBe(before);
    expect(await shownBy(gateway.grpc(), next.ca.certificate)).toBe(await shown());
    expect(await heard(keyOf('reader'))).toEqual([200, 0]);
    expect(changes('certificate.changed')).toBe(1);
  });
});

/** The fingerprint of the certificate a new connection is shown, or why it is not trusted. */
function shownBy(url: string, ca: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), ca, servername: 'localhost' });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on('secureConnect', () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
  });
}

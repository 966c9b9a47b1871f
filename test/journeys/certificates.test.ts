import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heard, nobody, shut, welcome } from '../support/certificate-callers.ts';
import { naming, openGrpc, openRest } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';
import { badCertificates, goodCertificates, rules } from '../tls/bad-certificates.ts';
import { forge, forgeAuthority, forgeList } from '../tls/forge.ts';

const revoked = 77;
const ca = forgeAuthority('Clients CA');
const soon = { timeout: 15_000, interval: 30 };
const uri = 0x86;
const id = 'spiffe://prod/ns/rag/sa/search';

let database: TestDatabase;
beforeAll(async () => {
  database = await openDemo();
});
afterAll(() => database.close());

function start(combine: string | null, crlStale = 'refuse'): Promise<TestGateway> {
  return startGateway({
    database,
    policies: {
      reader: 'allow: [{ collections: ["*"], access: r }]',
      none: 'allow: [{ collections: [nothing], access: r }]',
    },
    keys: { reader: { roles: ['reader'] }, none: { roles: ['none'] } },
    identity: { certificates: rules, ...(combine === null ? {} : { combine }) },
    tls: {
      ...{ clientCa: 'clients.pem', clientCertificate: 'optional' },
      ...{ crl: 'clients.crl', crlStale },
    },
    texts: {
      'clients.pem': ca.certificate,
      'clients.crl': forgeList(ca, { serials: [revoked] }),
    },
  });
}

describe('a client certificate', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await start(null);
  });
  afterAll(() => gateway.stop());

  it.each(goodCertificates(ca))('with $what is somebody, and in the audit log', async (good) => {
    const before = gateway.audit().length;
    expect(await heard(gateway, good)).toEqual(welcome);
    const told = () =>
      gateway
        .audit()
        .slice(before)
        .filter(({ kind }) => kind === 'intent');
    await expect.poll(told, soon).toHaveLength(3);
    const [record] = told();
    expect(record?.principal).toMatchObject({
      kind: 'certificate',
      id: expect.stringMatching(/^search/),
    });
    expect(record?.tls?.certificate).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  const bad = badCertificates(ca, revoked);
  it.each(bad)(
    '$what is nobody on any wire, and the log says why',
    async ({ cert, key, reason }) => {
      const before = gateway.output().length;
      const told = await heard(gateway, { cert, key });
      expect([nobody, shut]).toContainEqual(told);
      const reasons = () =>
        gateway
          .output()
          .slice(before)
          .split('\n')
          .filter((line) => /certificate/.test(line) && reason.test(line));
      await expect.poll(() => reasons().length, soon).toBeGreaterThanOrEqual(3);
    },
  );

  it('has more than thirty ways to be bad, and its failures are counted in the audit log', async () => {
    expect(bad.length).toBeGreaterThan(30);
    const failures = () => gateway.audit().filter(({ event }) => event === 'auth.failure');
    await expect.poll(() => failures().length, soon).toBeGreaterThan(0);
  });

  it('beside a key is a rival, whatever the key may', async () => {
    const [good] = goodCertificates(ca);
    for (const key of ['reader', 'none']) {
      expect(await heard(gateway, good ?? {}, gateway.keys[key] ?? null)).toEqual(nobody);
    }
    expect(await heard(gateway, {}, gateway.keys['reader'] ?? null)).toEqual(welcome);
    expect(await heard(gateway, {})).toEqual(nobody);
  });
});

describe('combine', () => {
  it('both: grants what each of them would', async () => {
    const gateway = await start('both');
    try {
      const [good] = goodCertificates(ca);
      const stranger = forge({ names: [[uri, 'spiffe://prod/other']] }, ca);
      const rest = openRest(gateway, good);
      const path = '/collections/some/points/scroll';
      const ask = async (name: string) => {
        const key = gateway.keys[name] ?? null;
        return (await rest.ask({ method: 'POST', path, key, body: '{}' })).status;
      };
      expect(await ask('reader')).toBe(404);
      expect(await ask('none')).toBe(403);
      expect((await rest.ask({ path: '/collections' })).status).toBe(200);
      rest.close();
      const { certificate: cert, key: own } = stranger;
      const key = gateway.keys['reader'] ?? null;
      expect(await heard(gateway, { cert, key: own }, key)).toEqual(nobody);
    } finally {
      await gateway.stop();
    }
  });

  it('transport: says nothing of who calls, and still refuses what is revoked', async () => {
    const gateway = await start('transport');
    try {
      const [good] = goodCertificates(ca);
      expect(await heard(gateway, good ?? {})).toEqual(nobody);
      expect(await heard(gateway, good ?? {}, gateway.keys['reader'] ?? null)).toEqual(welcome);
      const gone = forge({ names: [[uri, id]], serial: revoked }, ca);
      const shown = { cert: gone.certificate, key: gone.key };
      expect(await heard(gateway, shown, gateway.keys['reader'] ?? null)).toEqual(shut);
    } finally {
      await gateway.stop();
    }
  });
});

describe('on connections that are open', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await start(null);
  });
  afterAll(() => gateway.stop());

  /** Three connections that stay: each gives the status of its next request. */
  function opened({ cert, key }: { cert: string; key: string }) {
    const rest = openRest(gateway, { cert, key });
    const grpc = openGrpc(gateway, { cert, key });
    const own = readFileSync(gateway.certificates.ca, 'utf8');
    const session = connect(gateway.http(), { ca: own, cert, key });
    session.on('error', () => undefined);
    let connection: number | null = null;
    const over1 = async () => {
      const answer = await rest.ask({ path: '/collections' });
      connection ??= answer.connection;
      expect(answer.connection).toBe(connection);
      return answer.status;
    };
    const over2 = () =>
      new Promise<number>((resolve, reject) => {
        const stream = session.request({ ':path': '/collections' });
        stream.on('response', (fields) => resolve(Number(fields[':status'])));
        stream.on('error', reject).resume();
      });
    const called = async () =>
      (await grpc.call('/qdrant.Collections/List', naming(''), null)).status;
    return {
      ask: () => Promise.all([over1(), over2(), called()]),
      close: () => {
        rest.close();
        grpc.close();
        session.destroy();
      },
    };
  }

  it('a certificate that ends is refused from then on', async () => {
    const leaf = forge({ names: [[uri, id]], to: 4000 }, ca);
    const open = opened({ cert: leaf.certificate, key: leaf.key });
    expect(await open.ask()).toEqual(welcome);
    await expect.poll(open.ask, soon).toEqual(nobody);
    open.close();
  });

  it('a certificate that is revoked is refused at the next request, another goes on', async () => {
    const one = forge({ names: [[uri, id]], serial: 501 }, ca);
    const other = forge({ names: [[uri, id]], serial: 502 }, ca);
    const [open, kept] = [one, other].map(({ certificate: cert, key }) => opened({ cert, key }));
    if (!open || !kept) throw new Error('both were opened');
    expect(await open.ask()).toEqual(welcome);
    expect(await kept.ask()).toEqual(welcome);
    const file = join(gateway.directory, 'clients.crl');
    writeFileSync(file, forgeList(ca, { serials: [revoked, 501] }));
    await expect.poll(open.ask, soon).toEqual(nobody);
    expect(await kept.ask()).toEqual(welcome);
    const { certificate: cert, key } = one;
    expect(await heard(gateway, { cert, key })).toEqual(shut);
    open.close();
    kept.close();
  });

  it('a list that is no good leaves the old one in force', async () => {
    const file = join(gateway.directory, 'clients.crl');
    const foreign = forgeList(forgeAuthority('Clients CA'), {});
    const before = gateway.output().length;
    writeFileSync(file, foreign);
    const refused = () => gateway.output().slice(before).includes('reload refused');
    await expect.poll(refused, soon).toBe(true);
    const gone = forge({ names: [[uri, id]], serial: revoked }, ca);
    expect(await heard(gateway, { cert: gone.certificate, key: gone.key })).toEqual(shut);
    writeFileSync(file, forgeList(ca, { serials: [revoked] }));
  });

  it('a certificate whose authority is trusted no more is refused', async () => {
    const leaf = forge({ names: [[uri, id]] }, ca);
    const open = opened({ cert: leaf.certificate, key: leaf.key });
    expect(await open.ask()).toEqual(welcome);
    const next = forgeAuthority('Clients CA 2');
    writeFileSync(join(gateway.directory, 'clients.crl'), forgeList(ca) + forgeList(next));
    writeFileSync(join(gateway.directory, 'clients.pem'), ca.certificate + next.certificate);
    await expect
      .poll(() => gateway.admin('/reload', 'POST').then(({ status }) => status), soon)
      .toBe(200);
    expect(await open.ask()).toEqual(welcome);
    writeFileSync(join(gateway.directory, 'clients.crl'), forgeList(next));
    writeFileSync(join(gateway.directory, 'clients.pem'), next.certificate);
    await expect.poll(open.ask, soon).toEqual(nobody);
    open.close();
    const events = gateway.audit().map(({ event }) => event);
    expect(events.filter((event) => event === 'authority.changed')).toHaveLength(2);
    expect(events).toContain('crl.changed');
    expect(events).toContain('certificate.refused');
  });
});

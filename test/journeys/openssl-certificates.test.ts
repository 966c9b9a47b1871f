import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heard, nobody, shut, welcome } from '../support/certificate-callers.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';
import { rules } from '../tls/bad-certificates.ts';
import { hasOpenssl } from '../tls/openssl.ts';
import { type OpensslCertificates, opensslCertificates } from '../tls/openssl-certificates.ts';

const soon = { timeout: 15_000, interval: 50 };
const openssl = hasOpenssl();
if (!openssl)
  console.warn('There is no openssl: nobody else but our own forge makes certificates.');

const folder = mkdtempSync(join(tmpdir(), 'vectorgate-openssl-'));
const made: OpensslCertificates = openssl
  ? opensslCertificates(folder)
  : { authorities: '', lists: '', good: { certificate: '', key: '' }, bad: [] };

describe.skipIf(!openssl)('a client certificate as OpenSSL makes it', () => {
  let database: TestDatabase;
  let gateway: TestGateway;
  beforeAll(async () => {
    database = await openDemo();
    gateway = await startGateway({
      database,
      policies: { reader: 'allow: [{ collections: ["*"], access: r }]' },
      keys: { reader: { roles: ['reader'] } },
      identity: { certificates: rules },
      tls: { clientCa: 'clients.pem', clientCertificate: 'optional', crl: 'clients.crl' },
      texts: { 'clients.pem': made.authorities, 'clients.crl': made.lists },
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await database.close();
    rmSync(folder, { recursive: true });
  });

  it('is somebody where nothing is wrong with it', async () => {
    const { certificate: cert, key } = made.good;
    expect(await heard(gateway, { cert, key })).toEqual(welcome);
  });

  it.each(made.bad)(
    '$what is nobody on any wire, and the log says why',
    async ({ cert, key, reason }) => {
      const before = gateway.output().length;
      expect([nobody, shut]).toContainEqual(await heard(gateway, { cert, key }));
      const reasons = () =>
        gateway
          .output()
          .slice(before)
          .split('\n')
          .filter((line) => /certificate|handshake/.test(line) && reason.test(line));
      await expect.poll(() => reasons().length, soon).toBeGreaterThanOrEqual(3);
    },
  );

  it('that was bad is in the audit log, each time and with the reason, and nothing passed', async () => {
    expect(made.bad.length).toBeGreaterThanOrEqual(30);
    const failures = () => gateway.audit().filter(({ event }) => event === 'auth.failure');
    const count = () => failures().reduce((sum, { count: some = 0 }) => sum + some, 0);
    await expect.poll(count, soon).toBeGreaterThanOrEqual(made.bad.length * 3);
    for (const { what, reason } of made.bad) {
      const told = failures().some((record) => reason.test(String(record.reason)));
      expect(told, what).toBe(true);
    }
    expect(gateway.audit().filter(({ kind }) => kind === 'intent')).toHaveLength(3);
  });
});

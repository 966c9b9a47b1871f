import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { TlsSection } from '../../src/tls/config.ts';
import { type DevCertificates, makeDevCertificates } from '../../src/tls/dev-certificates.ts';

/** A folder that is gone when the test is. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vectorgate-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Certificates in files, and the section that names them. */
export function sectionOf(
  change: Partial<TlsSection> = {},
  certificates: DevCertificates = makeDevCertificates(),
): TlsSection {
  const folder = temporaryFolder();
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  return {
    certificate: file('server.pem', certificates.server.certificate),
    key: file('server-key.pem', certificates.server.key),
    minVersion: 'TLSv1.3',
    clientCa: file('ca.pem', certificates.ca.certificate),
    clientCertificate: 'none',
    crl: [],
    crlStale: 'refuse',
    ...change,
  };
}

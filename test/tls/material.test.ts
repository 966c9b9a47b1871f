import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Misconfigured, type Problem } from '../../src/problem.ts';
import { issueCertificate } from '../../src/tls/certificate.ts';
import type { TlsSection } from '../../src/tls/config.ts';
import { makeDevCertificates } from '../../src/tls/dev-certificates.ts';
import { loadMaterial } from '../../src/tls/material.ts';
import { sectionOf } from './folder.ts';

const day = 86_400_000;

function problemsOf(section: TlsSection, now?: number): readonly Problem[] {
  try {
    loadMaterial(section, now);
  } catch (error) {
    if (error instanceof Misconfigured) return error.problems;
    throw error;
  }
  return [];
}

describe('certificates and keys', () => {
  test('are read with the time they end and the files to watch', () => {
    const section = sectionOf({ clientCertificate: 'required' });
    const material = loadMaterial(section);
    expect(material.files).toEqual([section.certificate, section.key, section.clientCa]);
    expect(material.expires).toBeGreaterThan(Date.now() + 800 * day);
    expect(material.clients).not.toBeNull();
  });

  test('a client authority is not read where no certificate is asked for', () => {
    const section = sectionOf({ clientCertificate: 'none', clientCa: '/nowhere/ca.pem' });
    expect(loadMaterial(section)).toMatchObject({ clients: null });
  });

  test('a missing file is named', () => {
    const section = sectionOf({ certificate: '/nowhere/server.pem' });
    expect(problemsOf(section)).toMatchObject([
      { file: '/nowhere/server.pem', path: 'tls.certificate', message: 'the file does not exist' },
    ]);
  });

  test('every bad file is told at once', () => {
    const section = sectionOf({ certificate: '/nowhere/a', key: '/nowhere/b' });
    expect(problemsOf(section).map(({ path }) => path)).toEqual(['tls.certificate', 'tls.key']);
  });

  test('the caller can tell it at a line of its own', () => {
    const at = { file: 'vectorgate.yaml', line: 7 };
    const section = sectionOf({ key: '/nowhere/k.pem' });
    expect(() =>
      loadMaterial(section, Date.now(), (key, message, remedy) => ({
        ...at,
        path: `tls.${key}`,
        message,
        remedy,
      })),
    ).toThrow(/^vectorgate\.yaml:7 tls\.key: the file does not exist\. /);
  });

  test.each([0o644, 0o604, 0o620, 0o606])('a key of mode %o is refused', (mode) => {
    const section = sectionOf();
    chmodSync(section.key, mode);
    expect(problemsOf(section)).toMatchObject([
      { path: 'tls.key', remedy: `chmod 600 ${section.key}` },
    ]);
  });

  test('the key of another certificate is refused', () => {
    const section = sectionOf();
    writeFileSync(section.key, makeDevCertificates().server.key);
    expect(problemsOf(section)).toMatchObject([
      { path: 'tls.key', message: 'it is not the key of the certificate' },
    ]);
  });

  test('an encrypted key is refused with what to do', () => {
    const section = sectionOf();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const locked = {
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    } as const;
    writeFileSync(section.key, privateKey.export(locked));
    expect(problemsOf(section)).toMatchObject([{ message: 'the key is encrypted' }]);
  });

  test.each(['certificate', 'key'] as const)('text that is no PEM is refused as %s', (key) => {
    const section = sectionOf();
    writeFileSync(section[key], 'hello');
    expect(problemsOf(section)).toMatchObject([{ path: `tls.${key}` }]);
  });

  test('a certificate counts to its last millisecond and no longer', () => {
    const section = sectionOf();
    const { expires } = loadMaterial(section);
    expect(problemsOf(section, expires - 1)).toEqual([]);
    expect(problemsOf(section, expires)).toMatchObject([{ path: 'tls.certificate' }]);
    expect(problemsOf(section, expires)[0]?.message).toContain('it ended on');
  });

  test('a certificate that has not begun is refused', () => {
    expect(problemsOf(sectionOf(), Date.now() - 2 * day)[0]?.message).toContain(
      'it starts only on',
    );
  });

  test("a client's certificate is no server's", () => {
    const { ca } = makeDevCertificates();
    const from = { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + day) };
    const client = issueCertificate(ca, { name: 'c', usage: 'client', names: [], ...from });
    const section = sectionOf();
    writeFileSync(section.certificate, client.certificate);
    writeFileSync(section.key, client.key);
    expect(problemsOf(section)).toMatchObject([{ message: 'it is not for servers' }]);
  });
});

describe('authorities of clients', () => {
  const asked = { clientCertificate: 'required' } as const;

  test('several in one file are taken', () => {
    const section = sectionOf(asked);
    const both = [makeDevCertificates(), makeDevCertificates()].map(({ ca }) => ca.certificate);
    writeFileSync(String(section.clientCa), `# two\n${both.join('\n')}`);
    expect(problemsOf(section)).toEqual([]);
  });

  test('a certificate that may sign none is refused, also behind a good one', () => {
    const section = sectionOf(asked);
    const good = readFileSync(String(section.clientCa), 'utf8');
    writeFileSync(String(section.clientCa), good + readFileSync(section.certificate, 'utf8'));
    expect(problemsOf(section)).toMatchObject([
      { path: 'tls.clientCa', message: 'it holds what is no authority' },
    ]);
  });

  test.each([
    ['nothing', ''],
    ['no certificate', 'hello'],
    ['half a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'],
  ])('a file with %s is refused', (_what, text) => {
    const section = sectionOf(asked);
    writeFileSync(String(section.clientCa), text);
    expect(problemsOf(section)).toMatchObject([{ path: 'tls.clientCa' }]);
  });

  test('one that has ended is refused', () => {
    const old = makeDevCertificates(Date.now() - 900 * day);
    const section = sectionOf(asked);
    writeFileSync(String(section.clientCa), old.ca.certificate);
    expect(problemsOf(section)[0]?.message).toContain('it ended on');
  });
});

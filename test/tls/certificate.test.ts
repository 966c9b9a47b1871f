import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkServerIdentity } from 'node:tls';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { issueCertificate, makeAuthority } from '../../src/tls/certificate.ts';
import { makeDevCertificates, writeDevCertificates } from '../../src/tls/dev-certificates.ts';
import { sectionOf, temporaryFolder } from './folder.ts';
import { enter, serve } from './handshake.ts';

const notBefore = new Date('2026-11-22T00:00:00Z');
const notAfter = new Date('2026-12-22T00:00:00Z');
const authority = makeAuthority('Test CA', notBefore, notAfter);

function issue(change: object = {}) {
  const request = { name: 'n', usage: 'server', names: [], notBefore, notAfter } as const;
  return new X509Certificate(issueCertificate(authority, { ...request, ...change }).certificate);
}

describe('a certificate', () => {
  test('is signed by its authority, which is an authority', () => {
    const certificate = issue();
    const ca = new X509Certificate(authority.certificate);
    expect(ca.ca).toBe(true);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.checkIssued(ca)).toBe(true);
    expect(certificate.verify(ca.publicKey)).toBe(true);
  });

  test('serves the one purpose it was asked for', () => {
    expect(issue({ usage: 'server' }).keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(issue({ usage: 'client' }).keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });

  test('has a positive serial number of 16 bytes', () => {
    const serials = Array.from({ length: 20 }, () => issue().serialNumber);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(new Set(serials).size).toBe(20);
  });

  test.each([new Date('2049-12-31T23:59:59Z'), new Date('2050-01-01T00:00:00Z')])(
    'ends when it was told to: %s',
    (end) => expect(issue({ notAfter: end }).validToDate).toEqual(end),
  );

  test('bears any name', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~äß€]{1,40}$/), (name) => {
        const written = issue({ name }).toLegacyObject().subject as unknown as { CN: string };
        expect(written.CN).toBe(name);
      }),
      { numRuns: 30 },
    );
  });

  test('is for any IP address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        expect(issue({ names: [address] }).checkIP(address)).toBe(address);
      }),
      { numRuns: 100 },
    );
  });

  test('is for DNS names and URIs', () => {
    const certificate = issue({ names: ['a.example', 'spiffe://prod/ns/rag', '10.0.0.1'] });
    expect(certificate.subjectAltName).toBe(
      'DNS:a.example, URI:spiffe://prod/ns/rag, IP Address:10.0.0.1',
    );
  });
});

describe('development certificates', () => {
  test.each(['localhost', '127.0.0.1'])('a verifying client finds %s', async (name) => {
    const certificates = makeDevCertificates();
    const { port } = await serve(sectionOf({}, certificates));
    const { socket } = await enter(port, {
      ca: certificates.ca.certificate,
      rejectUnauthorized: true,
      checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    });
    expect(socket.authorized).toBe(true);
  });

  test('cover the names of this host and no other', () => {
    const server = new X509Certificate(makeDevCertificates().server.certificate);
    expect(server.checkHost('localhost')).toBe('localhost');
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(server.checkIP('::1')).toBe('::1');
    expect(server.checkHost('vectors.example.com')).toBeUndefined();
    expect(server.checkIP('127.0.0.2')).toBeUndefined();
  });

  test('are six files, of which only the owner reads the keys', () => {
    const folder = join(temporaryFolder(), 'certs', 'dev');
    const paths = writeDevCertificates(folder, makeDevCertificates(), false);
    expect(readdirSync(folder).sort()).toEqual([
      'ca-key.pem',
      'ca.pem',
      'client-key.pem',
      'client.pem',
      'server-key.pem',
      'server.pem',
    ]);
    for (const [name, path] of Object.entries(paths)) {
      expect(statSync(path).mode & 0o777).toBe(name.endsWith('Key') ? 0o600 : 0o644);
    }
    const leaf = new X509Certificate(readFileSync(paths.client));
    expect(leaf.checkPrivateKey(createPrivateKey(readFileSync(paths.clientKey)))).toBe(true);
  });

  test('replace others only when told to', () => {
    const folder = temporaryFolder();
    const { ca } = writeDevCertificates(folder, makeDevCertificates(), false);
    const first = readFileSync(ca, 'utf8');
    expect(() => writeDevCertificates(folder, makeDevCertificates(), false)).toThrow(
      `${ca} exists; --force replaces all six`,
    );
    expect(readFileSync(ca, 'utf8')).toBe(first);
    writeDevCertificates(folder, makeDevCertificates(), true);
    expect(readFileSync(ca, 'utf8')).not.toBe(first);
    expect(existsSync(ca)).toBe(true);
  });
});

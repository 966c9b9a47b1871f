import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Authority,
  issueCertificate,
  type KeyedCertificate,
  makeAuthority,
} from './certificate.ts';

/** An authority, a server and a client that trust each other, for a developer's machine. */
export interface DevCertificates {
  readonly ca: Authority;
  readonly server: KeyedCertificate;
  readonly client: KeyedCertificate;
}

/** Where each file of the development certificates was written. */
export interface DevCertificatePaths {
  readonly ca: string;
  readonly caKey: string;
  readonly server: string;
  readonly serverKey: string;
  readonly client: string;
  readonly clientKey: string;
}

const day = 86_400_000;
/** The longest that Apple's verifier takes from an authority that a user added. */
const lifetime = 825 * day;
/** Containers' clocks may lag behind the host's. */
const leeway = 3_600_000;

/** Makes development certificates for localhost, 127.0.0.1 and ::1, valid for 825 days. */
export function makeDevCertificates(now = Date.now()): DevCertificates {
  const notBefore = new Date(now - leeway);
  const notAfter = new Date(now + lifetime);
  const ca = makeAuthority('Vectorgate development CA', notBefore, notAfter);
  const names = ['localhost', '127.0.0.1', '::1'];
  const server = { name: 'localhost', usage: 'server', names, notBefore, notAfter } as const;
  const client = { ...server, name: 'vectorgate-dev-client', usage: 'client', names: [] } as const;
  return { ca, server: issueCertificate(ca, server), client: issueCertificate(ca, client) };
}

/**
 * Writes certificates and keys into a directory, keys with mode 0600.
 * Throws `Error` with a sentence for people where one is there already and `force` is false.
 */
export function writeDevCertificates(
  directory: string,
  certificates: DevCertificates,
  force: boolean,
): DevCertificatePaths {
  const paths = {
    ca: join(directory, 'ca.pem'),
    caKey: join(directory, 'ca-key.pem'),
    server: join(directory, 'server.pem'),
    serverKey: join(directory, 'server-key.pem'),
    client: join(directory, 'client.pem'),
    clientKey: join(directory, 'client-key.pem'),
  };
  const there = Object.values(paths).find((path) => existsSync(path));
  if (there !== undefined && !force) throw new Error(`${there} exists; --force replaces all six`);
  mkdirSync(directory, { recursive: true });
  const { ca, server, client } = certificates;
  writeNew(paths.ca, ca.certificate, 0o644);
  writeNew(paths.caKey, ca.key, 0o600);
  writeNew(paths.server, server.certificate, 0o644);
  writeNew(paths.serverKey, server.key, 0o600);
  writeNew(paths.client, client.certificate, 0o644);
  writeNew(paths.clientKey, client.key, 0o600);
  return paths;
}

/** A file that is there would keep its mode, so it goes first. */
function writeNew(path: string, text: string, mode: number): void {
  rmSync(path, { force: true });
  writeFileSync(path, text, { mode, flag: 'wx' });
}

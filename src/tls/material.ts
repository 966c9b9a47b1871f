import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { Misconfigured, type Problem } from '../problem.ts';
import { readSecretFile } from '../secret-file.ts';
import { type ClientTrust, readClientTrust } from './client-trust.ts';
import type { TlsSection } from './config.ts';
import { checkTime, type FileKey, parseCertificate, type Report, readFor } from './read-file.ts';

/** Certificates and keys, read and found to fit together. */
export interface TlsMaterial {
  readonly section: TlsSection;
  /** PEM: the leaf first, then its chain. */
  readonly certificate: Buffer;
  readonly key: Buffer;
  /** What client certificates are verified by; null: none are asked for. */
  readonly clients: ClientTrust | null;
  /** Every file this was read from, to be watched. */
  readonly files: readonly string[];
  /** When the certificate ends, in milliseconds since 1970. */
  readonly expires: number;
}

/** Tells what is wrong with the file that a key of the section names. */
export type TellProblem = (key: FileKey, message: string, remedy: string) => Problem;

const serverAuth = '1.3.6.1.5.5.7.3.1';

/**
 * Reads what the section names. Throws `Misconfigured` with everything that is wrong: unreadable or
 * open files, a key of another certificate, a certificate out of its time or not for servers.
 */
export function loadMaterial(
  section: TlsSection,
  now: number = Date.now(),
  tell: TellProblem = (key, message, remedy) => {
    return { file: String(section[key] ?? ''), line: null, path: `tls.${key}`, message, remedy };
  },
): TlsMaterial {
  const problems: Problem[] = [];
  const report: Report = (key, message, remedy) => problems.push(tell(key, message, remedy));
  const certificate = readFor('certificate', report, () => readFileSync(section.certificate));
  const key = readFor('key', report, () => readSecretFile(section.key));
  const clientCa = section.clientCertificate === 'none' ? null : section.clientCa;
  const clients = clientCa === null ? null : readClientTrust({ ...section, clientCa }, now, report);
  const leaf = certificate && checkLeaf(certificate, now, report);
  const privateKey = key && checkKey(key, report);
  if (leaf && privateKey) checkPair(leaf, privateKey, { certificate, key }, report);
  if (problems.length > 0 || !leaf || !certificate || !key) throw new Misconfigured(problems);
  const ofClients = clientCa === null ? [] : [clientCa, ...section.crl];
  const files = [section.certificate, section.key, ...ofClients];
  return { section, certificate, key, clients, files, expires: leaf.validToDate.getTime() };
}

function checkLeaf(pem: Buffer, now: number, report: Report): X509Certificate | null {
  const leaf = parseCertificate(pem);
  if (!leaf) {
    report('certificate', 'not a certificate in PEM', 'Put the certificate first, then its chain');
    return null;
  }
  checkTime(leaf, 'certificate', now, report);
  if (leaf.keyUsage && !leaf.keyUsage.includes(serverAuth)) {
    report('certificate', 'it is not for servers', 'Ask for one with extended usage serverAuth');
  }
  return leaf;
}

function checkKey(pem: Buffer, report: Report): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    if (pem.includes('ENCRYPTED'))
      report('key', 'the key is encrypted', 'Store it decrypted, with mode 0600');
    else report('key', 'not a private key in PEM', 'Put the key of the certificate there');
    return null;
  }
}

/** The last check is the real one: whatever OpenSSL finds too weak is found before a port is
 * bound. */
function checkPair(
  leaf: X509Certificate,
  key: KeyObject,
  pem: { certificate: Buffer | null; key: Buffer | null },
  report: Report,
): void {
  if (!leaf.checkPrivateKey(key)) {
    report('key', 'it is not the key of the certificate', 'Put both from the same request');
    return;
  }
  try {
    createSecureContext({ cert: pem.certificate ?? '', key: pem.key ?? '' });
  } catch (error) {
    const reason = (error as { reason?: string }).reason ?? 'OpenSSL does not take it';
    report('certificate', `it cannot be used: ${reason}`, 'Ask for one on P-256 or RSA 2048');
  }
}

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { Misconfigured, type Problem } from '../problem.ts';
import { isFileError, readSecretFile } from '../secret-file.ts';
import type { TlsSection } from './config.ts';

/** Certificates and keys, read and found to fit together. */
export interface TlsMaterial {
  readonly section: TlsSection;
  /** PEM: the leaf first, then its chain. */
  readonly certificate: Buffer;
  readonly key: Buffer;
  /** PEM of the authorities that sign client certificates; null: none are asked for. */
  readonly clientCa: Buffer | null;
  /** Every file this was read from, to be watched. */
  readonly files: readonly string[];
  /** When the certificate ends, in milliseconds since 1970. */
  readonly expires: number;
}

/** Tells what is wrong with the file that a key of the section names. */
export type TellProblem = (key: FileKey, message: string, remedy: string) => Problem;

/** The keys of the section that name files. */
export type FileKey = 'certificate' | 'key' | 'clientCa';
type Report = (key: FileKey, message: string, remedy: string) => void;

const serverAuth = '1.3.6.1.5.5.7.3.1';

/**
 * Reads what the section names. Throws `Misconfigured` with everything that is wrong: unreadable or
 * open files, a key of another certificate, a certificate out of its time or not for servers.
 */
export function loadMaterial(
  section: TlsSection,
  now: number = Date.now(),
  tell: TellProblem = (key, message, remedy) => {
    return { file: section[key] ?? '', line: null, path: `tls.${key}`, message, remedy };
  },
): TlsMaterial {
  const problems: Problem[] = [];
  const report: Report = (key, message, remedy) => problems.push(tell(key, message, remedy));
  const certificate = read(() => readFileSync(section.certificate), 'certificate', report);
  const key = read(() => readSecretFile(section.key), 'key', report);
  const asked = section.clientCertificate !== 'none' ? section.clientCa : null;
  const clientCa = asked === null ? null : read(() => readFileSync(asked), 'clientCa', report);
  const leaf = certificate && checkLeaf(certificate, now, report);
  const privateKey = key && checkKey(key, report);
  if (leaf && privateKey) checkPair(leaf, privateKey, { certificate, key }, report);
  if (clientCa) checkAuthorities(clientCa, now, report);
  if (problems.length > 0 || !leaf || !certificate || !key) throw new Misconfigured(problems);
  const files = [section.certificate, section.key, ...(asked === null ? [] : [asked])];
  return { section, certificate, key, clientCa, files, expires: leaf.validToDate.getTime() };
}

function read(from: () => Buffer, key: FileKey, report: Report): Buffer | null {
  try {
    return from();
  } catch (error) {
    if (isFileError(error, 'ENOENT')) {
      report(key, 'the file does not exist', 'Correct the path, or make it: vectorgate certs dev');
    } else if (isFileError(error, 'EACCES')) {
      report(key, 'the file may not be read', 'Give it to the user that runs the gateway');
    } else {
      const [message = 'unreadable', remedy] = String((error as Error).message).split('; ', 2);
      report(key, message, remedy ?? 'Put a PEM file there');
    }
    return null;
  }
}

function checkLeaf(pem: Buffer, now: number, report: Report): X509Certificate | null {
  const leaf = parse(pem);
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

/** The last check is the real one: whatever OpenSSL finds too weak is found before a port is bound. */
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

function checkAuthorities(pem: Buffer, now: number, report: Report): void {
  const blocks = pem.toString('latin1').split(/(?=-----BEGIN CERTIFICATE-----)/);
  const authorities = blocks.filter((block) => block.startsWith('-----BEGIN CERTIFICATE-----'));
  if (authorities.length === 0) {
    report('clientCa', 'it holds no certificate in PEM', "Put your authority's certificate there");
  }
  for (const block of authorities) {
    const authority = parse(Buffer.from(block));
    if (!authority?.ca) {
      report('clientCa', 'it holds what is no authority', "Put your authority's certificate there");
      return;
    }
    checkTime(authority, 'clientCa', now, report);
  }
}

function checkTime(certificate: X509Certificate, key: FileKey, now: number, report: Report): void {
  const { validFromDate: from, validToDate: to } = certificate;
  if (to.getTime() <= now) report(key, `it ended on ${to.toISOString()}`, 'Renew it');
  else if (from.getTime() > now) {
    report(key, `it starts only on ${from.toISOString()}`, 'Wait, or set the clock of this host');
  }
}

function parse(pem: Buffer): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

import { X509Certificate } from 'node:crypto';
import { isFileError } from '../secret-file.ts';

/** The keys of the `tls:` section that name files. */
export type FileKey = 'certificate' | 'key' | 'clientCa' | 'crl';

/** Takes what is wrong with the file that a key names, and what to do about it. */
export type Report = (key: FileKey, message: string, remedy: string) => void;

/** Reads a file; null, and reported, where it cannot be read. */
export function readFor(key: FileKey, report: Report, from: () => Buffer): Buffer | null {
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

/** A certificate in PEM; null where it is none. */
export function parseCertificate(pem: Buffer): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

/** Reports a certificate that has ended or has not begun. */
export function checkTime(
  certificate: X509Certificate,
  key: FileKey,
  now: number,
  report: Report,
): void {
  const { validFromDate: from, validToDate: to } = certificate;
  if (to.getTime() <= now) report(key, `it ended on ${to.toISOString()}`, 'Renew it');
  else if (from.getTime() > now) {
    report(key, `it starts only on ${from.toISOString()}`, 'Wait, or set the clock of this host');
  }
}

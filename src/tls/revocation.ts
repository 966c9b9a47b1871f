import type { X509Certificate } from 'node:crypto';
import { type DerValue, derOnly, derTag, derValues } from './der-reader.ts';
import { extensionsOf, type Fields, fieldsOf, timeOf } from './x509.ts';

/** What one authority has revoked (RFC 5280, section 5); times in milliseconds since 1970. */
export interface RevocationList {
  /** The authority's name: its DER in hex. */
  readonly issuer: string;
  readonly thisUpdate: number;
  /** From when on it is stale. */
  readonly nextUpdate: number;
  /** Serial numbers in hex, as DER holds them. */
  readonly serials: ReadonlySet<string>;
  /** What the authority signed, and how. */
  readonly signed: Buffer;
  readonly signature: Buffer;
  readonly algorithm: string;
  /** PEM, as OpenSSL takes it. */
  readonly pem: string;
}

/** What a certificate says of itself that revocation lists speak of, in hex. */
export interface Listed {
  readonly serial: string;
  /** Its own name: the issuer of the lists it signs. */
  readonly subject: string;
}

const begin = '-----BEGIN X509 CRL-----';
const end = '-----END X509 CRL-----';
/** Extensions of a whole list, which change nothing of what it says: key identifier, number. */
const harmless = new Set(['2.5.29.35', '2.5.29.20']);
const reasonCode = '2.5.29.21';

/** The lists in a file: DER, or any number in PEM. Throws `RangeError` with what is wrong. */
export function readRevocationLists(file: Buffer): readonly RevocationList[] {
  if (file[0] === derTag.sequence) return [readRevocationList(file)];
  const blocks = file.toString('latin1').split(begin).slice(1);
  if (blocks.length === 0) throw new RangeError('it holds no revocation list in PEM or DER');
  return blocks.map((block) => {
    const [base64 = '', rest] = block.split(end, 2);
    if (rest === undefined) throw new RangeError('a revocation list is cut off');
    return readRevocationList(Buffer.from(base64, 'base64'));
  });
}

/**
 * Reads one list, strictly. A delta, a list of a part only or of other authorities' certificates is
 * refused: whoever took it for whole would let in what is revoked.
 */
function readRevocationList(der: Buffer): RevocationList {
  const outer = fieldsOf(derOnly(der, derTag.sequence));
  const signed = outer.take(derTag.sequence);
  const algorithm = outer.take(derTag.sequence);
  const bits = outer.take(derTag.bits).content;
  if (!outer.ended || bits[0] !== 0) throw new RangeError('a signature that is none');
  const fields = fieldsOf(signed);
  const version = fields.maybe(derTag.integer)?.content.toString('hex') ?? '01';
  if (version !== '01') throw new RangeError('a version that is none');
  if (!fields.take(derTag.sequence).whole.equals(algorithm.whole)) {
    throw new RangeError('it names two signature algorithms');
  }
  const issuer = fields.take(derTag.sequence).whole.toString('hex');
  const times = timesOf(fields);
  const entries = fields.maybe(derTag.sequence);
  const extensions = fields.maybe(0xa0);
  if (!fields.ended) throw new RangeError('it holds more than a revocation list does');
  if (extensions) checkExtensions(fieldsOf(extensions));
  return {
    ...times,
    issuer,
    serials: serialsOf(entries),
    signed: signed.whole,
    signature: bits.subarray(1),
    algorithm: fieldsOf(algorithm).take(derTag.oid).content.toString('hex'),
    pem: `${begin}\n${der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n${end}\n`,
  };
}

function serialsOf(entries: DerValue | null): ReadonlySet<string> {
  const serials = new Set<string>();
  if (!entries) return serials;
  for (const entry of derValues(entries.content)) serials.add(serialOf(fieldsOf(entry)));
  return serials;
}

function timesOf(fields: Fields): Pick<RevocationList, 'thisUpdate' | 'nextUpdate'> {
  const thisUpdate = timeOf(fields);
  try {
    return { thisUpdate, nextUpdate: timeOf(fields) };
  } catch {
    throw new RangeError('it does not say when the next one comes (nextUpdate)');
  }
}

function checkExtensions(explicit: Fields): void {
  for (const [oid, { critical }] of extensionsOf(explicit.take(derTag.sequence))) {
    if (oid === '2.5.29.27') throw new RangeError('it is a delta; only whole lists are read');
    if (oid === '2.5.29.28') throw new RangeError('it covers a part only; give the whole list');
    if (critical && !harmless.has(oid))
      throw new RangeError(`it has the critical extension ${oid}`);
  }
}

function serialOf(entry: Fields): string {
  const serial = entry.take(derTag.integer).content.toString('hex');
  timeOf(entry);
  const extensions = entry.maybe(derTag.sequence);
  if (extensions) {
    for (const [oid, { critical }] of extensionsOf(extensions)) {
      if (critical && oid !== reasonCode) throw new RangeError('an entry of another authority');
    }
  }
  return serial;
}

/** The serial number and the name of a certificate. Throws `RangeError`. */
export function listedAs(certificate: X509Certificate): Listed {
  const outer = fieldsOf(derOnly(certificate.raw, derTag.sequence));
  const fields = fieldsOf(outer.take(derTag.sequence));
  fields.maybe(0xa0);
  const serial = fields.take(derTag.integer).content.toString('hex');
  for (let skipped = 0; skipped < 3; skipped++) fields.take(derTag.sequence);
  return { serial, subject: fields.take(derTag.sequence).whole.toString('hex') };
}

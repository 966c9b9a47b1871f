import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { der } from '../../src/tls/der.ts';

/** Whoever signs what the tests make. */
export interface Forger {
  /** Its name, in DER. */
  readonly name: Buffer;
  readonly signer: KeyObject;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}

/** What a forged certificate says; what is left out is as an honest client's. */
export interface Forged {
  readonly subject?: Buffer;
  /** Subject alternative names as tag and content: `[0x86, 'spiffe://…']`. */
  readonly names?: readonly (readonly [number, string])[];
  /** Extended key usage; null: the extension is left out. */
  readonly purposes?: readonly string[] | null;
  readonly authority?: boolean;
  readonly pathLength?: number;
  /** The bits of key usage, first byte; null: left out. */
  readonly usage?: number | null;
  /** From now, in milliseconds. */
  readonly from?: number;
  readonly to?: number;
  readonly serial?: number;
  readonly digest?: 'sha256' | 'sha1';
  readonly rsaBits?: number;
  /** More extensions, in DER. */
  readonly extensions?: readonly Buffer[];
}

const day = 86_400_000;
const algorithms = {
  sha256: { ec: '1.2.840.10045.4.3.2', rsa: '1.2.840.113549.1.1.11' },
  sha1: { ec: '1.2.840.10045.4.1', rsa: '1.2.840.113549.1.1.5' },
} as const;
const clientAuth = '1.3.6.1.5.5.7.3.2';
let serials = 1000;

/** A name of attributes by their type: `[['2.5.4.3', 'search']]`. */
export function nameOf(...parts: readonly (readonly [string, string | Buffer])[]): Buffer {
  return der.sequence(
    ...parts.map(([type, value]) => {
      const text = typeof value === 'string' ? der.text(value) : value;
      return der.set(der.sequence(der.oid(type), text));
    }),
  );
}

/** Makes a certificate, signed by the issuer, or by itself where there is none. */
export function forge(what: Forged, issuer: Forger | null): Forger {
  const pair =
    what.rsaBits === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: what.rsaBits });
  const name = what.subject ?? nameOf(['2.5.4.3', `forged-${serials}`]);
  const signer = issuer?.signer ?? pair.privateKey;
  const digest = what.digest ?? 'sha256';
  const algorithm = algorithmOf(signer, digest);
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' });
  const now = Date.now();
  const body = der.sequence(
    der.explicit(0, der.integer(Uint8Array.of(2))),
    der.integer(serialBytes(what.serial ?? serials++)),
    algorithm,
    issuer?.name ?? name,
    der.sequence(
      der.time(new Date(now + (what.from ?? -day))),
      der.time(new Date(now + (what.to ?? day))),
    ),
    name,
    publicKey,
    der.explicit(3, der.sequence(...extensionsOf(what, publicKey, issuer))),
  );
  const certificate = pem('CERTIFICATE', signedBy(signer, digest, body, algorithm));
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { name, signer: pair.privateKey, certificate, key };
}

/** Makes an authority that signed itself, or that another one signed. */
export function forgeAuthority(
  common: string,
  issuer: Forger | null = null,
  what: Forged = {},
): Forger {
  const subject = nameOf(['2.5.4.3', common]);
  const honest = { subject, authority: true, usage: 0b0000_0110, purposes: null, to: 30 * day };
  return forge({ ...honest, ...what }, issuer);
}

/** What a forged revocation list says; times from now, in milliseconds. */
export interface ForgedList {
  readonly serials?: readonly number[];
  readonly from?: number;
  /** Null: it does not say. */
  readonly next?: number | null;
  /** Extensions of the list, and of each entry, in DER. */
  readonly extensions?: readonly Buffer[];
  readonly ofEntries?: readonly Buffer[];
  readonly digest?: 'sha256' | 'sha1';
}

/** Makes a revocation list in PEM. */
export function forgeList(issuer: Forger, what: ForgedList = {}): string {
  const now = Date.now();
  const { next = day, serials: revoked = [], extensions = [], ofEntries = [] } = what;
  const digest = what.digest ?? 'sha256';
  const algorithm = algorithmOf(issuer.signer, digest);
  const entries = revoked.map((serial) =>
    der.sequence(
      der.integer(serialBytes(serial)),
      der.time(new Date(now - day)),
      ...(ofEntries.length > 0 ? [der.sequence(...ofEntries)] : []),
    ),
  );
  const body = der.sequence(
    der.integer(Uint8Array.of(1)),
    algorithm,
    issuer.name,
    der.time(new Date(now + (what.from ?? -day))),
    ...(next === null ? [] : [der.time(new Date(now + next))]),
    ...(entries.length > 0 ? [der.sequence(...entries)] : []),
    ...(extensions.length > 0 ? [der.explicit(0, der.sequence(...extensions))] : []),
  );
  return pem('X509 CRL', signedBy(issuer.signer, digest, body, algorithm));
}

/** One extension, in DER. */
export function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  const mark = critical ? [der.boolean(true)] : [];
  return der.sequence(der.oid(oid), ...mark, der.octets(value));
}

function extensionsOf(what: Forged, publicKey: Buffer, issuer: Forger | null): Buffer[] {
  const { names = [], purposes = [clientAuth], usage = 0b1000_0000, extensions = [] } = what;
  const path = what.pathLength === undefined ? [] : [der.integer(Uint8Array.of(what.pathLength))];
  const basic = what.authority ? der.sequence(der.boolean(true), ...path) : der.sequence();
  const all = [
    extension('2.5.29.19', true, basic),
    extension('2.5.29.14', false, der.octets(keyId(publicKey))),
  ];
  if (usage !== null) all.push(extension('2.5.29.15', true, der.bits(Uint8Array.of(usage), 0)));
  if (purposes !== null) {
    all.push(extension('2.5.29.37', false, der.sequence(...purposes.map((each) => der.oid(each)))));
  }
  if (issuer) {
    const own = createPublicKey(issuer.signer).export({ type: 'spki', format: 'der' });
    all.push(extension('2.5.29.35', false, der.sequence(der.implicit(0, keyId(own)))));
  }
  const general = names.map(([tag, text]) => der.implicit(tag & 0x1f, Buffer.from(text, 'latin1')));
  if (general.length > 0) all.push(extension('2.5.29.17', false, der.sequence(...general)));
  return [...all, ...extensions];
}

function keyId(publicKey: Buffer): Buffer {
  return createHash('sha256').update(publicKey).digest().subarray(0, 20);
}

function algorithmOf(signer: KeyObject, digest: 'sha256' | 'sha1'): Buffer {
  const { ec, rsa } = algorithms[digest];
  return signer.asymmetricKeyType === 'rsa'
    ? der.sequence(der.oid(rsa), Buffer.from([5, 0]))
    : der.sequence(der.oid(ec));
}

function signedBy(signer: KeyObject, digest: string, body: Buffer, algorithm: Buffer): Buffer {
  return der.sequence(body, algorithm, der.bits(sign(digest, body, signer)));
}

function serialBytes(serial: number): Uint8Array {
  return Buffer.from(serial.toString(16).padStart(8, '0'), 'hex');
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

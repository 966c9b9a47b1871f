import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import { der } from './der.ts';

/** A certificate and its private key, both as PEM text. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Someone who signs certificates: its own name, key, and key identifier. */
export interface Authority extends KeyedCertificate {
  readonly name: string;
  readonly signer: KeyObject;
  readonly keyId: Buffer;
}

/** What a certificate is to say. */
export interface CertificateRequest {
  /** The common name of its subject. */
  readonly name: string;
  readonly usage: 'server' | 'client';
  /** DNS names, IP addresses and URIs. */
  readonly names: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const ecdsaWithSha256 = der.sequence(der.oid('1.2.840.10045.4.3.2'));
const purpose = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;
const digitalSignature = der.bits(Uint8Array.of(0b1000_0000), 7);
const signsCertificatesAndLists = der.bits(Uint8Array.of(0b0000_0110), 1);

/** Makes a self-signed authority on P-256 that signs end-entity certificates only (RFC 5280). */
export function makeAuthority(name: string, notBefore: Date, notAfter: Date): Authority {
  const pair = keyPair();
  const certificate = signed(pair.signer, {
    issuer: name,
    subject: name,
    notBefore,
    notAfter,
    publicKey: pair.publicKey,
    extensions: [
      extension('2.5.29.19', true, der.sequence(der.boolean(true), der.integer(Uint8Array.of(0)))),
      extension('2.5.29.15', true, signsCertificatesAndLists),
      extension('2.5.29.14', false, der.octets(pair.keyId)),
    ],
  });
  return { name, certificate, key: pair.key, signer: pair.signer, keyId: pair.keyId };
}

/** Makes a key on P-256 and a certificate for it, signed by the authority. */
export function issueCertificate(
  authority: Authority,
  request: CertificateRequest,
): KeyedCertificate {
  const pair = keyPair();
  const certificate = signed(authority.signer, {
    issuer: authority.name,
    subject: request.name,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    publicKey: pair.publicKey,
    extensions: [
      extension('2.5.29.19', true, der.sequence()),
      extension('2.5.29.15', true, digitalSignature),
      extension('2.5.29.37', false, der.sequence(der.oid(purpose[request.usage]))),
      extension('2.5.29.14', false, der.octets(pair.keyId)),
      extension('2.5.29.35', false, der.sequence(der.implicit(0, authority.keyId))),
      ...(request.names.length > 0
        ? [extension('2.5.29.17', false, der.sequence(...request.names.map(generalName)))]
        : []),
    ],
  });
  return { certificate, key: pair.key };
}

interface Statement {
  readonly issuer: string;
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: Buffer;
  readonly extensions: readonly Buffer[];
}

function signed(signer: KeyObject, statement: Statement): string {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const body = der.sequence(
    der.explicit(0, der.integer(Uint8Array.of(2))),
    der.integer(serial),
    ecdsaWithSha256,
    distinguishedName(statement.issuer),
    der.sequence(der.time(statement.notBefore), der.time(statement.notAfter)),
    distinguishedName(statement.subject),
    statement.publicKey,
    der.explicit(3, der.sequence(...statement.extensions)),
  );
  const signature = sign('sha256', body, signer);
  return pem(der.sequence(body, ecdsaWithSha256, der.bits(signature)));
}

function keyPair() {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' });
  return {
    signer: pair.privateKey,
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey,
    keyId: createHash('sha256').update(publicKey).digest().subarray(0, 20),
  };
}

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  const mark = critical ? [der.boolean(true)] : [];
  return der.sequence(der.oid(oid), ...mark, der.octets(value));
}

function distinguishedName(commonName: string): Buffer {
  return der.sequence(der.set(der.sequence(der.oid('2.5.4.3'), der.text(commonName))));
}

function generalName(name: string): Buffer {
  if (isIP(name) !== 0) return der.implicit(7, addressBytes(name));
  return der.implicit(name.includes('://') ? 6 : 2, Buffer.from(name, 'ascii'));
}

function addressBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split('.'), Number);
  const [head = [], tail] = address.split('::', 2).map(groupBytes);
  if (tail === undefined) return Uint8Array.from(head);
  const gap = Array<number>(16 - head.length - tail.length).fill(0);
  return Uint8Array.from([...head, ...gap, ...tail]);
}

/** The bytes of `1:ab:10.0.0.1`, a part of an IPv6 address. */
function groupBytes(text: string): number[] {
  const groups = text === '' ? [] : text.split(':');
  return groups.flatMap((group) => {
    if (isIPv4(group)) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

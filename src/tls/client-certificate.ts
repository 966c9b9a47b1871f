import type { X509Certificate } from 'node:crypto';
import { type DerValue, derOnly, derTag, derValues } from './der-reader.ts';
import { distinguishedNameText } from './distinguished-name.ts';
import { oidText } from './object-identifier.ts';
import { extensionsOf, fieldsOf } from './x509.ts';

/** A client's certificate as far as it tells who the client is; frozen, one for each connection. */
export interface ClientCertificate {
  /** `sha256:` and the hex digest of its DER. */
  readonly fingerprint: string;
  /** Every URI and DNS name of its subject alternative names. */
  readonly uris: readonly string[];
  readonly dns: readonly string[];
  /** As RFC 4514 writes it; empty where there is none. */
  readonly subject: string;
  /** When it ends, in milliseconds since 1970. */
  readonly notAfter: number;
  /** Why nobody may be known by it, though its chain is good; null: somebody may. */
  readonly oddity: string | null;
  /** DER: its own, then that of each certificate its client sent to vouch for it. */
  readonly chain: readonly Buffer[];
}

const clientAuth = '1.3.6.1.5.5.7.3.2';
const uriName = 0x86;
const dnsName = 0x82;
/** Every kind of GeneralName (RFC 5280, 4.2.1.6): with another, OpenSSL reads none of the names. */
const nameTags = new Set([0xa0, 0x81, dnsName, 0xa3, 0xa4, 0xa5, uriName, 0x87, 0x88]);
/** As long as OpenSSL's own chains may get, give or take. */
const longestChain = 16;
const nobody = { uris: [], dns: [], subject: '' } as const;

/**
 * Reads a client certificate that was verified. Never throws: one that cannot be read in one way
 * only has an `oddity`.
 */
export function readClientCertificate(leaf: X509Certificate): ClientCertificate {
  const chain: Buffer[] = [];
  for (let each: X509Certificate | undefined = leaf; each; each = each.issuerCertificate) {
    if (chain.push(each.raw) === longestChain) break;
  }
  const known = {
    fingerprint: `sha256:${leaf.fingerprint256.replaceAll(':', '').toLowerCase()}`,
    notAfter: leaf.validToDate.getTime(),
    chain,
  };
  try {
    return Object.freeze({ ...known, ...readNames(leaf.raw) });
  } catch (error) {
    const oddity = `it cannot be read strictly: ${(error as Error).message}`;
    return Object.freeze({ ...known, ...nobody, oddity });
  }
}

function readNames(der: Buffer) {
  const certificate = fieldsOf(derOnly(der, derTag.sequence));
  const fields = fieldsOf(certificate.take(derTag.sequence));
  fields.maybe(0xa0);
  fields.take(derTag.integer);
  fields.take(derTag.sequence);
  fields.take(derTag.sequence);
  fields.take(derTag.sequence);
  const subject = distinguishedNameText(fields.take(derTag.sequence));
  fields.take(derTag.sequence);
  fields.maybe(0x81);
  fields.maybe(0x82);
  const explicit = fields.maybe(0xa3);
  const extensions = explicit ? extensionsOf(fieldsOf(explicit).take(derTag.sequence)) : new Map();
  const names = alternativeNames(extensions.get('2.5.29.17')?.value);
  const purposes = purposesOf(extensions.get('2.5.29.37')?.value);
  const isAuthority = basicAuthority(extensions.get('2.5.29.19')?.value);
  return { ...names, subject, oddity: oddityOf(names.uris, purposes, isAuthority) };
}

/** Names are compared byte for byte, so what is no visible ASCII is no name. */
function alternativeNames(value: Buffer | undefined): { uris: string[]; dns: string[] } {
  const names: { uris: string[]; dns: string[] } = { uris: [], dns: [] };
  if (!value) return names;
  for (const { tag, content } of derValues(derOnly(value, derTag.sequence).content)) {
    if (!nameTags.has(tag)) throw new RangeError('a name of no kind that there is');
    if (tag !== uriName && tag !== dnsName) continue;
    const text = content.toString('latin1');
    if (!/^[!-~]+$/.test(text)) throw new RangeError('a name outside visible ASCII');
    (tag === uriName ? names.uris : names.dns).push(text);
  }
  return names;
}

function purposesOf(value: Buffer | undefined): readonly string[] {
  if (!value) return [];
  const list: DerValue = derOnly(value, derTag.sequence);
  return [...derValues(list.content)].map(({ tag, content }) => {
    if (tag !== derTag.oid) throw new RangeError('a purpose that is none');
    return oidText(content);
  });
}

function basicAuthority(value: Buffer | undefined): boolean {
  if (!value) return false;
  const flag = fieldsOf(derOnly(value, derTag.sequence)).maybe(derTag.boolean);
  return flag !== null && flag.content[0] !== 0;
}

function oddityOf(uris: readonly string[], purposes: readonly string[], isAuthority: boolean) {
  if (isAuthority) return 'it is an authority';
  if (!purposes.includes(clientAuth)) return 'it is not expressly for clients (clientAuth)';
  if (uris.length > 1) return 'it has more than one URI, which SPIFFE forbids';
  return null;
}

import type { ClientCertificate } from '../tls/client-certificate.ts';
import type { CertificateRule } from './certificate-config.ts';
import type { Identity } from './identity.ts';

/** Tells whom a verified certificate makes somebody; a text says why it makes nobody. */
export type Bearer = (client: ClientCertificate) => Identity | string;

const noClaims = Object.freeze({});

/**
 * Knows people by the names that rules match, byte for byte: the one SPIFFE ID, a DNS name, the
 * whole subject. A common name alone is nobody, and so is whoever two rules match, as neither the
 * rights of one nor those of both were meant. Every certificate of a rule is the same frozen
 * identity.
 */
export function makeBearers(rules: readonly CertificateRule[]): Bearer {
  const byName = new Map<string, Identity>();
  for (const rule of rules) byName.set(nameOf(rule), identityOf(rule));
  const known = new WeakMap<ClientCertificate, Identity | string>();
  return function bearerOf(client) {
    let found = known.get(client);
    if (found === undefined) {
      found = lookUp(client, byName);
      known.set(client, found);
    }
    return found;
  };
}

function lookUp(client: ClientCertificate, byName: ReadonlyMap<string, Identity>) {
  if (client.oddity !== null) return client.oddity;
  const names = [
    ...client.uris.map((uri) => `uri ${uri}`),
    ...client.dns.map((dns) => `dns ${dns}`),
    `subject ${client.subject}`,
  ];
  const found = new Set(names.flatMap((name) => byName.get(name) ?? []));
  const [identity] = found;
  if (!identity) return `no rule matches it (${client.fingerprint})`;
  if (found.size === 1) return identity;
  const principals = [...found].map(({ id }) => id).join(', ');
  return `several rules match it: ${principals}`;
}

function nameOf({ match: { uri, dns, subject } }: CertificateRule): string {
  if (uri !== undefined) return `uri ${uri}`;
  return dns === undefined ? `subject ${subject}` : `dns ${dns}`;
}

function identityOf({ principal, roles, labels }: CertificateRule): Identity {
  return Object.freeze({
    kind: 'certificate',
    id: principal,
    name: principal,
    roles: Object.freeze([...roles]),
    claims: noClaims,
    labels: Object.freeze({ ...labels }),
    expires: null,
  });
}

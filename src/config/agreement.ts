import { isDeepStrictEqual } from 'node:util';
import { type Document, type Path, problemAt } from '../document.ts';
import type { Problem } from '../problem.ts';
import { type Address, isLoopback } from '../proxy/config.ts';
import type { Sections } from './config.ts';

interface Listener {
  readonly at: Path;
  /** `main (http)` */
  readonly owner: string;
  readonly address: Address;
}

/** What no section can tell by itself: where the sections of a file do not go together. */
export function disagreements(document: Document, sections: Sections): Problem[] {
  const listeners = listenersOf(sections);
  return [
    ...clashes(document, listeners),
    ...loops(document, sections, listeners),
    ...sharedTokens(document, sections),
    ...keysWithoutStore(document, sections),
    ...idleCertificates(document, sections),
    ...tokens(document, sections),
    ...administrators(document, sections),
  ];
}

function listenersOf({ upstreams = [], admin, health }: Sections): Listener[] {
  const listeners: Listener[] = upstreams.flatMap(({ name, listen }, index) =>
    (['http', 'grpc'] as const).flatMap((protocol) => {
      const address = listen[protocol];
      const at = ['upstreams', index, 'listen', protocol];
      return address === null ? [] : [{ at, owner: `${name} (${protocol})`, address }];
    }),
  );
  if (admin) listeners.push({ at: ['admin', 'listen'], owner: 'admin', address: admin.listen });
  if (health) listeners.push({ at: ['health', 'listen'], owner: 'health', address: health.listen });
  return listeners;
}

function clashes(document: Document, listeners: readonly Listener[]): Problem[] {
  return listeners.flatMap(({ at, address }, index) => {
    const other = listeners.slice(0, index).find((earlier) => meet(earlier.address, address));
    const remedy = 'Give each listener a port of its own';
    return other ? [problemAt(document, at, `is taken by ${other.owner}`, remedy)] : [];
  });
}

function meet(one: Address, other: Address): boolean {
  if (one.port !== other.port || one.port === 0) return false;
  return isDeepStrictEqual(one, other) || isWildcard(one.host) || isWildcard(other.host);
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** An upstream address that is a listener of this very gateway. */
function loops(document: Document, { upstreams = [] }: Sections, listeners: readonly Listener[]) {
  return upstreams.flatMap((upstream, index) =>
    (['http', 'grpc'] as const).flatMap((protocol) => {
      const url = upstream[protocol];
      if (url === null) return [];
      const { host, port } = url;
      const own = listeners.find(({ address }) => {
        const reached = address.host === host || (isLoopback(host) && isWildcard(address.host));
        return address.port === port && reached;
      });
      if (!own) return [];
      const message = `is the gateway's own listener ${own.owner}: it would forward to itself`;
      const remedy = 'Move the database to another port, as in 127.0.0.1:16333';
      return [problemAt(document, ['upstreams', index, protocol], message, remedy)];
    }),
  );
}

function sharedTokens(document: Document, { admin, health }: Sections): Problem[] {
  if (!admin?.token || admin.token !== health?.metricsToken) return [];
  const message = 'is the admin token too: whoever scrapes could drain the gateway';
  return [problemAt(document, ['health', 'metricsToken'], message, 'Make a token of its own')];
}

/** Rules for certificates that nobody is asked for, and certificates that no rule speaks of. */
function idleCertificates(document: Document, { tls, identity }: Sections): Problem[] {
  if (!tls || !identity) return [];
  const asked = tls.clientCertificate !== 'none';
  if (!asked && identity.certificates.length > 0) {
    const message = 'clients are asked for no certificate, so nobody is known by one';
    const remedy = 'Set tls.clientCertificate to optional or required';
    return [problemAt(document, ['identity', 'certificates'], message, remedy)];
  }
  if (!asked || identity.certificates.length > 0 || identity.combine === 'transport') return [];
  const message = 'no rule says who a certificate is, so whoever shows one would be refused';
  const remedy = 'Add certificates: with rules, or use transport';
  return [problemAt(document, ['identity', 'combine'], message, remedy)];
}

/** Tokens of an upstream that is not there, and tokens that must be bound to what nobody shows. */
function tokens(document: Document, { upstreams, tls, identity }: Sections): Problem[] {
  return (identity?.tokens ?? []).flatMap((entry, index) => {
    const at = (key: string, message: string, remedy: string) =>
      problemAt(document, ['identity', 'tokens', index, key], message, remedy);
    const found: Problem[] = [];
    if (entry.upstream && upstreams && !upstreams.some(({ name }) => name === entry.upstream)) {
      found.push(at('upstream', 'there is no upstream of that name', 'Correct the name'));
    }
    if (entry.kind === 'oidc' && entry.requireBound && tls?.clientCertificate === 'none') {
      const message = 'no client shows the certificate that its token must be bound to';
      const remedy = 'Set tls.clientCertificate to optional or required';
      found.push(at('requireBound', message, remedy));
    }
    return found;
  });
}

/** Administrators whom nothing can prove: by an issuer that is not theirs, by what nobody shows. */
function administrators(document: Document, { admin, identity, tls }: Sections): Problem[] {
  const section = admin?.tls ?? tls;
  const asked = admin?.secured === true && section?.clientCertificate !== 'none';
  return (admin?.administrators ?? []).flatMap(({ certificate, oidc }, index) => {
    const at: Path = ['admin', 'administrators', index];
    if (certificate && section && !asked) {
      const message = 'the admin port asks nobody for a certificate';
      const remedy = 'Set admin.tls with clientCertificate: optional or required';
      return [problemAt(document, [...at, 'certificate'], message, remedy)];
    }
    if (!oidc || !identity) return [];
    const known = identity.tokens.some((entry) => {
      return entry.kind === 'oidc' && entry.admin && entry.name === oidc.issuer;
    });
    const message = 'no entry of identity.tokens with admin: true has this name';
    const remedy = 'Correct the name, or add the issuer with admin: true';
    return known ? [] : [problemAt(document, [...at, 'oidc', 'issuer'], message, remedy)];
  });
}

function keysWithoutStore(document: Document, { identity, store }: Sections): Problem[] {
  if (identity?.keys.store !== 'redis' || store) return [];
  const remedy = 'Say where it is: store: { kind: redis, url: rediss://redis.internal:6379 }';
  return [problemAt(document, ['identity', 'keys', 'store'], 'there is no store', remedy)];
}

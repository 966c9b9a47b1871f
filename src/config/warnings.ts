import { type Document, type Path, problemAt } from '../document.ts';
import { isWeakSecret } from '../identity/config.ts';
import type { Problem } from '../problem.ts';
import { isLoopback } from '../proxy/config.ts';
import type { Config } from './config.ts';

/** What was asked for and is less safe than the default: reported at start. */
export function warningsOf(document: Document, config: Config): Problem[] {
  const warn = (at: Path, message: string, remedy: string) =>
    problemAt(document, at, message, remedy);
  const { tls, identity, store, audit } = config;
  const warnings: Problem[] = [];
  if (tls.minVersion === 'TLSv1.2') {
    const message = 'clients may speak TLS 1.2, which has no post-quantum key exchange';
    warnings.push(warn(['tls', 'minVersion'], message, 'Use TLSv1.3 once no client needs it'));
  }
  if (tls.crl.length > 0 && tls.crlStale === 'accept') {
    const message = 'revocation lists count although newer ones are due';
    warnings.push(warn(['tls', 'crlStale'], message, 'Use refuse, and fetch lists in time'));
  }
  if (identity.certificates.length > 0 && identity.combine === 'transport') {
    const message = 'certificates secure the transport only, so their rules say nothing';
    warnings.push(
      warn(['identity', 'combine'], message, 'Use refuse or both, or remove the rules'),
    );
  }
  for (const kind of ['read', 'write'] as const) {
    if (audit.unavailable[kind] !== 'forward') continue;
    const message = `${kind}s pass unrecorded while the audit log cannot be written`;
    warnings.push(warn(['audit', 'unavailable', kind], message, 'Use refuse'));
  }
  for (const kind of ['read', 'write'] as const) {
    if (store?.unavailable[kind] !== 'forward') continue;
    const message = `${kind}s pass by keys and limits of any age while the store is lost`;
    warnings.push(warn(['store', 'unavailable', kind], message, 'Use refuse'));
  }
  return [...warnings, ...weakSecrets(document, config), ...remoteUpstreams(document, config)];
}

function remoteUpstreams(document: Document, { upstreams }: Config): Problem[] {
  return upstreams.flatMap((upstream, index) =>
    (['http', 'grpc'] as const).flatMap((protocol) => {
      const url = upstream[protocol];
      if (url === null || url.tls || isLoopback(url.host)) return [];
      const what = upstream.credential === undefined ? 'requests' : 'requests and the credential';
      const message = `${what} cross the network to ${url.host} in the clear`;
      const remedy = 'Use https://, or keep every other host out of that network';
      return [problemAt(document, ['upstreams', index, protocol], message, remedy)];
    }),
  );
}

function weakSecrets(document: Document, { identity }: Config): Problem[] {
  return identity.tokens.flatMap((entry, index) => {
    if (entry.kind !== 'qdrant') return [];
    const secrets = [entry.secret, entry.secondSecret ?? entry.secret];
    if (!secrets.some(isWeakSecret)) return [];
    const message = 'whoever has a token could guess the secret, which is shorter than 256 bits';
    const remedy = 'Make one with openssl rand -hex 32';
    return [problemAt(document, ['identity', 'tokens', index, 'allowWeakSecret'], message, remedy)];
  });
}

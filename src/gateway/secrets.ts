import { createHmac, randomBytes } from 'node:crypto';
import type { Config } from '../config/config.ts';
import type { Prepared } from './prepare.ts';
import type { ReloadablePart } from './reload.ts';
import type { OwnedUpstream } from './upstream.ts';

/** The secrets that can be replaced while the gateway runs, as they were read last. A new credential
 * of a database comes into force only once the database has taken it. */
export function secretsPart(
  prepared: Pick<Prepared, 'config' | 'secrets' | 'issuers'>,
  upstreams: readonly OwnedUpstream[],
): ReloadablePart {
  const { secrets, issuers } = prepared;
  const digestOf = digester();
  let version = digestOf(prepared.config);
  return {
    part: 'secrets',
    upstream: null,
    paths: secrets.secretFiles,
    event: 'secrets.changed',
    version: () => version,
    load: () => {
      const { config } = secrets.again();
      version = digestOf(config);
      issuers.renew(config.identity.tokens);
      for (const [index, { credentials }] of upstreams.entries()) {
        const next = config.upstreams[index]?.credential;
        // What becomes of it is told by the credentials themselves.
        if (next) void credentials?.offer(next).catch(() => undefined);
      }
    },
  };
}

/** Digests with a key of this process: whoever reads them learns when a secret changed, and cannot
 * try out what it might be. */
function digester(): (config: Config) => string {
  const key = randomBytes(32);
  return ({ upstreams, identity }) => {
    const credentials = upstreams.map(({ credential }) => credential);
    const tokens = identity.tokens.map((entry) => entry.kind === 'qdrant' && entry);
    const text = JSON.stringify([credentials, tokens]);
    return `sha256:${createHmac('sha256', key).update(text).digest('hex')}`;
  };
}

import { createHmac, randomBytes } from 'node:crypto';
import type { AuditLog } from '../audit/audit.ts';
import type { Config } from '../config/config.ts';
import type { Fetched } from '../config/substitute.ts';
import { makeRefresher, type Refresher } from '../identity/jwks-refresh.ts';
import type { Problem } from '../problem.ts';
import type { Prepared } from './prepare.ts';
import type { ReloadablePart } from './reload.ts';
import type { OwnedUpstream } from './upstream.ts';

/** The secrets that can be replaced while the gateway runs, as they were read last. */
export interface KeptSecrets {
  readonly part: ReloadablePart;
  /** Fetches again and again what stands in secret stores; what came is put in force by
   * `reload`. */
  start(reload: (part: ReloadablePart) => readonly Problem[]): void;
  close(): Promise<void>;
}

/** What a reload reads anew and whom it tells. */
export interface SecretsParts extends Pick<Prepared, 'config' | 'secrets' | 'issuers'> {
  readonly upstreams: readonly OwnedUpstream[];
  readonly audit: Pick<AuditLog, 'configured'>;
}

/**
 * Keeps the secrets of a configuration. A new credential of a database comes into force only once
 * the database has taken it. What a store does not give any more stays as it was given last, and
 * status, log and audit log say so.
 */
export function keepSecrets(parts: SecretsParts): KeptSecrets {
  const { config, secrets } = parts;
  const { stores } = secrets;
  const digestOf = digester();
  const tellLoss = lossTeller(parts.audit);
  let version = digestOf(config);
  /** What came where something was lost, to be told as the problem that it is. */
  let lost: Fetched | null = null;
  let fetching = false;
  let refresher: Refresher | null = null;

  function load(): void {
    if (stores && !fetching) void refresher?.now();
    const next = secrets.again(lost ?? stores?.good).config;
    version = digestOf(next);
    apply(parts, next);
  }

  const part: ReloadablePart = {
    part: 'secrets',
    upstream: null,
    paths: secrets.secretFiles,
    event: 'secrets.changed',
    version: () => version,
    load,
  };

  function take(came: Fetched, reload: (part: ReloadablePart) => readonly Problem[]): boolean {
    const missing = [...came.values()].some((found) => !('value' in found));
    tellLoss(missing);
    const well = reload(part).length === 0;
    if (!missing) return well;
    lost = came;
    reload(part);
    lost = null;
    return false;
  }

  return {
    part,
    start: (reload) => {
      if (!stores) return;
      // They were fetched before the start. Gateways that start together do not ask together.
      let first = true;
      const every = stores.every * (0.9 + Math.random() * 0.2);
      const fetch = async () => {
        if (first) return true;
        fetching = true;
        const well = take(await stores.fetch(), reload);
        fetching = false;
        return well;
      };
      refresher = makeRefresher({ every, fetch });
      void refresher.now().then(() => {
        first = false;
      });
    },
    close: async () => {
      refresher?.close();
      await stores?.close();
    },
  };
}

/** Tells the audit log when something is lost, and when all of it is there again. */
function lossTeller(audit: SecretsParts['audit']): (isLost: boolean) => void {
  let wasLost = false;
  return (isLost) => {
    if (isLost === wasLost) return;
    wasLost = isLost;
    const event = isLost ? 'secrets.unavailable' : 'secrets.available';
    audit.configured({ event, upstream: null });
  };
}

function apply({ issuers, upstreams }: SecretsParts, config: Config): void {
  issuers.renew(config.identity.tokens);
  for (const [index, { credentials }] of upstreams.entries()) {
    const next = config.upstreams[index]?.credential;
    // What becomes of it is told by the credentials themselves.
    if (next) void credentials?.offer(next).catch(() => undefined);
  }
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

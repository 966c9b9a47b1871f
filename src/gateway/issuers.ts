import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { parseKeySet } from '../identity/jwks.ts';
import {
  type KeptKeys,
  keepKeys,
  makeRefresher,
  type Refresher,
} from '../identity/jwks-refresh.ts';
import { makeOidcIssuer } from '../identity/oidc.ts';
import { makeQdrantIssuer, secretsOf } from '../identity/qdrant-token.ts';
import type { OidcConfig, QdrantTokenConfig } from '../identity/token-config.ts';
import type { TokenIssuer } from '../identity/token-issuer.ts';
import { Misconfigured, type Problem } from '../problem.ts';
import { type KeyFetcher, makeKeyFetcher } from './fetch-keys.ts';
import type { ReloadablePart } from './reload.ts';

/** Whose access tokens count, with the keys that prove them. */
export interface Issuers {
  /** The issuers whose tokens count at one upstream. */
  at(upstream: string): readonly TokenIssuer[];
  /** Those whose tokens count at the admin port. */
  readonly ofAdministrators: readonly TokenIssuer[];
  /** The keys of each OpenID Connect issuer. */
  readonly parts: readonly ReloadablePart[];
  /** Takes secrets of issuers that were read anew, of entries that are otherwise the same. */
  renew(entries: readonly Entry[]): void;
  /** Fetches keys now and from now on; what came is put in force by `reload`. Resolves after the
   * first answers, or failures. */
  start(reload: (part: ReloadablePart) => readonly Problem[]): Promise<void>;
  close(): Promise<void>;
}

type Entry = Config['identity']['tokens'][number];

/** One issuer with what keeps its keys. */
interface Kept {
  readonly entry: Entry;
  readonly issuer: TokenIssuer;
  readonly part: ReloadablePart | null;
  readonly renew: (entry: Entry | undefined) => void;
  readonly start: ((reload: (part: ReloadablePart) => readonly Problem[]) => Promise<void>) | null;
  readonly close: () => Promise<void>;
}

/** Prepares every issuer of a configuration; reads the files among their keys, and fetches nothing.
 * Throws `Misconfigured` where a file is not good. */
export function makeIssuers(entries: readonly Entry[]): Issuers {
  const kept = entries.map(keptOf);
  return {
    at: (upstream) =>
      kept.flatMap(({ entry, issuer }) => {
        const here = entry.upstream === undefined || entry.upstream === upstream;
        return here && !isForAdministrators(entry) ? [issuer] : [];
      }),
    ofAdministrators: kept.flatMap(({ entry, issuer }) =>
      isForAdministrators(entry) ? [issuer] : [],
    ),
    parts: kept.flatMap(({ part }) => (part ? [part] : [])),
    renew: (next) => {
      for (const [index, { renew }] of kept.entries()) renew(next[index]);
    },
    start: async (reload) => {
      await Promise.all(kept.map(({ start }) => start?.(reload)));
    },
    close: async () => {
      await Promise.all(kept.map(({ close }) => close()));
    },
  };
}

function isForAdministrators(entry: Entry): boolean {
  return entry.kind === 'oidc' && entry.admin;
}

function keptOf(entry: Entry): Kept {
  if (entry.kind === 'qdrant') return signedBySecret(entry);
  return entry.jwks.startsWith('https://') ? fetched(entry) : onDisk(entry);
}

const nothingToRenew = () => {};

/** Secrets count until others are read. */
function signedBySecret(entry: QdrantTokenConfig): Kept {
  let secrets = secretsOf(entry);
  return {
    entry,
    issuer: makeQdrantIssuer(entry, () => secrets),
    part: null,
    renew: (next) => {
      if (next?.kind === 'qdrant') secrets = secretsOf(next);
    },
    start: null,
    close: async () => {},
  };
}

/** Keys in a file count as long as they stand there. */
function onDisk(entry: OidcConfig): Kept {
  const keys = keepKeys(Number.POSITIVE_INFINITY, Date.now);
  const load = () => confirm(entry, keys, readFileSync(entry.jwks, 'utf8'));
  load();
  const part = partOf(entry, keys, [entry.jwks], load);
  const issuer = makeOidcIssuer(entry, keys);
  return { entry, issuer, part, renew: nothingToRenew, start: null, close: async () => {} };
}

/** What the last fetch gave, until it was put in force. */
type Fetched = { readonly text: string } | { readonly error: Error };

function fetched(entry: OidcConfig): Kept {
  const ca = entry.ca === undefined ? null : readFileSync(entry.ca, 'utf8');
  const keys = keepKeys(entry.trustSeconds * 1000, Date.now);
  let came: Fetched | null = null;
  let fetcher: KeyFetcher | null = null;
  let refresher: Refresher | null = null;
  const part = partOf(entry, keys, [], () => {
    const taken = came;
    came = null;
    if (taken === null) void refresher?.now();
    else if ('error' in taken) throw unusable(entry, taken.error);
    else confirm(entry, keys, taken.text);
  });
  return {
    entry,
    issuer: makeOidcIssuer(entry, keys),
    part,
    renew: nothingToRenew,
    start: (reload) => {
      const own = makeKeyFetcher(entry.jwks, ca);
      fetcher = own;
      refresher = makeRefresher({
        every: entry.refreshSeconds * 1000,
        fetch: async () => {
          came = await own.fetch().then(
            (text) => ({ text }),
            (error: Error) => ({ error }),
          );
          return reload(part).length === 0;
        },
      });
      keys.onMissed(refresher.soon);
      return refresher.now();
    },
    close: async () => {
      refresher?.close();
      await fetcher?.close();
    },
  };
}

function partOf(
  entry: OidcConfig,
  keys: KeptKeys,
  paths: readonly string[],
  load: () => void,
): ReloadablePart {
  return {
    part: 'issuers',
    upstream: null,
    issuer: entry.name,
    paths,
    event: 'issuer.changed',
    version: () => keys.last()?.digest ?? 'none',
    load,
  };
}

function confirm(entry: OidcConfig, keys: KeptKeys, text: string): void {
  try {
    keys.confirm(parseKeySet(text));
  } catch (error) {
    throw unusable(entry, error as Error);
  }
}

function unusable({ name, jwks }: OidcConfig, error: Error): Misconfigured {
  const [reason = '', remedy = 'Look whether the issuer is up and jwks is its address'] =
    error.message.split('; ', 2);
  const message = `the keys of the issuer ${name} cannot be used: ${reason}`;
  return new Misconfigured([{ file: jwks, line: null, path: '', message, remedy }]);
}

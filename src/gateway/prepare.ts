import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Database } from '../catalog/database.ts';
import { databaseNamed } from '../catalog/databases.ts';
import type { Config } from '../config/config.ts';
import type { Loaded } from '../config/load.ts';
import type { KeyEntry } from '../identity/keys/entry.ts';
import { keyFileText, parseKeyFile } from '../identity/keys/file.ts';
import { type LoadedPolicy, loadPolicy } from '../policy/load.ts';
import { Misconfigured, type Problem } from '../problem.ts';
import { loadMaterial, type TellProblem, type TlsMaterial } from '../tls/material.ts';
import { type Issuers, makeIssuers } from './issuers.ts';

/** The keys of a key file, and what they were read from. */
export interface LoadedKeys {
  readonly entries: readonly KeyEntry[];
  /** `sha256:…` over the file. */
  readonly digest: string;
  /** What could not be read of single keys of a store; the others are in force. */
  readonly problem?: Misconfigured | null;
}

/** What one upstream is served with. */
export interface PreparedUpstream {
  readonly config: Config['upstreams'][number];
  readonly database: Database;
  readonly policy: LoadedPolicy;
  /** PEM of the authorities that the database's certificate is verified against; null: the
   * system's. */
  readonly ca: string | null;
}

/** The certificate of the admin port, which may be the gateway's own. */
export interface PreparedAdmin {
  /** Throws `Misconfigured`. */
  readonly loadMaterial: () => TlsMaterial;
  readonly material: TlsMaterial;
}

/** Every file the configuration names, read and found good; no port is bound for it. */
export interface Prepared {
  readonly config: Config;
  /** What references to secrets come to now, and the files among them. */
  readonly secrets: Pick<Loaded, 'again' | 'secretFiles' | 'stores'>;
  /** Reads the files of the `tls:` section. Throws `Misconfigured`. */
  readonly loadMaterial: () => TlsMaterial;
  readonly material: TlsMaterial;
  /** What secures the admin port; null: nothing does, or there is none. */
  readonly admin: PreparedAdmin | null;
  /** None yet where they are in a store. */
  readonly keys: LoadedKeys;
  readonly issuers: Issuers;
  readonly upstreams: readonly PreparedUpstream[];
}

/** Reads every file that the configuration names. Throws `Misconfigured` with everything wrong. */
export function prepare(loaded: Loaded): Prepared {
  const { config, problemAt } = loaded;
  const problems: Problem[] = [];
  const tell: TellProblem = (key, ...words) => problemAt(['tls', key], ...words);
  const load = () => loadMaterial(config.tls, Date.now(), tell);
  const material = tried(problems, load);
  const admin = material && tried(problems, () => prepareAdmin({ config, problemAt }, load));
  const keys = tried(problems, () => keysAtHand(config.identity.keys.path));
  const issuers = tried(problems, () => makeIssuers(config.identity.tokens));
  const upstreams = config.upstreams.flatMap((upstream) => {
    const database = databaseNamed(upstream.database);
    const policy = tried(problems, () => loadPolicies(config, upstream, database));
    const ca = upstream.ca === undefined ? null : readFileSync(upstream.ca, 'utf8');
    return policy ? [{ config: upstream, database, policy, ca }] : [];
  });
  if (!material || !keys || !issuers || problems.length > 0) throw new Misconfigured(problems);
  const { again, secretFiles, stores } = loaded;
  const secrets = { again, secretFiles, stores };
  return { config, secrets, loadMaterial: load, material, admin, keys, issuers, upstreams };
}

function prepareAdmin(
  { config: { admin }, problemAt }: Pick<Loaded, 'config' | 'problemAt'>,
  gatewayMaterial: () => TlsMaterial,
): PreparedAdmin | null {
  if (!admin?.secured) return null;
  const { tls } = admin;
  const tell: TellProblem = (key, ...words) => problemAt(['admin', 'tls', key], ...words);
  const load = tls ? () => loadMaterial(tls, Date.now(), tell) : gatewayMaterial;
  return { loadMaterial: load, material: load() };
}

/** Reads the policies of one upstream; those for the roles of the database's own tokens are added
 * where such tokens count. Throws `Misconfigured`. */
export function loadPolicies(
  { identity }: Config,
  { name, policies }: PreparedUpstream['config'],
  database: Database,
): LoadedPolicy {
  const counts = identity.tokens.some(
    ({ kind, upstream = name }) => kind !== 'oidc' && upstream === name,
  );
  return loadPolicy(policies, database, counts ? database.tokenPolicies : []);
}

/** Keys in a store are read once it is open. */
function keysAtHand(path: string | null): LoadedKeys {
  return path === null ? { entries: [], digest: '' } : loadKeys(path);
}

/** Reads a key file. Throws `Misconfigured`. */
export function loadKeys(path: string): LoadedKeys {
  const text = keyFileText(path);
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return { entries: parseKeyFile(path, text), digest };
}

function tried<T>(problems: Problem[], load: () => T): T | null {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof Misconfigured)) throw error;
    problems.push(...error.problems);
    return null;
  }
}

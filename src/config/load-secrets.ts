import { dirname, resolve } from 'node:path';
import { check, type Document } from '../document.ts';
import { Misconfigured } from '../problem.ts';
import { type Loaded, openConfig, understood } from './load.ts';
import { resolvePaths } from './paths.ts';
import { makeStores, type Stores, standIns } from './stores/fetch.ts';
import { type SecretsConfig, secretsSection } from './stores/section.ts';
import { type Environment, type Fetched, substitute } from './substitute.ts';

/** A configuration, with what its references to secret stores came to. */
export interface LoadedWithSecrets extends Loaded {
  /** The references that were not fetched, as it was wished. */
  readonly unfetched: readonly string[];
}

/**
 * Reads vectorgate.yaml whole, as `loadConfig` does, and what it refers to in secret stores first;
 * `offline` asks no store and checks everything else; a document stands for the file it was read
 * from. Rejects with `Misconfigured`. The stores stay open: whoever takes the answer closes them.
 */
export async function loadWithSecrets(
  file: string | Document,
  offline = false,
  env: Environment = process.env,
): Promise<LoadedWithSecrets> {
  const document = typeof file === 'string' ? openConfig(file) : file;
  const places = { base: dirname(resolve(document.file)), env, fetched: new Map() };
  const { data, toStores, problems } = substitute(document, places);
  if (toStores.length === 0) return { ...understood(document, env, places.fetched), unfetched: [] };
  if (offline) {
    const loaded = understood(document, env, standIns(toStores));
    return { ...loaded, unfetched: toStores };
  }
  const unreadable = problems.some(({ path }) => path.startsWith('secrets'));
  const section = unreadable ? null : sectionOf(document, data, places.base);
  if (section === null) return { ...understood(document, env, unasked(toStores)), unfetched: [] };
  return withStores(document, env, makeStores(toStores, section));
}

async function withStores(
  document: Document,
  env: Environment,
  stores: Stores,
): Promise<LoadedWithSecrets> {
  try {
    return { ...understood(document, env, await stores.fetch()), stores, unfetched: [] };
  } catch (error) {
    await stores.close();
    throw error;
  }
}

/** The section of the stores alone; null where it is not good, which is told with everything
 * else. */
function sectionOf(document: Document, data: unknown, base: string): SecretsConfig | null {
  const written = (Object(data) as Record<string, unknown>)['secrets'] ?? {};
  try {
    const secrets = check(document, secretsSection, written as never);
    return resolvePaths(document, { secrets }, base).length === 0 ? secrets : null;
  } catch (error) {
    if (error instanceof Misconfigured) return null;
    throw error;
  }
}

function unasked(names: readonly string[]): Fetched {
  const missing = 'no store was asked for it, as secrets: is not good';
  return new Map(names.map((name) => [name, { missing, remedy: 'Mend secrets: first' }]));
}

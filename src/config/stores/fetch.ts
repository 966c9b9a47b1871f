import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Fetched, Found } from '../substitute.ts';
import { openAws } from './aws.ts';
import type { SecretsConfig } from './section.ts';
import { readReference, type Secret, type SecretStore, type StoreReference } from './store.ts';
import { makeTransport } from './transport.ts';
import { openVault } from './vault.ts';

/** The secret stores of a configuration, and what it refers to in them. */
export interface Stores {
  /** Reads every secret that is referred to, each once. Rejects never: what cannot be read is told
   * in its place. */
  fetch(): Promise<Fetched>;
  /** The last value of each that could be read. */
  readonly good: Fetched;
  /** After how many milliseconds to fetch again: sooner where a login ends sooner. */
  readonly every: number;
  close(): Promise<void>;
}

/** The stores that these references lead to; those that the configuration names are opened when
 * they are asked first. */
export function makeStores(names: readonly string[], config: SecretsConfig): Stores {
  const open: Partial<Record<StoreReference['store'], Promise<SecretStore>>> = {};
  const good = new Map<string, Found>();
  let lease = Number.POSITIVE_INFINITY;

  function storeOf(kind: StoreReference['store']): Promise<SecretStore> | null {
    const { vault, aws } = config;
    if (kind === 'vault' && vault) open.vault ??= openVault(vault, wireOf(vault.ca));
    if (kind === 'aws' && aws) open.aws ??= openAws(aws, wireOf(aws.ca));
    return open[kind] ?? null;
  }

  async function read({ store: kind, path }: StoreReference): Promise<Secret> {
    const opening = storeOf(kind);
    if (opening === null) throw new Error(`secrets.${kind} is missing; Say there where it is`);
    const store = await opening;
    const secret = await store.read(path);
    lease = store.lease;
    return secret;
  }

  async function find(name: string, secrets: Map<string, Promise<Secret>>): Promise<Found> {
    const reference = readReference(name);
    if (reference === null) return { missing: `\${${name}} is no reference`, remedy: forms };
    const { store, path } = reference;
    const place = `${store}:${path}`;
    const reading = secrets.get(place) ?? read(reference);
    secrets.set(place, reading);
    try {
      return valueIn(await reading, reference);
    } catch (error) {
      const [reason, remedy = 'Look into the log of the store'] = (error as Error).message.split(
        '; ',
      );
      return { missing: `\${${name}} cannot be fetched: ${reason}`, remedy };
    }
  }

  return {
    fetch: async () => {
      const secrets = new Map<string, Promise<Secret>>();
      const found = names.map(async (name) => [name, await find(name, secrets)] as const);
      const came = new Map(await Promise.all(found));
      for (const [name, one] of came) if ('value' in one) good.set(name, one);
      return came;
    },
    good,
    get every() {
      return Math.min(config.refresh * 1000, Math.max(lease / 2, 1000));
    },
    close: async () => {
      const opened = await Promise.allSettled(Object.values(open));
      await Promise.all(
        opened.map((store) => (store.status === 'fulfilled' ? store.value.close() : null)),
      );
    },
  };
}

/** Values in place of those that are not to be fetched: of no use but to check all others. */
export function standIns(names: readonly string[]): Fetched {
  const value = () => randomBytes(32).toString('hex');
  return new Map(names.map((name) => [name, { value: value(), standIn: true }]));
}

const forms = `Write \${vault:PATH#KEY} or \${aws:NAME#KEY}`;

function wireOf(ca: string | undefined) {
  return makeTransport(ca === undefined ? null : readFileSync(ca, 'utf8'));
}

function valueIn({ text, keys }: Secret, { path, key }: StoreReference): Found {
  const value = key === null ? text : Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (typeof value === 'string' && value !== '') return { value };
  const remedy = 'Correct the reference, or write a text there';
  if (value === undefined) return { missing: `there is no key ${key} at ${path}`, remedy };
  return { missing: `what stands at ${path} under ${key} is no text, or empty`, remedy };
}

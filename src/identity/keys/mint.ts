import { apiKeyId, digestOf, makeApiKey } from '../api-key.ts';
import type { KeyEntry } from './entry.ts';

/** What an operator says about a key that is to be made. */
export interface KeyOrder {
  readonly name: string;
  readonly roles: readonly string[];
  readonly upstream?: string | null;
  /** Milliseconds since 1970; null: never. */
  readonly expires?: number | null;
  readonly sources?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly replaces?: string | null;
  readonly imported?: boolean;
  /** The user of the machine whose command it is. */
  readonly createdBy?: string | undefined;
}

/** A key and the entry that lets it in. The key is to be shown once and kept nowhere. */
export interface MintedKey {
  readonly key: string;
  readonly entry: KeyEntry;
}

/** Makes a key and its entry. */
export function mintKey(order: KeyOrder, now: number): MintedKey {
  const { id, key } = makeApiKey();
  return { key, entry: entryFor(id, key, order, now) };
}

/** The entry for a key that exists: one of ours keeps its id, any other gets a new one. */
export function entryOfKey(key: string, order: KeyOrder, now: number): KeyEntry {
  return entryFor(apiKeyId(key) ?? makeApiKey().id, key, order, now);
}

function entryFor(id: string, key: string, order: KeyOrder, now: number): KeyEntry {
  return {
    id,
    name: order.name,
    roles: order.roles,
    upstream: order.upstream ?? null,
    hash: digestOf(key).toString('hex'),
    created: now,
    expires: order.expires ?? null,
    revoked: null,
    sources: order.sources ?? [],
    labels: order.labels ?? {},
    replaces: order.replaces ?? null,
    imported: order.imported ?? false,
    ...(order.createdBy === undefined ? {} : { createdBy: order.createdBy }),
  };
}

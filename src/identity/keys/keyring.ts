import { randomInt, timingSafeEqual } from 'node:crypto';
import type { BlockList } from 'node:net';
import { LRUCache } from 'lru-cache';
import xxhash from 'xxhash-wasm';
import { digestOf } from '../api-key.ts';
import type { Identity } from '../identity.ts';
import type { KeyEntry } from './entry.ts';
import { sourcesOf } from './sources.ts';

/** A key as it is in force: its identity, and what is asked of each use. */
export interface Key {
  /** What it was made of. */
  readonly entry: KeyEntry;
  readonly identity: Identity;
  /** SHA-256 of the key: 32 bytes. */
  readonly digest: Buffer;
  readonly upstream: string | null;
  /** Milliseconds since 1970. */
  readonly revoked: number | null;
  readonly sources: BlockList | null;
  /** When it last let a request in, in milliseconds since 1970; of this process only. */
  lastUsed: number | null;
}

/** The keys in force. */
export interface Keyring {
  /** The key that this credential is, whether or not it may be used; null where it is none. */
  find(credential: string): Key | null;
  /** Puts other keys in force at once; what was remembered of credentials is forgotten. */
  replace(entries: readonly KeyEntry[]): void;
  /** By id; undefined for a key that is not in force. */
  byId(id: string): Key | undefined;
}

/** A fast hash of a credential: finds, and proves nothing. */
export type QuickHash = (credential: string) => number;

const remembered = 4096;
const noClaims = Object.freeze({});

/** xxHash of 32 bits with a seed of this process, so that nobody can choose who collides. */
export async function makeQuickHash(): Promise<QuickHash> {
  const { h32 } = await xxhash();
  const seed = randomInt(2 ** 32);
  return (credential) => h32(credential, seed);
}

/**
 * Holds keys in memory. A quick hash finds the key that a credential was last time, and its
 * SHA-256, compared in constant time, proves it; credentials that are no key are not remembered, so
 * that a flood of them can neither fill memory nor push an honest one out.
 */
export function makeKeyring(entries: readonly KeyEntry[], quickHash: QuickHash): Keyring {
  const proven = new LRUCache<number, Key>({ max: remembered });
  let byDigest = new Map<string, Key>();
  let byId = new Map<string, Key>();
  const replace = (next: readonly KeyEntry[]) => {
    const digests = new Map<string, Key>();
    const ids = new Map<string, Key>();
    for (const entry of next) {
      const before = byId.get(entry.id);
      const key = before?.entry === entry ? before : keyOf(entry, before);
      digests.set(entry.hash, key);
      ids.set(entry.id, key);
    }
    byDigest = digests;
    byId = ids;
    proven.clear();
  };
  replace(entries);
  return {
    find: (credential) => {
      const digest = digestOf(credential);
      const slot = quickHash(credential);
      const known = proven.get(slot);
      if (known && timingSafeEqual(known.digest, digest)) return known;
      const key = byDigest.get(digest.toString('hex'));
      if (!key || !timingSafeEqual(key.digest, digest)) return null;
      proven.set(slot, key);
      return key;
    },
    replace,
    byId: (id) => byId.get(id),
  };
}

function keyOf(entry: KeyEntry, before: Key | undefined): Key {
  const identity: Identity = Object.freeze({
    kind: 'key',
    id: entry.id,
    name: entry.name,
    roles: frozen(entry.roles, () => [...entry.roles]),
    claims: noClaims,
    labels: frozen(entry.labels, () => ({ ...entry.labels })),
    expires: entry.expires,
  });
  return {
    entry,
    identity,
    digest: Buffer.from(entry.hash, 'hex'),
    upstream: entry.upstream,
    revoked: entry.revoked,
    sources: sourcesOf(entry.sources),
    lastUsed: before?.lastUsed ?? null,
  };
}

/** What is frozen already is shared by all keys that have the same. */
function frozen<T extends object>(value: T, copy: () => T): T {
  return Object.isFrozen(value) ? value : Object.freeze(copy());
}

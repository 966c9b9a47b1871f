import type { KeyEntry } from './entry.ts';

/** What everybody who asks is told of a key; times in ISO 8601. */
export interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
}

/** The same, with what a list of keys is looked through for. */
export interface ListedKey extends KeyRow {
  readonly upstream: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly lastUsedAt: string | null;
  /** Whole days since it was made. */
  readonly ageDays: number | null;
  readonly revokedAt: string | null;
}

const day = 86_400_000;

/** A key without its secrets. */
export function keyRow(entry: KeyEntry): KeyRow {
  const { id, name, roles, created, expires } = entry;
  return { id, name, roles, createdAt: isoTime(created), expiresAt: isoTime(expires) };
}

/** A key in a list; times in milliseconds since 1970. */
export function listedKey(entry: KeyEntry, lastUsed: number | null, now: number): ListedKey {
  const { upstream, labels, created, revoked } = entry;
  return {
    ...keyRow(entry),
    upstream,
    labels,
    lastUsedAt: isoTime(lastUsed),
    ageDays: created === null ? null : Math.floor((now - created) / day),
    revokedAt: isoTime(revoked),
  };
}

/** `2026-11-22T15:04:05.000Z`; null for no time. */
export function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

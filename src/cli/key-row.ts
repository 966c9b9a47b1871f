import type { KeyEntry } from '../identity/keys/entry.ts';
import type { Verb } from './verb.ts';

/** What every `keys` command prints of a key with `--json`; times in ISO 8601. */
export interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
}

/** The option that names the key file. */
export const keyFileOption = {
  keys: { type: 'string', default: 'keys.yaml', help: 'the key file (default: keys.yaml)' },
} as const satisfies Verb['options'];

/** A key without its secrets. */
export function keyRow(entry: KeyEntry): KeyRow {
  const { id, name, roles, created, expires } = entry;
  return { id, name, roles, createdAt: isoTime(created), expiresAt: isoTime(expires) };
}

/** `2026-11-22T15:04:05.000Z`; null for no time. */
export function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

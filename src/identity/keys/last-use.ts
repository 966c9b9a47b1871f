import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { replaceFile } from './replace-file.ts';

/** When keys were last used, by their ids, in milliseconds since 1970. */
export type LastUse = ReadonlyMap<string, number>;

/** `keys-used.json` for `keys.yaml`. */
export function lastUsePath(keyFile: string): string {
  return join(dirname(keyFile), `${basename(keyFile, extname(keyFile))}-used.json`);
}

/** What the gateway last wrote beside a key file; empty where that cannot be read. */
export function readLastUse(keyFile: string): LastUse {
  try {
    const read: unknown = JSON.parse(readFileSync(lastUsePath(keyFile), 'utf8'));
    const times = Object.entries(Object(read) as Record<string, unknown>).map(
      ([id, time]) => [id, Date.parse(String(time))] as const,
    );
    return new Map(times.filter(([, time]) => !Number.isNaN(time)));
  } catch {
    return new Map();
  }
}

/** Writes it, whole, mode 0600. Throws file system errors: the folder may be read-only. */
export function writeLastUse(keyFile: string, used: LastUse): void {
  const told = [...used].map(([id, time]) => [id, new Date(time).toISOString()] as const);
  replaceFile(lastUsePath(keyFile), `${JSON.stringify(Object.fromEntries(told))}\n`);
}

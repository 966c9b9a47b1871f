import type { NameTable } from '../catalog/database.ts';
import { Refusal } from '../refusal.ts';
import type { NameKeeper } from './upstream.ts';

/** What the name table is kept with. */
export interface NameKeeperOptions {
  /** Reads the table from the database. */
  readonly read: () => Promise<NameTable>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** A table older than this, in milliseconds, is not trusted. */
  readonly staleAfter: number;
  /** Told of each failed reading. */
  readonly failed: (error: Error) => void;
}

/** A name keeper with the handle of whoever owns it. */
export interface OwnedNameKeeper extends NameKeeper {
  /** Reads the table again. Never rejects: a failure is told to `failed`. */
  refresh(): Promise<void>;
  /** The table, where it can be trusted now. */
  table(): NameTable | null;
}

/** Keeps what the names of one database mean, and which changes to that are under way. */
export function keepNames(options: NameKeeperOptions): OwnedNameKeeper {
  const changes = new Map<string, Set<Promise<void>>>();
  let table: NameTable | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  let started = 0;
  let installed = 0;

  async function refresh(): Promise<boolean> {
    const number = ++started;
    const askedAt = options.now();
    try {
      const fresh = await options.read();
      // A reading that began before a newer one was installed may be older than a change.
      if (number > installed) {
        installed = number;
        table = fresh;
        readAt = askedAt;
      }
      return true;
    } catch (error) {
      options.failed(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  }

  function trusted(): NameTable | null {
    return table !== null && options.now() - readAt <= options.staleAfter ? table : null;
  }

  function current(): NameTable {
    const now = trusted();
    if (now) return now;
    throw new Refusal('upstream-unreachable', 'the alias table of the database cannot be read');
  }

  function add(names: readonly string[], change: Promise<void>): void {
    for (const name of names) {
      const under = changes.get(name);
      if (under) under.add(change);
      else changes.set(name, new Set([change]));
    }
  }

  function remove(names: readonly string[], change: Promise<void>): void {
    for (const name of names) {
      const under = changes.get(name);
      under?.delete(change);
      if (under?.size === 0) changes.delete(name);
    }
  }

  return {
    resolve: (name) => current().aliases.get(name) ?? name,
    isAlias: (name) => current().aliases.has(name),
    isCollection: (name) => current().collections.has(name),
    table: trusted,
    refresh: async () => {
      await refresh();
    },
    settled(names) {
      if (changes.size === 0) return null;
      const under = names.flatMap((name) => [...(changes.get(name) ?? [])]);
      return under.length === 0 ? null : Promise.all(under).then(() => undefined);
    },
    changing(names) {
      const { promise, resolve } = Promise.withResolvers<void>();
      add(names, promise);
      let over = false;
      return {
        done() {
          if (over) return;
          over = true;
          refresh().then((read) => {
            if (!read) table = null; // what the names mean now is unknown
            remove(names, promise);
            resolve();
          });
        },
      };
    },
  };
}

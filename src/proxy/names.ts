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
  /** How long a change may wait for requests under way, in milliseconds. */
  readonly patience: number;
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
  const uses = countUses(options.patience);
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
    withId: (id) => current().ids?.get(id) ?? null,
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
      // Aliases are pinned and collections cannot be shadowed; any other name may come to mean
      // something else before the database looks it up for a request that is under way.
      const loose = names.filter(
        (name) => !table?.aliases.has(name) && !table?.collections.has(name),
      );
      return {
        ready: uses.ended(loose),
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
    using: uses.begin,
  };
}

/** Counts the requests under way by the names they reach the database by. */
function countUses(patience: number) {
  const counts = new Map<string, number>();
  let waiting: (() => void)[] = [];

  function end(names: readonly string[]): void {
    for (const name of names) {
      const left = (counts.get(name) ?? 1) - 1;
      if (left === 0) counts.delete(name);
      else counts.set(name, left);
    }
    if (waiting.length === 0) return;
    const woken = waiting;
    waiting = [];
    for (const look of woken) look();
  }

  return {
    begin(names: readonly string[]): () => void {
      for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
      return () => end(names);
    },
    /** Null where no request is under way by any of the names. */
    ended(names: readonly string[]): Promise<void> | null {
      const free = () => names.every((name) => !counts.has(name));
      if (free()) return null;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(stillUsed()), patience);
        const look = () => {
          if (!free()) return void waiting.push(look);
          clearTimeout(timer);
          resolve();
        };
        waiting.push(look);
      });
    },
  };
}

function stillUsed(): Refusal {
  const reason = 'requests that give a name of this change are still under way';
  return new Refusal('overloaded', reason, { retryAfter: 5 });
}

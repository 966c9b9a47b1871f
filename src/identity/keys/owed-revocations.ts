import { createHash } from 'node:crypto';
import { Misconfigured } from '../../problem.ts';
import type { KeyEntry } from './entry.ts';
import { KeyObjection } from './objection.ts';
import type { SharedKeys } from './store-keys.ts';
import type { SharedEntries } from './store-read.ts';

/** Revocations that a store has not heard of yet: they hold in this process until it has. */
export interface OwedRevocations {
  /** As `KeyStore.revoke`; where the store cannot be had, of a key in force, it is owed. */
  revoke: SharedKeys['revoke'];
  /** Owes one that another process could not tell. */
  take(revocation: Revocation): void;
  /** These entries as they stand with what is owed. */
  over<T extends SharedEntries>(shared: T): T;
  /** Whether the store has still to hear of this one, or of any. */
  owes(id?: string): boolean;
  /** Tells the store, and gives the ids that it heard of. Rejects where it does not answer. */
  tell(): Promise<readonly string[]>;
  /** Owes no more those of these ids that do not count by `read`, which was read afterwards: a store
   * that knew no such key, or lost what it heard, may have been brought back since. */
  told(ids: readonly string[], read: SharedEntries): void;
}

/** A key that was revoked: since when, in milliseconds since 1970, and by whom of the machine. */
export interface Revocation {
  readonly id: string;
  readonly at: number;
  readonly by?: string;
}

/** Keeps what a store that is lost could not be told, so that a leaked key can be ended all the
 * same. `inForce` gives the key that an id names. */
export function oweRevocations(
  shared: Pick<SharedKeys, 'revoke'>,
  inForce: (id: string) => KeyEntry | null,
): OwedRevocations {
  const owed = new Map<string, Revocation>();
  const overlaid = (entry: KeyEntry): KeyEntry => {
    const found = owed.get(entry.id);
    if (!found || (entry.revoked !== null && entry.revoked <= found.at)) return entry;
    const by = found.by === undefined ? {} : { revokedBy: found.by };
    return { ...entry, revoked: found.at, ...by };
  };
  const take = (revocation: Revocation) => {
    if (!owed.has(revocation.id)) owed.set(revocation.id, revocation);
  };
  return {
    take,
    owes: (id) => (id === undefined ? owed.size > 0 : owed.has(id)),
    revoke: async (id, at, by) => {
      try {
        return await shared.revoke(id, at, by);
      } catch (error) {
        const entry = inForce(id);
        // One that was emptied knows no key.
        const unknown = error instanceof KeyObjection && error.about === 'unknown';
        if (!entry || (isAnswer(error) && !unknown)) throw error;
        take({ id, at, ...(by === undefined ? {} : { by }) });
        return overlaid(entry);
      }
    },
    over: (entries) => {
      if (owed.size === 0) return entries;
      const digest = createHash('sha256').update(`${entries.digest} ${[...owed.keys()].join()}`);
      return {
        ...entries,
        digest: `sha256:${digest.digest('hex')}`,
        entries: entries.entries.map(overlaid),
      };
    },
    tell: async () => {
      const telling = [...owed];
      for (const [id, { at, by }] of telling) {
        await shared.revoke(id, at, by).catch((error: unknown) => {
          // A store that was filled anew does not know it.
          if (!isAnswer(error)) throw error;
        });
      }
      return telling.map(([id]) => id);
    },
    told: (ids, { entries }) => {
      if (ids.length === 0) return;
      const changed = entries.filter((entry) => overlaid(entry) !== entry);
      const still = new Set(changed.map(({ id }) => id));
      for (const id of ids) if (!still.has(id)) owed.delete(id);
    },
  };
}

function isAnswer(error: unknown): boolean {
  return error instanceof KeyObjection || error instanceof Misconfigured;
}

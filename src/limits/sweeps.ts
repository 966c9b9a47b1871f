import type { Quota, Swept } from '../policy/quota.ts';
import { keyOf, type Sizes } from './sizes.ts';

/** Counts points as shares of their collections. */
export interface Sweeps {
  /** Has the sizes asked for that a request will be counted by. Null: it may go on; else resolves
   * when what was carried before it is counted, or cannot be. */
  ready(quotas: readonly Quota[]): Promise<unknown> | null;
  /** Counts points of one answer: now, or as soon as the size of the collection is told. */
  charge(quota: Quota, points: number): void;
  /** Whether it carried points that nobody can tell the share of. */
  blind(quota: Quota): boolean;
}

/** What shares are counted with. */
export interface SweepsOptions {
  readonly sizes: Sizes;
  /** Takes so many parts of 10,000 from a quota. */
  readonly count: (quota: Quota, units: number) => void;
  /** Hears, once, of points that nobody can tell the share of. */
  readonly unsized: (quota: Quota) => void;
}

/** Points of one quota that are not counted yet. */
interface Pending {
  readonly quota: Quota;
  points: number;
  told: boolean;
}

/** A whole collection. */
const whole = 10_000;
/** A collection counts as one of so many points at least: what has less is carried by one
 * search. */
const leastSize = 100;
/** How many counts may wait for a size; whatever comes beyond counts by the size that was told
 * last, or as if its collection were small. */
const mostPending = 10_000;

/** Makes the count of sweeps. Points that were carried while a size was not known are never
 * lost. */
export function makeSweeps({ sizes, count, unsized }: SweepsOptions): Sweeps {
  const pending = new Map<string, Map<string, Pending>>();
  let waiting = 0;

  function settle(of: Swept): void {
    const size = sizes.last(of);
    const key = keyOf(of);
    const found = pending.get(key);
    if (!found) return;
    if (size === null) {
      for (const one of found.values()) {
        if (!one.told) unsized(one.quota);
        one.told = true;
      }
      return;
    }
    pending.delete(key);
    waiting -= found.size;
    for (const { quota, points } of found.values()) count(quota, partsOf(points, size));
  }

  function ask(of: Swept): Promise<void> {
    return sizes.ask(of).then(() => settle(of));
  }

  function pend(of: Swept, quota: Quota, points: number): void {
    const key = keyOf(of);
    const known = pending.get(key)?.get(quota.key);
    if (known) {
      known.points += points;
      return;
    }
    if (waiting >= mostPending) return count(quota, partsOf(points, sizes.last(of) ?? 0));
    const all = pending.get(key) ?? new Map<string, Pending>();
    pending.set(key, all.set(quota.key, { quota, points, told: false }));
    waiting++;
  }

  const isPending = (of: Swept, quota: Quota) => pending.get(keyOf(of))?.has(quota.key) === true;

  return {
    ready: (quotas) => {
      const waits: Promise<void>[] = [];
      for (const quota of quotas) {
        const { of, exceed } = quota.sweep ?? {};
        if (!of || sizes.fresh(of) !== null) continue;
        const asked = ask(of);
        if (exceed === 'stop' && isPending(of, quota)) waits.push(asked);
      }
      return waits.length === 0 ? null : Promise.all(waits);
    },
    charge: (quota, points) => {
      const of = quota.sweep?.of;
      if (!of) return;
      const size = sizes.fresh(of);
      if (size !== null) return count(quota, partsOf(points, size));
      pend(of, quota, points);
      void ask(of);
    },
    blind: (quota) => {
      const of = quota.sweep?.of;
      return of ? isPending(of, quota) && sizes.last(of) === null : false;
    },
  };
}

function partsOf(points: number, size: number): number {
  return (points * whole) / Math.max(size, leastSize);
}

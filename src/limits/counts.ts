import type { Quota } from '../policy/quota.ts';
import { leftOf, type PaidUntil, paidAfter } from './rate.ts';
import type { Rest } from './scarce.ts';

/** What one process wants of one count. */
export interface Ask {
  /** Never of the measure `concurrent`: places are given back (`Places`). */
  readonly quota: Quota;
  /** Units wanted, to be spent by this process from now on; 0 where only a debt is paid. */
  readonly units: number;
  /** Units already spent beyond every grant, whatever is left: they are always counted. */
  readonly owed: number;
}

/** What the count gave. */
export interface Grant {
  /** From 0 to the units asked for. They are counted as taken. */
  readonly units: number;
  /** Units left for all processes after this; below 0 where there is debt. */
  readonly left: number;
  /** How long a grant may be kept unspent, in milliseconds. What is left of it then is worth
   * nothing to this process, and counts as taken. */
  readonly lasts: number;
  /** Whether this process granted it by itself: what is left is its own part then. */
  readonly alone?: boolean;
}

/**
 * What several processes count together. One process alone needs none: its own counts hold.
 *
 * A process does not ask for each request: it takes units in advance (`Leases`), spends them
 * without a promise, asks for more before they end, and gives back what it does not need. So a
 * count must never grant more than it has, and may be asked for several units at once. It is told
 * of debt (`owed`) afterwards. Keys name limit, holder, collection and action within one upstream:
 * counts are made for each upstream. `units`, `period` and `burst` may change under a key at any
 * reload; the latest that is asked with counts.
 */
export interface Counts {
  /** How many processes count together, as far as this one knows; left out: it is the only one. */
  readonly sharers?: number;
  /**
   * Asks for units under several quotas, in one round trip. Answers in the order of the asks. Each
   * quota is granted by itself; whoever asked gives back what it cannot use.
   * Rejects with `Refusal` where no answer can be had and none may be given instead.
   */
  take(asks: readonly Ask[]): Promise<readonly Grant[]>;
  /** Takes back units that were granted and not spent. Never throws; nothing waits for it. */
  giveBack(quota: Quota, units: number): void;
  /** Hears from another process what is left under a key; left out where that is of no use. */
  heard?(key: string, rest: Rest): void;
}

/** How many old counts are looked at for each new one. */
const lookedAt = 4;

/**
 * Counts kept in this process: for several gateways in one, for the workers of one gateway, and the
 * model of every other. `now` is in milliseconds and monotonic, `lasts` is how long a grant may be
 * kept. A count that is paid for is as good as none, and goes when others come.
 */
export function makeCounts(now: () => number, lasts = 1000): Counts {
  const paid = new Map<string, PaidUntil>();
  let hand = paid.entries();
  const forgetOne = (at: number) => {
    const { value, done } = hand.next();
    if (done) hand = paid.entries();
    else if (value[1] <= at) paid.delete(value[0]);
  };
  const add = (quota: Quota, units: number, at: number) => {
    const known = paid.get(quota.key);
    if (known === undefined) for (let look = 0; look < lookedAt; look++) forgetOne(at);
    paid.set(quota.key, paidAfter(quota, known ?? 0, at, units));
  };
  function grant({ quota, units, owed }: Ask): Grant {
    const at = now();
    if (owed > 0) add(quota, owed, at);
    const left = Math.floor(leftOf(quota, paid.get(quota.key) ?? 0, at) + 1e-3);
    const granted = Math.max(0, Math.min(units, left));
    if (granted > 0) add(quota, granted, at);
    return { units: granted, left: left - granted, lasts };
  }
  return {
    take: async (asks) => asks.map(grant),
    giveBack: (quota, units) => add(quota, -units, now()),
  };
}

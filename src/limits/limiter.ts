import type { Measure, Quota } from '../policy/quota.ts';
import type { Usage } from './lease.ts';
import { overLimit } from './over-limit.ts';
import { leftOf, paidAfter, waitFor } from './rate.ts';
import { Tallies, type Tally } from './tallies.ts';

/** What is left of a quota. */
export interface Standing {
  readonly quota: Quota;
  /** Whole units; never below 0. */
  readonly left: number;
  /** Milliseconds until there is at least one; 0: now. */
  readonly wait: number;
}

/** Holds requests to the limits that policy found for them. */
export interface Limiter {
  /**
   * Takes a place and as many units as the request is work, under every quota or under none. What a
   * request is worth beyond a quota's burst is owed. Throws or rejects with `Refusal` over-limit.
   */
  take(quotas: readonly Quota[], work: number): Usage | Promise<Usage>;
  /** Takes nothing, but throws `Refusal` over-limit where not even the least request has room. */
  check(quotas: readonly Quota[]): void;
  standing(quotas: readonly Quota[]): readonly Standing[];
  /** How many counts are kept. */
  readonly counts: number;
}

/** How the limiter of one upstream is made. */
export interface LimiterOptions {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** The most counts that are kept: 500,000, where it is not given. */
  readonly most?: number;
}

/** What no place is worth knowing of. */
const soon = 1000;
const unlimited: Usage = { charge: () => undefined, release: () => undefined };

/** The limiter of one upstream, whose counts are this process's own. Taking is one look-up for each
 * quota and no promise. */
export function makeLimiter({ now: clock, most }: LimiterOptions): Limiter {
  const tallies = new Tallies(most);
  let latest = 0;
  const now = () => {
    latest = Math.max(latest, clock());
    return latest;
  };

  function check(quotas: readonly Quota[], work = 1): void {
    const at = now();
    for (const quota of quotas) {
      const tally = tallies.known(quota);
      if (!tally || waitOf(quota, tally, at, work) === 0) continue;
      throw overLimit(standingAt(quotas, at, work));
    }
  }

  function standingAt(quotas: readonly Quota[], at: number, work: number): Standing[] {
    return quotas.map((quota) => {
      const tally = tallies.known(quota) ?? { paid: at, places: 0 };
      return { quota, left: left(quota, tally, at), wait: waitOf(quota, tally, at, work) };
    });
  }

  return {
    check,
    take(quotas, work) {
      if (quotas.length === 0) return unlimited;
      check(quotas, work);
      return new Taken(quotas, tallies, work, now);
    },
    standing: (quotas) => standingAt(quotas, now(), 1),
    get counts() {
      return tallies.size;
    },
  };
}

/** How long a request of so much work has to wait. Of what answers carry, it needs one unit. */
function waitOf(quota: Quota, tally: Tally, at: number, work: number): number {
  if (quota.measure === 'concurrent') return tally.places < quota.units ? 0 : soon;
  return waitFor(quota, tally.paid, at, quota.measure === 'requests' ? work : 1);
}

function left(quota: Quota, tally: Tally, at: number): number {
  if (quota.measure === 'concurrent') return Math.max(0, quota.units - tally.places);
  return Math.max(0, Math.floor(leftOf(quota, tally.paid, at) + 0.01));
}

/** What one exchange took. */
class Taken implements Usage {
  readonly #quotas: readonly Quota[];
  readonly #tallies: Tallies;
  readonly #now: () => number;
  /** The counts in which it has a place. */
  #places: readonly Tally[] = [];

  constructor(quotas: readonly Quota[], tallies: Tallies, work: number, now: () => number) {
    this.#quotas = quotas;
    this.#tallies = tallies;
    this.#now = now;
    for (const quota of quotas) {
      if (quota.measure === 'concurrent') this.#takePlace(tallies.of(quota, now()));
    }
    this.charge('requests', work);
  }

  #takePlace(tally: Tally): void {
    tally.places++;
    this.#places = [...this.#places, tally];
  }

  charge(measure: Measure, units: number): void {
    if (units <= 0) return;
    for (const quota of this.#quotas) {
      if (quota.measure !== measure) continue;
      const at = this.#now();
      const tally = this.#tallies.of(quota, at);
      tally.paid = paidAfter(quota, tally.paid, at, units);
    }
  }

  release(): void {
    for (const tally of this.#places) tally.places--;
    this.#places = [];
  }
}

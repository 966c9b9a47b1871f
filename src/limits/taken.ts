import type { Measure, Quota } from '../policy/quota.ts';
import type { Usage } from './lease.ts';
import { paidAfter } from './rate.ts';
import type { Tallies, Tally } from './tallies.ts';

/** What an exchange's units are counted with. */
export interface Counting {
  readonly tallies: Tallies;
  readonly now: () => number;
  /** Tells of units that were counted beyond what was taken at first. */
  readonly owe: (quota: Quota, tally: Tally, units: number) => void;
  /** Counts points that an answer carried as a share of their collection. */
  readonly sweep: (quota: Quota, points: number) => void;
  /** Tells how many places there are now under a key; null: nobody counts along. */
  readonly placed: ((key: string, places: number) => void) | null;
}

/** What one exchange took of its limits. */
export class Taken implements Usage {
  readonly #quotas: readonly Quota[];
  readonly #counting: Counting;
  /** The counts in which it has a place. */
  #places: readonly { readonly key: string; readonly tally: Tally }[] = [];

  constructor(quotas: readonly Quota[], work: number, counting: Counting) {
    this.#quotas = quotas;
    this.#counting = counting;
    for (const quota of quotas) {
      if (quota.measure === 'concurrent') this.#takePlace(quota);
      if (quota.measure === 'requests') countIn(counting, quota, work);
    }
  }

  charge(measure: Measure, units: number): void {
    if (units <= 0) return;
    for (const quota of this.#quotas) {
      if (quota.measure === measure) owe(this.#counting, quota, units);
      else if (quota.sweep && measure === 'points') this.#counting.sweep(quota, units);
    }
  }

  release(): void {
    const { placed } = this.#counting;
    for (const { key, tally } of this.#places) {
      tally.places--;
      placed?.(key, tally.places);
    }
    this.#places = [];
  }

  #takePlace(quota: Quota): void {
    const { tallies, now, placed } = this.#counting;
    const tally = tallies.of(quota, now());
    tally.places++;
    placed?.(quota.key, tally.places);
    this.#places = [...this.#places, { key: quota.key, tally }];
  }
}

/** Counts units beyond what was taken at first, and tells of them. */
export function owe(counting: Counting, quota: Quota, units: number): void {
  counting.owe(quota, countIn(counting, quota, units), units);
}

function countIn({ tallies, now }: Counting, quota: Quota, units: number): Tally {
  const at = now();
  const tally = tallies.of(quota, at);
  tally.paid = paidAfter(quota, tally.paid, at, units);
  return tally;
}

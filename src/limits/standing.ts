import type { Quota } from '../policy/quota.ts';
import { leftOf, waitFor } from './rate.ts';
import type { Tally } from './tallies.ts';

/** What is left of a quota. */
export interface Standing {
  readonly quota: Quota;
  /** Whole units; never below 0. */
  readonly left: number;
  /** Milliseconds until there are enough; 0: now. */
  readonly wait: number;
}

/** Nobody knows when a place will be given back. */
const soon = 1000;

/** How long a request of so much work has to wait, in milliseconds. Of what answers carry, it needs
 * one unit. */
export function waitOf(quota: Quota, tally: Tally, at: number, work: number): number {
  if (quota.measure === 'concurrent') {
    return tally.places + tally.elsewhere < quota.units ? 0 : soon;
  }
  return waitFor(quota, tally.paid, at, quota.measure === 'requests' ? work : 1);
}

/** What is left of one quota for a request of so much work; all of it where nothing is counted. */
export function standingOf(quota: Quota, tally: Tally | null, at: number, work: number): Standing {
  if (!tally) return { quota, left: quota.burst, wait: 0 };
  const { places, elsewhere, paid, holding } = tally;
  const wait = waitOf(quota, tally, at, work);
  if (quota.measure === 'concurrent')
    return { quota, left: Math.max(0, quota.units - places - elsewhere), wait };
  const own = leftOf(quota, paid, at);
  const known = holding ? Math.min(own, holding.left + holding.units) : own;
  return { quota, left: Math.max(0, Math.floor(known + 0.01)), wait };
}

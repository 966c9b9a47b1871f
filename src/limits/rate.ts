import type { Quota } from '../policy/quota.ts';

/** How much of a unit may be granted early: what adding up fractions may lose. */
const tolerance = 1 / 1024;

/**
 * A rate as one number: the time until which everything taken so far is paid for, in milliseconds
 * (the generic cell rate algorithm, ITU-T I.371, in its virtual scheduling form). A count that is
 * not there is one that is paid for.
 */
export type PaidUntil = number;

/** What is left under a quota, in units: below 0 where more was taken than it gives at once. */
export function leftOf({ units, period, burst }: Quota, paid: PaidUntil, now: number): number {
  return burst - (Math.max(0, paid - now) * units) / period;
}

/**
 * How long until so many units may be taken, in milliseconds; 0: now. What is larger than the burst
 * may be taken once the whole burst is there, and is paid for afterwards.
 */
export function waitFor(quota: Quota, paid: PaidUntil, now: number, cost: number): number {
  const missing = Math.min(cost, quota.burst) - leftOf(quota, paid, now);
  return missing <= tolerance ? 0 : (missing * quota.period) / quota.units;
}

/** The count after so many units were taken, or given back where there are fewer than none. */
export function paidAfter(
  { units, period }: Quota,
  paid: PaidUntil,
  now: number,
  cost: number,
): PaidUntil {
  return Math.max(paid, now) + (cost * period) / units;
}

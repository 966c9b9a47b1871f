import type { Quota } from '../policy/quota.ts';

/** What this process holds of one shared count, and what it last heard of it. */
export interface Holding {
  /** Granted and not spent; below 0: spent and not told yet. */
  units: number;
  /** Spent, and on the way to be told. */
  telling: number;
  /** What was left for everybody, and when. */
  left: number;
  at: number;
  /** When what is held is worth nothing any more. */
  until: number;
  /** Whether a question is under way that nobody waits for. */
  asking: boolean;
  /** How many requests wait for an answer. */
  waiting: number;
}

/** One shared count, as this process sees it. */
export interface Share {
  readonly quota: Quota;
  readonly holding: Holding;
}

/** Of a count that nothing is known of, which is one that nobody has used for long. */
export function freshHolding({ burst }: Pick<Quota, 'burst'>, now: number): Holding {
  return {
    units: 0,
    telling: 0,
    left: burst,
    at: now,
    until: Number.POSITIVE_INFINITY,
    asking: false,
    waiting: 0,
  };
}

/** What is left for everybody, by what was last heard and what time has brought since. */
export function knownLeft({ quota, holding }: Share, now: number): number {
  const since = Math.max(0, now - holding.at);
  return Math.min(quota.burst, holding.left + (since * quota.units) / quota.period);
}

/**
 * Whether so many units are there without asking: held, or to be had on credit while less than half
 * of the burst is used. `credit` is the units that nobody was heard to grant, at most.
 */
export function isCovered(share: Share, cost: number, now: number, credit: number): boolean {
  const { quota, holding } = share;
  if (now >= holding.until) holding.units = Math.min(0, holding.units);
  if (holding.units >= cost) return true;
  const ample = knownLeft(share, now) > quota.burst / 2;
  return ample && cost - holding.units + holding.telling <= credit;
}

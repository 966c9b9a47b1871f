import type { Quota } from '../policy/quota.ts';
import type { Counts } from './counts.ts';
import type { Usage } from './lease.ts';
import { type Claim, type Leases, makeLeases, type Short } from './leases.ts';
import { overLimit } from './over-limit.ts';
import type { Places } from './places.ts';
import { freshHolding } from './share.ts';
import { type Standing, standingOf, waitOf } from './standing.ts';
import { type Counting, Taken } from './taken.ts';
import { Tallies, type Tally } from './tallies.ts';

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
  /** What several processes count together; left out where this process counts alone. */
  readonly shared?: Counts | null;
  /** The requests under way in other processes; left out where there are none. */
  readonly places?: Places | null;
  /** The most counts that are kept: 500,000, where it is not given. */
  readonly most?: number;
}

const unlimited: Usage = { charge: () => undefined, release: () => undefined };

/**
 * The limiter of one upstream. What this process passes by itself never exceeds a limit; where counts
 * are shared it holds leases on them besides. Taking is a look-up for each quota, and no promise save
 * where a shared count must be asked.
 */
export function makeLimiter(options: LimiterOptions): Limiter {
  const { now: clock, shared, places = null, most } = options;
  const tallies = new Tallies(most);
  let latest = 0;
  const now = () => {
    latest = Math.max(latest, clock());
    return latest;
  };
  const leases = shared ? makeLeases(shared, now) : null;
  const counting = countingWith(tallies, now, leases, places);
  places?.hear((key, count) => tallies.heard(key, count, now()));

  function standing(quotas: readonly Quota[], work = 1): readonly Standing[] {
    const at = now();
    return quotas.map((quota) => standingOf(quota, tallies.known(quota) ?? null, at, work));
  }

  function check(quotas: readonly Quota[], work = 1): void {
    const at = now();
    for (const quota of quotas) {
      const tally = tallies.known(quota);
      if (!tally || waitOf(quota, tally, at, work) === 0) continue;
      throw overLimit(standing(quotas, work), alertOf(quota, tally, at));
    }
  }

  function claimsOf(quotas: readonly Quota[], work: number): Claim[] {
    return quotas.flatMap((quota) => {
      if (quota.measure === 'concurrent') return [];
      const tally = tallies.of(quota, now());
      tally.holding ??= freshHolding(quota, now());
      return [{ quota, holding: tally.holding, ...worth(quota, work) }];
    });
  }

  async function takeAsking(
    quotas: readonly Quota[],
    work: number,
    { claims, asked, undo }: Asked,
  ): Promise<Usage> {
    const short = await asked;
    if (short) {
      const told = standing(quotas, work).map((each) => outOf(each, short));
      throw overLimit(told, alertOf(short.quota, tallies.of(short.quota, now()), now()));
    }
    try {
      check(quotas, work);
    } catch (error) {
      undo(claims);
      throw error;
    }
    return new Taken(quotas, work, counting);
  }

  return {
    check,
    standing,
    take(quotas, work) {
      if (quotas.length === 0) return unlimited;
      check(quotas, work);
      const claims = leases ? claimsOf(quotas, work) : [];
      const asked = leases?.spend(claims) ?? null;
      if (!leases || asked === null) return new Taken(quotas, work, counting);
      return takeAsking(quotas, work, { claims, asked, undo: leases.undo });
    },
    get counts() {
      return tallies.size;
    },
  };
}

/** A budget that is used up may be a sweep through a collection: told once in each of its periods. */
function alertOf({ measure, period }: Quota, tally: Tally, at: number): string | null {
  if (measure !== 'points' && measure !== 'bytes') return null;
  if (at < tally.quietUntil) return null;
  tally.quietUntil = at + period;
  return 'egress';
}

interface Asked {
  readonly claims: readonly Claim[];
  readonly asked: Promise<Short | null>;
  readonly undo: Leases['undo'];
}

function countingWith(
  tallies: Tallies,
  now: () => number,
  leases: Leases | null,
  places: Places | null,
): Counting {
  return {
    placed: places?.tell ?? null,
    tallies,
    now,
    owe: (quota, tally, units) => {
      if (!leases) return;
      // It may have been forgotten since the request began.
      tally.holding ??= freshHolding(quota, now());
      leases.owe({ quota, holding: tally.holding }, units);
    },
  };
}

/** What must be there of a shared count, and what is spent. No process sees all of a burst at once, so
 * what is larger than half of it is owed. */
function worth({ measure, burst }: Quota, work: number): Pick<Claim, 'cost' | 'work'> {
  if (measure !== 'requests') return { cost: 1, work: 0 };
  return { cost: Math.min(work, Math.max(1, Math.floor(burst / 2))), work };
}

/** What others took, this process does not count. */
function outOf(standing: Standing, { quota, wait }: Short): Standing {
  return standing.quota === quota ? { ...standing, left: 0, wait } : standing;
}

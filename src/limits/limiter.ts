import type { Quota } from '../policy/quota.ts';
import type { Counts } from './counts.ts';
import type { Usage } from './lease.ts';
import { type Claim, type Leases, makeLeases, type Short } from './leases.ts';
import { overLimit } from './over-limit.ts';
import type { Places } from './places.ts';
import type { Scarcity } from './scarce.ts';
import { freshHolding, type Share } from './share.ts';
import type { Sizes } from './sizes.ts';
import { type Standing, standingOf, waitOf } from './standing.ts';
import { makeSweeps, type Sweeps } from './sweeps.ts';
import { type Counting, owe, Taken } from './taken.ts';
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
  /** What counts are scarce in other processes; left out where there are none. */
  readonly scarcity?: Scarcity | null;
  /** Left out where no database tells sizes: sweeps are not counted. */
  readonly sweeping?: {
    readonly sizes: Sizes;
    /** Hears that a share is used up that only alarms; null: that nobody can tell, as the size of
     * the collection cannot be had. Once in each of its periods. */
    readonly alarm: (quota: Quota, units: number | null) => void;
  };
  /** The most counts that are kept: 500,000, where it is not given. */
  readonly most?: number;
}

const unlimited: Usage = { charge: () => undefined, release: () => undefined };

/**
 * The limiter of one upstream. What this process passes by itself never exceeds a limit; where
 * counts are shared it holds leases on them besides. Taking is a look-up for each quota, and no
 * promise save where a shared count must be asked.
 */
export function makeLimiter(options: LimiterOptions): Limiter {
  const { now: clock, shared, places = null, most } = options;
  const tallies = new Tallies(most);
  let latest = 0;
  const now = () => {
    latest = Math.max(latest, clock());
    return latest;
  };
  const watch = watchOf(options, tallies, now);
  const leases = shared ? makeLeases(shared, now, watch.learned) : null;
  const counting: Counting = {
    placed: places?.tell ?? null,
    tallies,
    now,
    owe: (quota, tally, units) => {
      if (leases) {
        // It may have been forgotten since the request began.
        tally.holding ??= freshHolding(quota, now());
        leases.owe({ quota, holding: tally.holding }, units);
      }
      watch.used(quota, tally);
    },
    sweep: (quota, points) => sweeps?.charge(quota, points),
  };
  const sweeps = sweepsOf(options, counting);
  places?.hear((key, count) => tallies.heard(key, count, now()));

  function standing(quotas: readonly Quota[], work = 1): readonly Standing[] {
    const at = now();
    return quotas.filter(binds).map((quota) => {
      if (sweeps?.blind(quota)) return { quota, left: 0, wait: retrySoon };
      return standingOf(quota, tallies.known(quota) ?? null, at, work);
    });
  }

  function check(quotas: readonly Quota[], work = 1): void {
    const at = now();
    for (const quota of quotas) {
      if (!binds(quota)) continue;
      const tally = tallies.known(quota);
      if (sweeps?.blind(quota)) throw overLimit(standing(quotas, work), null);
      if (!tally || waitOf(quota, tally, at, work) === 0) continue;
      throw overLimit(standing(quotas, work), alertOf(quota, tally, at));
    }
  }

  function claimsOf(quotas: readonly Quota[], work: number): Claim[] {
    return quotas.flatMap((quota) => {
      if (quota.measure === 'concurrent' || !binds(quota)) return [];
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

  function take(quotas: readonly Quota[], work: number): Usage | Promise<Usage> {
    check(quotas, work);
    const claims = leases ? claimsOf(quotas, work) : [];
    const asked = leases?.spend(claims) ?? null;
    if (!leases || asked === null) return new Taken(quotas, work, counting);
    return takeAsking(quotas, work, { claims, asked, undo: leases.undo });
  }

  return {
    check,
    standing,
    take(quotas, work) {
      if (quotas.length === 0) return unlimited;
      const told = sweeps?.ready(quotas) ?? null;
      return told ? told.then(() => take(quotas, work)) : take(quotas, work);
    },
    get counts() {
      return tallies.size;
    },
  };
}

/** How soon whoever was refused for a size that is not known may ask again, in milliseconds. */
const retrySoon = 1000;
/** How often others hear that a count is scarce, in milliseconds: from the first time on they
 * ask. */
const tellEvery = 1000;
/** At once, where it has so much less of its burst. */
const tellStep = 1 / 16;

/** What only alarms, binds nobody. */
function binds({ sweep }: Quota): boolean {
  return sweep?.exceed !== 'alarm';
}

function sweepsOf({ sweeping }: LimiterOptions, counting: Counting): Sweeps | null {
  if (!sweeping) return null;
  return makeSweeps({
    sizes: sweeping.sizes,
    count: (quota, units) => owe(counting, quota, units),
    unsized: (quota) => sweeping.alarm(quota, null),
  });
}

/** What follows from how much of a count is used: alarms, and word to other processes. */
function watchOf(
  { scarcity = null, shared, sweeping }: LimiterOptions,
  tallies: Tallies,
  now: () => number,
) {
  scarcity?.hear((key, rest) => {
    tallies.scarce(key, rest, now());
    shared?.heard?.(key, rest);
  });
  function used(quota: Quota, tally: Tally): void {
    if (binds(quota)) return;
    const at = now();
    if (at < tally.quietUntil || standingOf(quota, tally, at, 1).left > 0) return;
    tally.quietUntil = at + quota.period;
    sweeping?.alarm(quota, quota.units);
  }
  function tell({ key, burst, units, period, measure }: Quota, tally: Tally, left: number): void {
    const at = now();
    if (at < tally.toldUntil && left > tally.toldLeft - burst * tellStep) return;
    tally.toldUntil = at + tellEvery;
    tally.toldLeft = left;
    const leased = measure === 'requests' ? { leased: true } : {};
    scarcity?.tell(key, { left, paidIn: ((burst - left) * period) / units, ...leased });
  }
  return {
    used,
    learned({ quota, holding }: Share, alone: boolean): void {
      const tally = tallies.known(quota);
      if (!tally) return;
      used(quota, tally);
      const told = !alone && (quota.measure !== 'requests' || shared?.heard);
      if (told && holding.left <= quota.burst / 2 && binds(quota)) tell(quota, tally, holding.left);
    },
  };
}

/** A budget that is used up may be a sweep through a collection: told once in each of its
 * periods. */
function alertOf({ measure, period }: Quota, tally: Tally, at: number): string | null {
  if (measure === 'requests' || measure === 'concurrent') return null;
  if (at < tally.quietUntil) return null;
  tally.quietUntil = at + period;
  return measure === 'sweep' ? 'sweep' : 'egress';
}

interface Asked {
  readonly claims: readonly Claim[];
  readonly asked: Promise<Short | null>;
  readonly undo: Leases['undo'];
}

/** What must be there of a shared count, and what is spent. No process sees all of a burst at once,
 * so what is larger than half of it is owed. */
function worth({ measure, burst }: Quota, work: number): Pick<Claim, 'cost' | 'work'> {
  if (measure !== 'requests') return { cost: 1, work: 0 };
  return { cost: Math.min(work, Math.max(1, Math.floor(burst / 2))), work };
}

/** What others took, this process does not count. */
function outOf(standing: Standing, { quota, wait }: Short): Standing {
  return standing.quota === quota ? { ...standing, left: 0, wait } : standing;
}

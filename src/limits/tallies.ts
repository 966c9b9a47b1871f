import type { Quota } from '../policy/quota.ts';
import type { PaidUntil } from './rate.ts';
import type { Rest } from './scarce.ts';
import { freshHolding, type Holding } from './share.ts';

/** What this process knows of one count. */
export interface Tally {
  paid: PaidUntil;
  /** Requests under way, here and in other processes. */
  places: number;
  elsewhere: number;
  /** Until when nobody needs to hear again that it is used up; on the limiter's clock. */
  quietUntil: number;
  /** Until when other processes need not hear again that it is more than half used up. */
  toldUntil: number;
  /** What was left when they heard. */
  toldLeft: number;
  /** What it holds of the count that several processes share; null where there is none. */
  holding: Holding | null;
}

/** How many counts are kept; one takes about 200 bytes. */
const mostTallies = 500_000;
/** How many old counts are looked at for each new one. */
const lookedAt = 4;

/**
 * The counts of one process, by key. One that is paid for and holds no place is as good as none,
 * and goes when others come. Where even so there are too many, those that come share one for their
 * limit: so whatever is forgotten, nobody gets more than the limit.
 */
export class Tallies {
  readonly #byKey = new Map<string, Tally>();
  readonly #most: number;
  #hand: IterableIterator<[string, Tally]>;

  constructor(most = mostTallies) {
    this.#most = most;
    this.#hand = this.#byKey.entries();
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** The count of a quota, if there is one. */
  known({ key, name }: Quota): Tally | undefined {
    const own = this.#byKey.get(key);
    return own ?? (this.#byKey.size < this.#most ? undefined : this.#byKey.get(name));
  }

  /** The count of a quota, from now on kept. */
  of(quota: Quota, now: number): Tally {
    const known = this.known(quota);
    if (known) return known;
    for (let look = 0; look < lookedAt; look++) this.#forgetOne(now);
    const tally = fresh(now);
    this.#byKey.set(this.#byKey.size < this.#most ? quota.key : quota.name, tally);
    return tally;
  }

  /** Other processes have so many places under a key. */
  heard(key: string, places: number, now: number): void {
    const known = this.#byKey.get(key);
    if (known) known.elsewhere = places;
    else if (places > 0 && this.#byKey.size < this.#most) {
      for (let look = 0; look < lookedAt; look++) this.#forgetOne(now);
      this.#byKey.set(key, { ...fresh(now), elsewhere: places });
    }
  }

  /** Another process has learned what is left under a key. */
  scarce(key: string, { left, paidIn, leased }: Rest, now: number): void {
    let tally = this.#byKey.get(key);
    if (leased) {
      if (tally?.holding) Object.assign(tally.holding, { left, at: now });
      return;
    }
    if (!tally) {
      if (this.#byKey.size >= this.#most) return;
      for (let look = 0; look < lookedAt; look++) this.#forgetOne(now);
      tally = fresh(now);
      this.#byKey.set(key, tally);
    }
    // So it is not forgotten as one that is paid for, and not taken for whole.
    tally.paid = Math.max(tally.paid, now + paidIn);
    tally.holding ??= freshHolding({ burst: left }, now);
    Object.assign(tally.holding, { left, at: now });
  }

  #forgetOne(now: number): void {
    const { value, done } = this.#hand.next();
    if (done) this.#hand = this.#byKey.entries();
    else if (isIdle(value[1], now)) this.#byKey.delete(value[0]);
  }
}

function fresh(now: number): Tally {
  return {
    paid: now,
    places: 0,
    elsewhere: 0,
    quietUntil: 0,
    toldUntil: 0,
    toldLeft: 0,
    holding: null,
  };
}

/** Nothing is known of it that counts: nothing owed, nothing held. */
function isIdle({ paid, places, elsewhere, holding }: Tally, now: number): boolean {
  if (places > 0 || elsewhere > 0 || paid > now) return false;
  if (!holding) return true;
  // What was never asked for may be kept for ever, and is nothing.
  const over = now >= holding.until || (holding.units === 0 && !Number.isFinite(holding.until));
  return holding.units >= 0 && !holding.asking && holding.waiting === 0 && over;
}

import type { Quota } from '../policy/quota.ts';
import type { Store } from '../store/store.ts';
import { leftOf, type PaidUntil, paidAfter } from './rate.ts';

/** What this gateway knows of one count. */
export interface Count {
  /** By its own clock, what all have taken; of its share, what it took since the store was lost.
   * One number is both: a share is spent as far as the whole was. */
  paid: PaidUntil;
}

/** What one of several gateways grants by itself while the store that counts for all fails. */
export interface OwnShare {
  /** Whether it goes on with its share: the store fails, or did a moment ago. */
  alone(): boolean;
  /** The store failed just now. */
  failed(): void;
  /** Units left of it: of what half of the burst would leave, or less. */
  left(quota: Quota, count: Count): number;
  take(quota: Quota, count: Count, units: number): void;
}

/** How long a gateway goes on with its share after the store last failed it, in milliseconds: by
 * then the others have found it as well, and told what they granted meanwhile. */
const settles = 2500;

/** Makes the share of a gateway; `now` gives milliseconds, monotonic. */
export function makeOwnShare(
  store: Pick<Store, 'gateways' | 'status' | 'failedAt'>,
  now: () => number,
): OwnShare {
  /** When the store failed first, and last, since it was last settled. */
  let [failedFrom, failedAt] = [0, Number.NEGATIVE_INFINITY];
  const gateways = () => Math.max(1, store.gateways.length);

  function failed(at: number): void {
    if (at - failedAt >= settles) failedFrom = at;
    failedAt = Math.max(failedAt, at);
  }

  function shareOf(quota: Quota): Quota {
    const [units, burst] = [quota.units / gateways(), quota.burst / gateways()];
    return { ...quota, units, burst: Math.max(1, burst) };
  }

  return {
    alone: () => {
      failed(store.status.state === 'up' ? store.failedAt : now());
      return now() - failedAt < settles;
    },
    failed: () => failed(now()),
    left: (quota, count) => {
      const each = quota.period / quota.units;
      count.paid = Math.max(count.paid, failedFrom + (quota.burst / 2) * each);
      const share = shareOf(quota);
      // A share of less than a unit comes in time, and not at once.
      const lacking = (share.burst - quota.burst / gateways()) * each * gateways();
      return Math.floor(leftOf(share, count.paid + lacking, now()) + 1e-3);
    },
    take: (quota, count, units) => {
      count.paid = paidAfter(shareOf(quota), count.paid, now(), units);
    },
  };
}

import { LRUCache } from 'lru-cache';
import type { Swept } from '../policy/quota.ts';

/** How many points collections have, as the database told last. */
export interface Sizes {
  /** As of the last seconds; null where it must be asked. */
  fresh(of: Swept): number | null;
  /** However old; null where it was never told. */
  last(of: Swept): number | null;
  /** Asks, unless it is being asked or could not be had a moment ago. Resolves once nothing more is
   * to be waited for; never rejects. */
  ask(of: Swept): Promise<void>;
}

/** How sizes are kept. */
export interface SizesOptions {
  /** Asks the database. Rejects where it does not tell. */
  readonly sizeOf: (of: Swept) => Promise<number>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Resolves after so many milliseconds. */
  readonly after: (milliseconds: number) => Promise<void>;
}

/** One collection: what was told and when, and the question under way. */
interface Size {
  points: number | null;
  toldAt: number;
  failedAt: number;
  asking: Promise<void> | null;
}

/** How long what was told is taken for what it is, and how soon is asked again what failed, in
 * milliseconds. */
const freshFor = 5000;
const retryAfter = 1000;
/** How long a request may wait for an answer, in milliseconds. */
const patience = 2000;
const mostKept = 10_000;

/** Keeps sizes of the collections that were asked for last. A question of ours never goes ahead of
 * the requests that it is for. */
export function makeSizes({ sizeOf, now, after }: SizesOptions): Sizes {
  const kept = new LRUCache<string, Size>({ max: mostKept });

  function sizeIn(of: Swept): Size {
    const key = keyOf(of);
    const known = kept.get(key);
    if (known) return known;
    const never = Number.NEGATIVE_INFINITY;
    const made: Size = { points: null, toldAt: never, failedAt: never, asking: null };
    kept.set(key, made);
    return made;
  }

  async function askNow(of: Swept, size: Size): Promise<void> {
    const askedAt = now();
    try {
      const points = await sizeOf(of);
      if (!Number.isSafeInteger(points) || points < 0) throw new TypeError('no number of points');
      Object.assign(size, { points, toldAt: askedAt });
    } catch {
      size.failedAt = now();
    } finally {
      size.asking = null;
    }
  }

  return {
    fresh: (of) => {
      const { points, toldAt } = sizeIn(of);
      return now() - toldAt <= freshFor ? points : null;
    },
    last: (of) => sizeIn(of).points,
    ask: (of) => {
      const size = sizeIn(of);
      if (size.asking === null && now() - size.failedAt < retryAfter) return Promise.resolve();
      size.asking ??= askNow(of, size);
      return Promise.race([size.asking, after(patience)]);
    },
  };
}

/** What a collection is told apart from all others by. Neither name may have a line break in it. */
export function keyOf({ database, collection }: Swept): string {
  return `${database ?? ''}\n${collection}`;
}

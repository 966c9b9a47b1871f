import { LRUCache } from 'lru-cache';

/** Bounds how often the shared token can be guessed. */
export interface Guesses {
  /** Whether a credential from there is compared at all. */
  allowed(address: string): boolean;
  /** One was wrong. */
  wrong(address: string): void;
}

const atOnce = 10;
const each = 1000;
const mostRemembered = 4096;
/** Whoever has very many addresses has no more guesses in all. */
const inAll = 200;

/** Ten wrong guesses at once from one address and one more a second after; two hundred and a
 * hundred times that from everywhere. `now` gives milliseconds. */
export function boundGuesses(now: () => number): Guesses {
  const byAddress = new LRUCache<string, Bucket>({ max: mostRemembered });
  const all = makeBucket(inAll, each / 100, now);
  return {
    allowed: (address) => all.has() && (byAddress.get(address)?.has() ?? true),
    wrong: (address) => {
      const known = byAddress.get(address) ?? makeBucket(atOnce, each, now);
      byAddress.set(address, known);
      known.take();
      all.take();
    },
  };
}

interface Bucket {
  has(): boolean;
  take(): void;
}

function makeBucket(size: number, refill: number, now: () => number): Bucket {
  let left = size;
  let at = now();
  const fill = () => {
    const time = now();
    left = Math.min(size, left + Math.max(0, time - at) / refill);
    at = time;
  };
  return {
    has: () => {
      fill();
      return left >= 1;
    },
    take: () => {
      fill();
      left = Math.max(0, left - 1);
    },
  };
}

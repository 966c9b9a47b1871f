import { Refusal } from '../refusal.ts';
import type { HeldBytes, HeldLease } from './lease.ts';
import { availableMemory } from './memory.ts';

/** How large the budget is, in bytes. */
export interface HeldBytesOptions {
  /** A quarter of the memory this process may use, where it is not given. */
  readonly capacity?: number;
  /** What each holder takes first, and what is kept for it: 1 MiB, where it is not given. */
  readonly first?: number;
}

/** What one identity holds, over all its bodies. */
interface Share {
  bytes: number;
  /** How many of its leases hold anything. */
  leases: number;
}

/**
 * One budget of held bytes for all bodies of the process.
 *
 * Each holder's first MiB is its own matter. What it takes beyond comes from three quarters of the
 * budget, and of those it may take only as much as it leaves to the others. So however greedy some
 * are, a quarter of the budget is there for the first MiB of everyone else, and there is always
 * room left for the next who wants more. Every call is O(1); memory grows with the bodies held
 * only.
 */
export function makeHeldBytes(options: HeldBytesOptions = {}): HeldBytes {
  const capacity = options.capacity ?? Math.floor(availableMemory() / 4);
  const first = options.first ?? 1024 * 1024;
  const common = capacity - Math.floor(capacity / 4);
  const shares = new Map<string, Share>();
  let held = 0;
  /** What is held beyond each holder's first bytes. */
  let beyond = 0;

  const over = (bytes: number) => Math.max(0, bytes - first);

  function take(holder: string, bytes: number, isFirst: boolean): void {
    const share = shares.get(holder);
    const before = share?.bytes ?? 0;
    const others = beyond - over(before);
    const mine = over(before + bytes);
    if (held + bytes > capacity) throw overloaded(`${held} of ${capacity} bytes are held`);
    // What is already held may stay, however much others have taken since.
    if (mine > over(before) && mine > (common - others) / 2) {
      throw overloaded(`${holder} holds ${before} bytes already, which is its share`);
    }
    if (share) {
      share.bytes += bytes;
      if (isFirst) share.leases++;
    } else shares.set(holder, { bytes, leases: 1 });
    held += bytes;
    beyond = others + mine;
  }

  function giveBack(holder: string, bytes: number): void {
    const share = shares.get(holder);
    if (!share) return;
    held -= bytes;
    beyond += over(share.bytes - bytes) - over(share.bytes);
    share.bytes -= bytes;
    if (--share.leases === 0) shares.delete(holder);
  }

  function open(holder: string): HeldLease {
    let taken = 0;
    let released = false;
    return {
      grow(bytes) {
        if (released) throw new Error('a released lease cannot grow');
        if (bytes <= taken) return;
        take(holder, bytes - taken, taken === 0);
        taken = bytes;
      },
      release() {
        if (released) return;
        released = true;
        if (taken > 0) giveBack(holder, taken);
      },
    };
  }

  return {
    open,
    get held() {
      return held;
    },
    capacity,
  };
}

function overloaded(reason: string): Refusal {
  return new Refusal('overloaded', `no room to hold this body: ${reason}`, { retryAfter: 1 });
}

import type { Measure } from '../policy/quota.ts';

/** A share of something bounded, given back once; a second `release` does nothing. */
export interface Lease {
  release(): void;
}

/** What one exchange has taken of its limits; its place among the requests under way is given back
 * with it. */
export interface Usage extends Lease {
  /** Counts what turns out only on the way, whatever is left: later requests wait until it is paid
   * for. */
  charge(measure: Measure, units: number): void;
}

/** Room for one held body, which grows as the body is read. */
export interface HeldLease extends Lease {
  /** Makes the room `bytes` in all. Throws `Refusal` overloaded. */
  grow(bytes: number): void;
}

/** One budget of held bytes for all bodies of the process, shared fairly between holders. */
export interface HeldBytes {
  /** `holder` is the identity's id. Takes nothing yet. */
  open(holder: string): HeldLease;
  readonly held: number;
  readonly capacity: number;
}

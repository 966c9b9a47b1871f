/** What a quota counts: requests by their work, requests under way, what answers carried. */
export type Measure = 'requests' | 'concurrent' | 'points' | 'bytes';

/**
 * One limit as it counts for one holder: so many units in each period, refilled evenly, of which
 * `burst` may be taken at once. Made at a reload and kept, never for a request.
 */
export interface Quota {
  /** Whatever shares this key shares the count, however it reaches the database. */
  readonly key: string;
  /** For people and for the `RateLimit` field: `search.requests`. */
  readonly name: string;
  readonly measure: Measure;
  readonly units: number;
  /** Milliseconds; 0 of `concurrent`, which is given back. */
  readonly period: number;
  /** The most that may be taken at once, at least 1. */
  readonly burst: number;
}

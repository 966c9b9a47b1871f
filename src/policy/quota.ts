import type { Subject } from './decision.ts';
import type { Limits } from './limits.ts';

/** What a quota counts: requests by their work, requests under way, what answers carried; `sweep`:
 * which part of one collection they carried, in parts of 10,000. */
export type Measure = 'requests' | 'concurrent' | 'points' | 'bytes' | 'sweep';

/**
 * One limit as it counts for one holder: so many units in each period, refilled evenly, of which
 * `burst` may be taken at once. Made at a reload and kept, never for a request.
 */
export interface Quota {
  /** Whatever shares this key shares the count, however it reaches the database. */
  readonly key: string;
  /** For people and for the `RateLimit` field: `search.requests`. */
  readonly name: string;
  /** What it counts for by itself: `products read`; empty: everything. */
  readonly scope: string;
  readonly measure: Measure;
  readonly units: number;
  /** Milliseconds; 0 of `concurrent`, which is given back. */
  readonly period: number;
  /** The most that may be taken at once, at least 1. */
  readonly burst: number;
  /** What a sweep is besides; left out of all else. */
  readonly sweep?: Sweeping;
}

/** A collection by its own name. */
export interface Swept {
  /** Null: the product has no databases. */
  readonly database: string | null;
  readonly collection: string;
}

/** Of which collection a quota counts a sweep, by whom, and what becomes of it. */
export interface Sweeping {
  /** Null: the whole database is carried, and no answer's points are counted for it. */
  readonly of: Swept | null;
  /** Whose count it is; empty: that of all who hold the role. */
  readonly holder: string;
  readonly exceed: 'alarm' | 'stop';
}

/** The limits of one role or rule, with the name of the place where they stand: `search`,
 * `search.allow[2]`. */
export interface Placed {
  readonly name: string;
  readonly limits: Limits;
}

/** Who counts as one: whoever is the same principal, by whichever key or token. Credentials come
 * and go, and none of them begins a count anew. */
export function holderOf({ kind = 'key', id = '', name = '' }: Subject): string {
  const issuer = kind === 'token' ? id.slice(0, id.indexOf(':') + 1) : '';
  return `${kind}:${issuer}${name}`;
}

/** The quotas of one place for one holder, within a scope: empty for everything it does, else one
 * collection and action. */
export function quotasOf({ name, limits }: Placed, holder: string, scope: string): Quota[] {
  const counted = limits.each === 'role' ? '' : holder;
  return limits.rates.map((rate) => ({
    ...rate,
    key: `${name}.${rate.measure}\n${counted}\n${scope}`,
    name: `${name}.${rate.measure}`,
    scope,
  }));
}

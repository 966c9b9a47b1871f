import type { KeySet } from './jwks.ts';
import type { IssuerKeys } from './oidc.ts';

/** The keys of an issuer that are in force. */
export interface KeptKeys extends IssuerKeys {
  /** Puts keys in force, or says again that those in force are the issuer's. */
  confirm(set: KeySet): void;
  /** What was confirmed last, however long ago. */
  last(): KeySet | null;
  /** Calls `seek` for each token whose key is not among them. */
  onMissed(seek: () => void): void;
}

/**
 * Holds the last good keys of an issuer. They count for `trustFor` milliseconds after they were
 * confirmed last: an outage of the issuer harms nobody, and a key that it withdrew does not count
 * for ever.
 */
export function keepKeys(trustFor: number, now: () => number): KeptKeys {
  let set: KeySet | null = null;
  let confirmedAt = 0;
  let seek = () => {};
  return {
    current: () => (set && now() - confirmedAt <= trustFor ? set : null),
    last: () => set,
    confirm: (next) => {
      if (set?.digest !== next.digest) set = next;
      confirmedAt = now();
    },
    missed: () => seek(),
    onMissed: (then) => {
      seek = then;
    },
  };
}

/** When keys are fetched. Times in milliseconds. */
export interface RefreshPlan {
  /** After one that went well. */
  readonly every: number;
  /** Tells whether it went well; never rejects. */
  readonly fetch: () => Promise<boolean>;
}

/** A fetching that goes on until it is closed. */
export interface Refresher {
  /** Fetches now, unless it does already. Settles when that is over. */
  now(): Promise<void>;
  /** Fetches soon: never more often than each five seconds, however many ask. */
  soon(): void;
  close(): void;
}

const soonest = 5000;
const firstRetry = 1000;
const lastRetry = 30_000;

/** Fetches keys again and again, off the path of requests: at its own pace, sooner after a failure,
 * and once more when a token names a key that is not known. */
export function makeRefresher({ every, fetch }: RefreshPlan): Refresher {
  let timer: NodeJS.Timeout | undefined;
  let underway: Promise<void> | null = null;
  let retry = firstRetry;
  let begunAt = Number.NEGATIVE_INFINITY;
  let dueAt = Number.POSITIVE_INFINITY;
  let closed = false;

  function schedule(delay: number): void {
    clearTimeout(timer);
    if (closed) return;
    dueAt = performance.now() + delay;
    timer = setTimeout(() => void begin(), delay).unref();
  }

  async function run(): Promise<void> {
    clearTimeout(timer);
    begunAt = performance.now();
    const well = await fetch();
    underway = null;
    schedule(well ? every : retry);
    retry = well ? firstRetry : Math.min(retry * 2, lastRetry);
  }

  function begin(): Promise<void> {
    underway ??= run();
    return underway;
  }

  return {
    now: begin,
    soon: () => {
      if (underway) return;
      const delay = Math.max(0, begunAt + soonest - performance.now());
      if (performance.now() + delay < dueAt) schedule(delay);
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}

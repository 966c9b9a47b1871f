import type { Bounds } from './bounds.ts';

/** One body that is being waited for. */
export interface Paced {
  /** When it was first waited for. */
  readonly since: number;
  /** When its last byte came, or waiting for it began again. */
  readonly lastAt: number;
  readonly received: number;
  /** Whether it is held, and so takes room from others while it comes. */
  readonly held: boolean;
  tooSlow(): void;
}

/** Watches the bodies that are being waited for, and ends those that come too slowly: a timer for
 * each would cost every request what only a few need. */
export interface Pace {
  watch(body: Paced): void;
  forget(body: Paced): void;
  /** Looks at every body once; `now` as `performance.now()` tells it. */
  sweep(now: number): void;
}

/** Makes a watch that knows what slow is from `idle` and `bodyRate`. */
export function makePace(bounds: Pick<Bounds, 'idle' | 'bodyRate'>): Pace {
  const waiting = new Set<Paced>();
  return {
    watch: (body) => void waiting.add(body),
    forget: (body) => void waiting.delete(body),
    sweep: (now) => {
      for (const body of waiting) if (isSlow(body, now, bounds)) body.tooSlow();
    },
  };
}

function isSlow(body: Paced, now: number, bounds: Pick<Bounds, 'idle' | 'bodyRate'>): boolean {
  if (now - body.lastAt > bounds.idle) return true;
  const grace = now - body.since - bounds.idle;
  return body.held && grace > 0 && body.received < (grace / 1000) * bounds.bodyRate;
}

import { Refusal } from '../../refusal.ts';

/** What may differ from a plain 400. */
export interface Unreadable {
  readonly cause?: unknown;
  readonly http?: number;
  readonly grpc?: number;
}

/**
 * A refusal of something that cannot be read, or not in one way only. `reason` speaks of the
 * caller's own bytes alone, so the caller may hear it.
 */
export function unreadable(reason: string, options: Unreadable = {}): Refusal {
  return new Refusal('unreadable-request', reason, { ...options, told: `Wrong input: ${reason}` });
}

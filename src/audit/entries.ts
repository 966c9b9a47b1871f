import type { Refusal } from '../refusal.ts';
import type { PlacedBody } from './appender.ts';
import type { Durability } from './config.ts';
import type { RecordBody } from './record.ts';

/** Hears whether a record is as durable as it was to be. Where it is not, `written` tells whether
 * it is in the log all the same. */
export type Settle = (refusal: Refusal | null, written: boolean) => void;

/** A record on its way. One that is `kept` outlives a fault: it tells what has already happened. */
interface Entry {
  readonly body: RecordBody | PlacedBody;
  readonly kept: boolean;
  readonly settle: Settle | null;
  /** What `settle` waits for. */
  readonly durability: Durability;
  seq: number;
}

/** The records on their way: first pending, then written, then synced; each is settled when it is
 * as durable as it was to be. */
export class Entries {
  #pending: Entry[] = [];
  #unsynced: Entry[] = [];
  #waiting = 0;
  #hurried = 0;

  /** How many wait to hear that they are synced. */
  get waiting(): number {
    return this.#waiting;
  }

  /** How many wait to hear that they are written. */
  get hurried(): number {
    return this.#hurried;
  }

  get pending(): number {
    return this.#pending.length;
  }

  add(
    body: RecordBody | PlacedBody,
    kept: boolean,
    durability: Durability,
    settle: Settle | null,
  ): void {
    if (settle && durability === 'synced') this.#waiting++;
    else if (settle) this.#hurried++;
    this.#pending.push({ body, kept, durability, settle, seq: 0 });
  }

  bodies(): (RecordBody | PlacedBody)[] {
    return this.#pending.map((entry) => entry.body);
  }

  /** All that was pending is written now; the last record before it was `seq`. */
  written(seq: number): void {
    const pending = this.#pending;
    this.#pending = [];
    this.#hurried = 0;
    let last = seq;
    for (const entry of pending) {
      entry.seq = ++last;
      if (!entry.settle) continue;
      if (entry.durability === 'synced') this.#unsynced.push(entry);
      else entry.settle(null, true);
    }
  }

  /** All up to this number is synced. Gives how many waited for it. */
  synced(seq: number): number {
    const end = this.#unsynced.findIndex((entry) => entry.seq > seq);
    const settled = this.#unsynced.splice(0, end < 0 ? this.#unsynced.length : end);
    this.#waiting -= settled.length;
    for (const { settle } of settled) settle?.(null, true);
    return settled.length;
  }

  /** Nothing can be written: tells everyone who waits, and holds what is kept for later. */
  failed(refusal: Refusal): void {
    const told = [...this.#unsynced, ...this.#pending];
    this.#pending = this.#pending
      .filter((entry) => entry.kept)
      .map((entry) => ({ ...entry, settle: null }));
    this.#unsynced = [];
    this.#waiting = 0;
    this.#hurried = 0;
    for (const { settle, seq } of told) settle?.(refusal, seq > 0);
  }
}

import type { Readable } from 'node:stream';
import { Refusal } from '../refusal.ts';
import type { Pace, Paced } from './pace.ts';

/** Takes the bytes of a request as they come. */
export interface Taker {
  /** False to pause until `Incoming.resume`. Throws `Refusal` to read no more. */
  accept(chunk: Buffer): boolean;
  /** Every byte has come. Throws `Refusal` where they do not add up. */
  done(): void;
  failed(error: Error): void;
}

/**
 * The bytes of one request as its connection gives them: read once, by one taker, or not at all.
 */
export class Incoming implements Paced {
  readonly #source: Readable;
  readonly #pace: Pace;
  /** Asks the client for the body it holds back (`Expect: 100-continue`). */
  readonly #ask: (() => void) | null;
  readonly #declared: number | null;
  /** Whether an end is the body's own end, and not the connection's. */
  readonly #isWhole: () => boolean;
  #taker: Taker | null = null;
  #begun = false;
  received = 0;
  /** Whether every byte has come. */
  whole: boolean;
  since = 0;
  lastAt = 0;
  held = false;

  /** `declared`: as `Body.declared`. */
  constructor(
    source: Readable,
    declared: number | null,
    isWhole: () => boolean,
    pace: Pace,
    ask: (() => void) | null = null,
  ) {
    this.#source = source;
    this.#declared = declared;
    this.#isWhole = isWhole;
    this.#pace = pace;
    this.#ask = ask;
    this.whole = declared === 0;
  }

  /** How many bytes may still come; Infinity where nobody said. */
  get rest(): number {
    if (this.whole) return 0;
    return this.#declared === null ? Number.POSITIVE_INFINITY : this.#declared - this.received;
  }

  /** Whether the client waits to be asked for its body. */
  get heldBack(): boolean {
    return this.#ask !== null && !this.#begun;
  }

  /** Begins to read. `held`: the taker keeps what comes. */
  read(taker: Taker, held: boolean): void {
    if (this.#begun) throw new TypeError('a request body is read once');
    this.#ask?.();
    this.#begin(taker, held);
  }

  pause(): void {
    this.#source.pause();
    this.#pace.forget(this);
  }

  resume(): void {
    if (this.#taker === null || this.whole) return;
    this.lastAt = performance.now();
    this.#pace.watch(this);
    this.#source.resume();
  }

  /** Reads no more. */
  stop(): void {
    this.#taker = null;
    this.#pace.forget(this);
    if (this.#begun && !this.whole) this.#source.pause();
  }

  /** Reads what is left and drops it, `most` bytes of it; `failed` where it does not come whole. */
  drain(most: number, failed: () => void): void {
    if (this.whole) return;
    const last = this.received + most;
    const accept = () => {
      if (this.received > last) throw cutOff();
      return true;
    };
    this.#begin({ accept, done: () => undefined, failed }, true);
    this.#source.resume();
  }

  #begin(taker: Taker, held: boolean): void {
    this.#taker = taker;
    this.held = held;
    this.since = this.lastAt = performance.now();
    this.#pace.watch(this);
    if (this.#begun) return;
    this.#begun = true;
    const source = this.#source;
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    source.on('end', () => this.#end());
    // Both kinds of source say so where their connection or stream ends before the body does.
    source.on('aborted', () => this.#cut());
    if (source.destroyed) this.#cut();
  }

  tooSlow(): void {
    this.#fail(new Refusal('unreadable-request', 'the body came too slowly', { http: 408 }));
  }

  #take(chunk: Buffer): void {
    this.received += chunk.length;
    this.lastAt = performance.now();
    if (this.#taker === null) return;
    try {
      if (!this.#taker.accept(chunk)) this.pause();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #end(): void {
    if (!this.#isWhole()) return this.#cut();
    this.whole = true;
    this.#pace.forget(this);
    const taker = this.#taker;
    this.#taker = null;
    try {
      taker?.done();
    } catch (error) {
      taker?.failed(error as Error);
    }
  }

  #cut(): void {
    if (this.#taker !== null) this.#fail(cutOff());
  }

  #fail(error: Error): void {
    const taker = this.#taker;
    if (taker === null) return;
    this.stop();
    taker.failed(error);
  }
}

function cutOff(): Refusal {
  return new Refusal('unreadable-request', 'the body was cut off');
}

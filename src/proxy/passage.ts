import { Readable } from 'node:stream';
import type { Incoming, Taker } from './incoming.ts';

/** How much of a streamed body may wait for the database, in bytes. */
const highWaterMark = 256 * 1024;

/**
 * A streamed body on its way through: as fast as the database takes it, and broken off, never
 * ended, where the client does not send it whole.
 */
export class Passage extends Readable implements Taker {
  readonly #incoming: Incoming;
  readonly #tap: (chunk: Buffer) => void;
  readonly #check: () => void;
  #begun = false;

  /** `check` is asked once every byte has come, and throws where they do not add up. */
  constructor(
    incoming: Incoming,
    tap: (chunk: Buffer) => void,
    check: () => void = () => undefined,
  ) {
    super({ highWaterMark });
    this.#incoming = incoming;
    this.#tap = tap;
    this.#check = check;
  }

  override _read(): void {
    if (this.#begun) return this.#incoming.resume();
    this.#begun = true;
    this.#incoming.read(this, false);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#incoming.stop();
    callback(error);
  }

  accept(chunk: Buffer): boolean {
    this.#tap(chunk);
    return this.push(chunk);
  }

  done(): void {
    this.#check();
    this.push(null);
  }

  failed(error: Error): void {
    this.destroy(error);
  }
}

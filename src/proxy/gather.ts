import { Refusal } from '../refusal.ts';

const firstRoom = 64 * 1024;

/** What a body may take while it is held. */
export interface Room {
  /** The most bytes it may have in all. */
  readonly cap: number;
  /** Called with the room wanted in all, before it is taken. Throws `Refusal` overloaded. */
  grow(bytes: number): void;
}

/** Puts the chunks of one body together, in one buffer, within its room. */
export class Gathered {
  readonly #room: Room;
  #buffer: Buffer | null = null;
  #length = 0;

  /** `expected` is the length the body claims, if it claims one. Throws what its room throws. */
  constructor(room: Room, expected: number | null) {
    this.#room = room;
    if (expected !== null) this.#claim(expected);
    this.#expected = expected;
  }
  readonly #expected: number | null;

  get length(): number {
    return this.#length;
  }

  /** Throws `Refusal` too-large past the cap, or what its room throws. */
  push(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (this.#length === 0 && length === this.#expected) this.#buffer = chunk;
    else this.#append(chunk, length);
    this.#length = length;
  }

  /** The bytes so far; not to be pushed to again. */
  take(): Buffer {
    return this.#buffer?.subarray(0, this.#length) ?? Buffer.alloc(0);
  }

  #append(chunk: Buffer, length: number): void {
    const held = this.#buffer;
    if (held === null || length > held.length) {
      const wanted = this.#expected ?? Math.min(Math.max(firstRoom, length * 2), this.#room.cap);
      const size = Math.max(wanted, length);
      if (size !== this.#expected) this.#claim(size);
      const larger = Buffer.allocUnsafeSlow(size);
      held?.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    (this.#buffer as Buffer).set(chunk, this.#length);
  }

  #claim(bytes: number): void {
    const { cap } = this.#room;
    if (bytes > cap) throw new Refusal('too-large', `the body exceeds ${cap} bytes`);
    this.#room.grow(bytes);
  }
}

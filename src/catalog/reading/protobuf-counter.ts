import type { Counter } from '../operation.ts';

const phase = { prefix: 0, tag: 1, length: 2, varint: 3, skip: 4, nothing: 5 };

/** What stands at the end of a path: one point, or packed numbers that are one each. */
export interface Counted {
  readonly as?: 'element' | 'floats' | 'varints';
  /** Of several outermost fields the one with the most counts: each holds a column of one table. */
  readonly columns?: true;
}

/**
 * Counts points in framed gRPC messages that pass in pieces: the field at the end of `path`, field
 * numbers from the outermost message inwards. It trusts nothing, holds nothing, never throws; a
 * compressed or malformed message counts no more.
 */
export class MessageCounter implements Counter {
  points = 0;
  readonly #path: readonly number[];
  #phase = phase.prefix;
  /** How many bytes of this message have passed, and where each open message ends. */
  #passed = 0;
  #ends: number[] = [];
  /** Bytes of the prefix that have passed; the number being read and its scale; bytes to skip. */
  #prefix = 0;
  #value = 0;
  #scale = 1;
  #field = 0;
  #skip = 0;
  /** Whether the bytes that are skipped are packed varints; what was counted of this column. */
  #packed = false;
  #column = 0;
  readonly #counted: Counted;

  constructor(path: readonly number[], counted: Counted = {}) {
    this.#path = path;
    this.#counted = counted;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.#phase !== phase.nothing) {
      if (this.#phase === phase.skip) {
        const taken = Math.min(this.#skip, chunk.length - at);
        if (this.#packed) this.#count(varintsIn(chunk, at, at + taken));
        at += taken;
        this.#passed += taken;
        this.#skip -= taken;
        if (this.#skip === 0) this.#endField();
      } else this.#byte(chunk[at++] as number);
    }
  }

  #byte(byte: number): void {
    if (this.#phase === phase.prefix) return this.#prefixByte(byte);
    this.#passed++;
    if (this.#phase === phase.varint) {
      if (byte < 0x80) this.#endField();
      return;
    }
    this.#value += (byte & 0x7f) * this.#scale;
    this.#scale *= 128;
    if (this.#scale > 2 ** 70) this.#phase = phase.nothing;
    if (byte >= 0x80) return;
    const value = this.#value;
    this.#value = 0;
    this.#scale = 1;
    if (this.#phase === phase.tag) this.#tag(value);
    else this.#length(value);
  }

  #prefixByte(byte: number): void {
    if (this.#prefix === 0) this.#value = byte === 0 ? 0 : Number.NaN;
    else this.#value = this.#value * 256 + byte;
    if (++this.#prefix < 5) return;
    const length = this.#value;
    this.#prefix = 0;
    this.#value = 0;
    this.#scale = 1;
    this.#passed = 0;
    this.#ends = [length];
    if (Number.isNaN(length)) this.#phase = phase.nothing;
    else this.#endField();
  }

  #tag(tag: number): void {
    this.#field = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === 2) this.#phase = phase.length;
    else if (wire === 0) this.#phase = phase.varint;
    else if (wire === 1 || wire === 5) this.#pass(wire === 1 ? 8 : 4);
    else this.#phase = phase.nothing;
  }

  #length(length: number): void {
    const level = this.#ends.length - 1;
    if (this.#field !== this.#path[level]) return this.#pass(length);
    if (level === 0) this.#column = 0;
    if (level < this.#path.length - 1) {
      this.#ends.push(this.#passed + length);
      return this.#endField();
    }
    const { as = 'element' } = this.#counted;
    if (as === 'element') this.#count(1);
    else if (as === 'floats') this.#count(Math.floor(length / 4));
    this.#packed = as === 'varints';
    this.#pass(length);
  }

  #count(points: number): void {
    this.#column += points;
    if (this.#counted.columns) this.points = Math.max(this.points, this.#column);
    else this.points += points;
  }

  #pass(bytes: number): void {
    this.#skip = bytes;
    this.#phase = phase.skip;
    if (bytes === 0) this.#endField();
  }

  #endField(): void {
    this.#packed = false;
    while (this.#ends.length > 0 && this.#passed >= (this.#ends.at(-1) as number)) this.#ends.pop();
    this.#phase = this.#ends.length === 0 ? phase.prefix : phase.tag;
  }
}

/** How many varints end between these places. */
function varintsIn(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if ((bytes[at] as number) < 0x80) count++;
  return count;
}

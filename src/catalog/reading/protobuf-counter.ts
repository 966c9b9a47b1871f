import type { Counter } from '../operation.ts';

const phase = { prefix: 0, tag: 1, length: 2, varint: 3, skip: 4, nothing: 5, size: 6 };

/** Where in a message points are. What stands in a field with a length, by what that field is. */
export interface FieldTally {
  /** A message: what stands in its fields, by their numbers. */
  readonly fields?: Readonly<Record<number, FieldTally>>;
  /** Each time that it stands there it is a point. */
  readonly itself?: true;
  /** Packed numbers: each is a point, or so many bytes are. */
  readonly packed?: 'varints' | number;
  /** The bytes of a point are as many times more as the size that was told last. */
  readonly sized?: true;
  /** The field of this message that tells the size. */
  readonly size?: number;
  /** It is a column of a table: of all columns the longest counts. */
  readonly column?: true;
}

/** How deep messages are looked into. */
const deepest = 1000;

/** The one field at the end of a path, each time that it stands there: field numbers from the
 * outermost message inwards. */
export function fieldAt(path: readonly number[]): FieldTally {
  const inwards = (inner: FieldTally, number: number) => ({ fields: { [number]: inner } });
  return path.reduceRight<FieldTally>(inwards, { itself: true });
}

/**
 * Counts points in framed gRPC messages that pass in pieces. It trusts nothing, holds nothing,
 * never throws; a compressed or malformed message counts no more.
 */
export class MessageCounter implements Counter {
  /** Points outside of columns, and in the longest column. */
  #alone = 0;
  #longest = 0;
  #phase = phase.prefix;
  /** How many bytes of this message have passed, and where each open message ends. */
  #passed = 0;
  readonly #ends: number[] = [];
  readonly #open: FieldTally[] = [];
  #innermost: FieldTally;
  /** Bytes of the prefix that have passed; the number being read and its scale; bytes to skip. */
  #prefix = 0;
  #value = 0;
  #scale = 1;
  #field = 0;
  #skip = 0;
  /** Whether the bytes that are skipped are packed varints. */
  #varints = false;
  /** What was counted of this column, and how many messages are open within it; 0: none is. */
  #column = 0;
  #columnDepth = 0;
  #size = 1;
  readonly #whole: FieldTally;

  constructor(whole: FieldTally) {
    this.#whole = whole;
    this.#innermost = whole;
  }

  get points(): number {
    return this.#alone + this.#longest;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.#phase !== phase.nothing) {
      if (this.#phase === phase.skip) {
        const taken = Math.min(this.#skip, chunk.length - at);
        if (this.#varints) this.#count(varintsIn(chunk, at, at + taken), this.#columnDepth > 0);
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
    else if (this.#phase === phase.length) this.#length(value);
    else {
      this.#size = Math.max(1, value);
      this.#endField();
    }
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
    this.#enter(length, this.#whole);
    if (Number.isNaN(length)) this.#phase = phase.nothing;
    else this.#endField();
  }

  #tag(tag: number): void {
    this.#field = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === 2) this.#phase = phase.length;
    else if (wire === 0) {
      this.#phase = this.#innermost.size === this.#field ? phase.size : phase.varint;
    } else if (wire === 1 || wire === 5) this.#pass(wire === 1 ? 8 : 4);
    else this.#phase = phase.nothing;
  }

  #length(length: number): void {
    const tally = this.#innermost.fields?.[this.#field];
    if (!tally) return this.#pass(length);
    const { fields, itself, packed, sized, column } = tally;
    if (column) this.#column = 0;
    const inColumn = column === true || this.#columnDepth > 0;
    if (itself) this.#count(1, inColumn);
    if (typeof packed === 'number') {
      this.#count(Math.floor(length / (packed * (sized ? this.#size : 1))), inColumn);
    }
    if (!fields || this.#ends.length >= deepest) {
      this.#varints = packed === 'varints';
      return this.#pass(length);
    }
    this.#enter(this.#passed + length, tally);
    if (column) this.#columnDepth = this.#ends.length;
    this.#endField();
  }

  #enter(end: number, tally: FieldTally): void {
    this.#ends.push(end);
    this.#open.push(tally);
    this.#innermost = tally;
  }

  #count(points: number, inColumn: boolean): void {
    if (!inColumn) {
      this.#alone += points;
      return;
    }
    this.#column += points;
    if (this.#column > this.#longest) this.#longest = this.#column;
  }

  #pass(bytes: number): void {
    this.#skip = bytes;
    this.#phase = phase.skip;
    if (bytes === 0) this.#endField();
  }

  #endField(): void {
    this.#varints = false;
    let depth = this.#ends.length;
    while (depth > 0 && this.#passed >= (this.#ends[depth - 1] as number)) {
      this.#ends.pop();
      this.#open.pop();
      depth--;
    }
    this.#innermost = this.#open[depth - 1] ?? this.#whole;
    if (depth < this.#columnDepth) this.#columnDepth = 0;
    this.#phase = depth === 0 ? phase.prefix : phase.tag;
  }
}

/** How many varints end between these places. */
function varintsIn(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if ((bytes[at] as number) < 0x80) count++;
  return count;
}

import { linkOf } from './chain.ts';
import type { FileOperations } from './files.ts';
import type { RecordBody } from './record.ts';

/** The last record that is wholly in a log, and its link. */
export interface Place {
  readonly seq: number;
  readonly prev: string;
}

/** A record that tells of its own place: rendered once the record before it is known. */
export type PlacedBody = (before: Place, segment: string) => RecordBody;

/** A segment that takes records. */
export interface OpenSegment {
  readonly file: number;
  readonly path: string;
  readonly name: string;
  /** What of it counts: whole records that the kernel took. */
  bytes: number;
}

const scratchBytes = 65_536;

/** Gives records their place in the log, and appends them to a file in one write. Records that the
 * kernel did not take whole have no place: their numbers go to those that come after them. */
export class Appender {
  readonly #files: FileOperations;
  readonly #head: string;
  #scratch = Buffer.allocUnsafeSlow(scratchBytes);
  #prev: string;
  seq: number;

  constructor(files: FileOperations, writer: string, at: Place) {
    this.#files = files;
    this.#head = `{"v":1,"writer":"${writer}","seq":`;
    this.seq = at.seq;
    this.#prev = at.prev;
  }

  mark(): Place {
    return { seq: this.seq, prev: this.#prev };
  }

  /** Forgets what was appended since: it is in no file that counts. */
  rewind(mark: Place): void {
    this.seq = mark.seq;
    this.#prev = mark.prev;
  }

  /** Appends the records to a segment. Throws the file system's error. */
  append(segment: OpenSegment, bodies: readonly (RecordBody | PlacedBody)[]): void {
    let used = 0;
    let seq = this.seq;
    let prev = this.#prev;
    for (const body of bodies) {
      const text = typeof body === 'string' ? body : body({ seq, prev }, segment.name);
      const line = `${this.#head}${++seq},${text},"prev":"${prev}"}\n`;
      if (used + line.length > this.#scratch.length) this.#grow(used, line.length);
      const start = used;
      used += this.#scratch.write(line, used, 'latin1');
      prev = linkOf(this.#scratch.subarray(start, used));
    }
    this.#writeAll(segment.file, used);
    segment.bytes += used;
    this.seq = seq;
    this.#prev = prev;
    if (this.#scratch.length > scratchBytes) this.#scratch = Buffer.allocUnsafeSlow(scratchBytes);
  }

  #grow(used: number, more: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#scratch.length * 2, used + more));
    this.#scratch.copy(grown, 0, 0, used);
    this.#scratch = grown;
  }

  #writeAll(file: number, length: number): void {
    let offset = 0;
    while (offset < length) {
      const taken = this.#files.write(file, this.#scratch, offset, length - offset);
      if (taken <= 0) throw new Error('the file system took no more bytes');
      offset += taken;
    }
  }
}

import type { Place } from './appender.ts';

/** A segment as the manifest lists it. */
export interface Listed {
  /** `w1-3.jsonl` */
  readonly name: string;
  /** The number of its first record, and what that holds as `prev`. */
  readonly firstSeq: number;
  readonly prev: string;
  /** What it came to; null while it is written. */
  readonly sealed: Sealed | null;
  /** The requests whose intents were open where it begins; null where nobody knows. */
  readonly open: readonly string[] | null;
}

/** A segment that begins. */
export interface Opened {
  readonly name: string;
  /** The place before its first record. */
  readonly at: Place;
  readonly after: { readonly name: string; readonly bytes: number } | null;
  readonly open: Listed['open'];
}

/** Where a segment ends: its last record, the link of it, and the bytes that count. */
export interface Sealed {
  readonly lastSeq: number;
  readonly hash: string;
  readonly bytes: number;
}

/** In so many of the newest segments a start looks for the requests that were open. */
const openKept = 4;

/** The segments of a log, as they come to be. */
export class Ledger {
  #listed: readonly Listed[];
  #changes = 0;

  constructor(listed: readonly Listed[]) {
    this.#listed = listed;
  }

  get listed(): readonly Listed[] {
    return this.#listed;
  }

  /** Grows with every change. */
  get changes(): number {
    return this.#changes;
  }

  /** A segment goes on where `after` ends, of which so many bytes count. Segments between the two
   * came to nothing. */
  opened({ name, at, after, open }: Opened): void {
    this.#end(after, at);
    const next = { name, firstSeq: at.seq + 1, prev: at.prev, sealed: null, open };
    const forgotten = this.#listed.length + 1 - openKept;
    const before = this.#listed.map((listed, index) =>
      index < forgotten && listed.open ? { ...listed, open: null } : listed,
    );
    this.#listed = [...before, next];
  }

  /** The last segment ends here. */
  closed(bytes: number, at: Place): void {
    const last = this.#listed.at(-1);
    this.#end(last ? { name: last.name, bytes } : null, at);
  }

  #end(ended: { readonly name: string; readonly bytes: number } | null, at: Place): void {
    this.#changes++;
    const from = this.#listed.findIndex(({ name }) => name === ended?.name);
    if (!ended || from < 0) return;
    const { seq: lastSeq, prev: hash } = at;
    this.#listed = this.#listed.map((listed, index) => {
      if (index < from) return listed;
      if (index === from) return { ...listed, sealed: { lastSeq, hash, bytes: ended.bytes } };
      const { name } = listed;
      const sealed = { lastSeq, hash, bytes: 0 };
      return { name, firstSeq: lastSeq + 1, prev: hash, sealed, open: null };
    });
  }
}

/** The bytes a peer sends, taken as they are needed. */
export interface Input {
  /** What is there up to the end of a head, or undefined at the end of the input. */
  readonly head: (limit: number) => Promise<Buffer | 'too long' | undefined>;
  /** At most so many bytes, as soon as there are any; undefined at the end. */
  readonly some: (limit: number) => Promise<Buffer | undefined>;
  /** The text of a line without its end; undefined if it does not come, or is too long. */
  readonly line: (limit: number) => Promise<string | undefined>;
}

/** Makes an input of a stream of chunks. */
export function inputOf(chunks: AsyncIterable<Buffer>): Input {
  const held = holding(chunks[Symbol.asyncIterator]());
  return {
    async head(limit) {
      for (;;) {
        const length = headLength(held.bytes());
        if (length !== undefined) return held.take(length);
        if (held.bytes().length > limit) return 'too long';
        if (!(await held.more())) return undefined;
      }
    },
    async some(limit) {
      if (held.bytes().length === 0 && !(await held.more())) return undefined;
      return held.take(Math.min(limit, held.bytes().length));
    },
    async line(limit) {
      for (;;) {
        const end = held.bytes().indexOf(10);
        if (end > limit || (end < 0 && held.bytes().length > limit)) return undefined;
        if (end >= 0)
          return held
            .take(end + 1)
            .toString('latin1')
            .replace(/\r?\n$/, '');
        if (!(await held.more())) return undefined;
      }
    },
  };
}

/** The bytes that have come and were not taken yet. */
function holding(source: AsyncIterator<Buffer>) {
  let held: Buffer = Buffer.alloc(0);
  return {
    bytes: () => held,
    take(length: number): Buffer {
      const taken = held.subarray(0, length);
      held = held.subarray(length);
      return taken;
    },
    async more(): Promise<boolean> {
      const next = await source.next().catch(() => ({ done: true, value: undefined }) as const);
      if (next.done || next.value === undefined) return false;
      held = held.length === 0 ? next.value : Buffer.concat([held, next.value]);
      return true;
    },
  };
}

/** The length of a head with the empty line behind it. */
function headLength(bytes: Buffer): number | undefined {
  // A line that ends in a bare line feed may be followed by an empty one of either kind.
  const ends = ['\n\r\n', '\n\n'].map((end) => ({ at: bytes.indexOf(end), length: end.length }));
  const found = ends.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at)[0];
  return found && found.at + found.length;
}

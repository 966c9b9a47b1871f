/** Something that reads a body piece by piece. */
interface Reader {
  /** Reads on for about this much; true once it is through. */
  advance(amount: number): boolean;
}

/** A fraction of a millisecond of reading vectors, under 10 ms of reading the dullest thing:

 * keys. */
const slice = 1 << 17;

/**
 * Reads a body to its end: at once where one slice does it, else in slices between which the event
 * loop turns. Throws or rejects with what the reader throws.
 */
export function readThrough<R extends Reader>(reader: R): R | Promise<R> {
  return reader.advance(slice) ? reader : inSlices(reader);
}

function inSlices<R extends Reader>(reader: R): Promise<R> {
  return new Promise((resolve, reject) => {
    const next = () => {
      try {
        if (reader.advance(slice)) resolve(reader);
        else setImmediate(next);
      } catch (error) {
        reject(error);
      }
    };
    setImmediate(next);
  });
}

/** Counts by name in memory of a fixed size, each fading with time. */
export interface Sketch {
  /** Counts one, or so many, at a time in milliseconds; gives the count of the name with it, never
   * too low. */
  add(name: string, now: number, by?: number): number;
}

/** How large a sketch is, and how it fades. */
export interface SketchOptions {
  /** A hash of 32 bits, seeded, so that nobody can choose whose counts meet. */
  readonly hash: (text: string) => number;
  /** Milliseconds after which one of a count is forgotten. */
  readonly forget: number;
  /** Cells of each row, a power of two. */
  readonly columns?: number;
}

const rows = 4;

/**
 * A count-min sketch (Cormode and Muthukrishnan 2005) with conservative update, whose cells leak.
 * No flood of names can make it forget another or grow: names that meet in every row count
 * together, so that a count is too high at worst. Every call is O(1).
 */
export function makeSketch({ hash, forget, columns = 8192 }: SketchOptions): Sketch {
  const levels = new Float64Array(rows * columns);
  const times = new Float64Array(rows * columns);
  const cells = new Uint32Array(rows);

  function find(name: string): void {
    const first = hash(name);
    // Odd, so that the rows of a name never fall together (Kirsch and Mitzenmacher 2006).
    const step = hash(`${name}#`) | 1;
    for (let row = 0; row < rows; row++) {
      const column = ((first + row * step) >>> 0) & (columns - 1);
      cells[row] = row * columns + column;
    }
  }

  function levelAt(cell: number, now: number): number {
    const faded = (now - (times[cell] ?? 0)) / forget;
    return Math.max(0, (levels[cell] ?? 0) - Math.max(0, faded));
  }

  return {
    add: (name, now, by = 1) => {
      find(name);
      let least = Number.POSITIVE_INFINITY;
      for (const cell of cells) least = Math.min(least, levelAt(cell, now));
      const count = least + by;
      for (const cell of cells) {
        levels[cell] = Math.max(levelAt(cell, now), count);
        times[cell] = now;
      }
      return count;
    },
  };
}

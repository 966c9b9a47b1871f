/** Denials that are alike, counted together each second. */
export interface Counted {
  /** Whether this one still gets a record of its own. */
  single(alike: string): boolean;
  /** Counts one. `code` is its refusal. */
  add(alike: string, code: string): void;
  /** Hands over every count, and starts anew. */
  drain(take: (alike: string, count: number, since: string) => void): void;
}

interface Tally {
  singles: number;
  count: number;
  since: string;
}

const singlesPerSecond = 10;
const keysAtMost = 4096;

/** Counters whose number is bounded: where too many differ, only their refusal is told apart. */
export function countedDenials(time: () => string): Counted {
  const tallies = new Map<string, Tally>();
  const tally = (key: string): Tally => {
    let found = tallies.get(key);
    if (!found) {
      found = { singles: 0, count: 0, since: time() };
      tallies.set(key, found);
    }
    return found;
  };
  const full = (alike: string) => tallies.size >= keysAtMost && !tallies.has(alike);
  return {
    single: (alike) => !full(alike) && ++tally(alike).singles <= singlesPerSecond,
    add: (alike, code) => {
      const key = full(alike)
        ? `"event":"request.refused","principal":null,"refusal":"${code}"`
        : alike;
      tally(key).count++;
    },
    drain: (take) => {
      for (const [alike, { count, since }] of tallies) if (count > 0) take(alike, count, since);
      tallies.clear();
    },
  };
}

/** What answers carried. */
export interface Carried {
  readonly points: number;
  readonly bytes: number;
}

/** Whoever took something, by kind and name of its principal. */
export interface Taker {
  readonly kind: string;
  readonly name: string;
}

/** What one caller took in one hour: at least this. */
export interface Taking extends Taker, Carried {
  /** Bytes that it may have taken besides, before there was a place for it among those that are
   * counted. */
  readonly uncounted: number;
}

/** The hour under way, or the one before, with its greatest takers first. */
export interface Hour extends Carried {
  /** ISO 8601. */
  readonly since: string;
  readonly top: readonly Taking[];
}

/** What answers carried, by caller, of this hour and the last. */
export interface Takings {
  /** `holder`: whoever counts as one. */
  add(holder: string, taker: Taker, carried: Carried): void;
  /** The last hour of which anything is known comes second. */
  readonly hours: readonly Hour[];
}

/** How takings are counted; `now` gives milliseconds since 1970. */
export interface TakingsOptions {
  readonly now: () => number;
  /** How many callers are counted at a time: 256, where it is not given. */
  readonly most?: number;
}

type Entry = { -readonly [Key in keyof Taking]: Taking[Key] };

interface Period {
  readonly since: number;
  readonly entries: Map<string, Entry>;
  points: number;
  bytes: number;
}

const hour = 3_600_000;
const shown = 10;

/**
 * Counts the greatest takers in memory of a fixed size, by bytes: Space-Saving (Metwally, Agrawal
 * and El Abbadi 2005). Where there is no place the least makes room, and whoever comes may have had
 * as much: so nobody who took more than a 256th of everything is ever missing.
 */
export function makeTakings({ now, most = 256 }: TakingsOptions): Takings {
  let present = periodAt(now());
  let last: Period | null = null;

  function turn(): Period {
    const since = hourOf(now());
    if (since <= present.since) return present;
    last = since - present.since === hour ? present : null;
    present = periodAt(since);
    return present;
  }

  return {
    add: (holder, { kind, name }, { points, bytes }) => {
      const period = turn();
      period.points += points;
      period.bytes += bytes;
      let entry = period.entries.get(holder);
      if (!entry) {
        const uncounted = period.entries.size < most ? 0 : dropLeast(period.entries);
        entry = { kind, name, points: 0, bytes: 0, uncounted };
        period.entries.set(holder, entry);
      }
      entry.points += points;
      entry.bytes += bytes;
    },
    get hours() {
      const period = turn();
      return (last ? [period, last] : [period]).map(hourTold);
    },
  };
}

function hourOf(time: number): number {
  return time - (time % hour);
}

function periodAt(time: number): Period {
  return { since: hourOf(time), entries: new Map(), points: 0, bytes: 0 };
}

function weight({ bytes, uncounted }: Entry): number {
  return bytes + uncounted;
}

/** Gives what the least may have taken at most. */
function dropLeast(entries: Map<string, Entry>): number {
  let [least, weighs] = ['', Number.POSITIVE_INFINITY];
  for (const [holder, entry] of entries) {
    if (weight(entry) < weighs) [least, weighs] = [holder, weight(entry)];
  }
  entries.delete(least);
  return weighs;
}

function hourTold({ since, entries, points, bytes }: Period): Hour {
  const top = [...entries.values()].sort((one, other) => other.bytes - one.bytes).slice(0, shown);
  return { since: new Date(since).toISOString(), points, bytes, top };
}

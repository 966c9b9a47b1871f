import type { Quota } from '../policy/quota.ts';

/** A sweep through a collection that a limit only alarms of. */
export interface SweepAlarm {
  /** ISO 8601. */
  readonly time: string;
  /** `search.sweep` */
  readonly limit: string;
  /** Null: the product has no databases. */
  readonly database: string | null;
  /** Null: every collection, as one answer carries them all. */
  readonly collection: string | null;
  /** Whose count it is, by kind and name of its principal; null: that of all who hold the role. */
  readonly holder: string | null;
  /** The percentage of the collection that was carried, and in how many seconds; null: nobody can
   * tell, as the database does not say how large the collection is. */
  readonly share: number | null;
  readonly seconds: number;
}

/** The last alarms of one upstream. */
export interface SweepAlarms {
  add(quota: Quota, units: number | null): void;
  /** The latest first. */
  readonly latest: readonly SweepAlarm[];
}

const kept = 10;

/** Keeps the last alarms, and tells each; `now` gives milliseconds since 1970. */
export function makeSweepAlarms(now: () => number, told: (alarm: SweepAlarm) => void): SweepAlarms {
  let latest: readonly SweepAlarm[] = [];
  return {
    add: ({ name, period, sweep }, units) => {
      const alarm: SweepAlarm = {
        time: new Date(now()).toISOString(),
        limit: name,
        holder: sweep?.holder || null,
        database: sweep?.of?.database ?? null,
        collection: sweep?.of?.collection ?? null,
        share: units === null ? null : units / 100,
        seconds: period / 1000,
      };
      latest = [alarm, ...latest].slice(0, kept);
      told(alarm);
    },
    get latest() {
      return latest;
    },
  };
}

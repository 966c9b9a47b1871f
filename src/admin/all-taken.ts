import { z } from 'zod';
import type { SweepAlarm } from '../limits/sweep-alarms.ts';
import type { Hour, Taking } from '../limits/takings.ts';
import type { UpstreamState } from './state.ts';

const number = z.number();
const taking = z.looseObject({
  ...{ kind: z.string(), name: z.string() },
  ...{ points: number, bytes: number, uncounted: number },
});
const hour = z.looseObject({
  ...{ since: z.string(), points: number, bytes: number },
  top: z.array(taking),
});
const text = z.string().nullable();
const sweep = z.looseObject({
  ...{ time: z.string(), limit: z.string(), seconds: number, share: number.nullable() },
  ...{ holder: text, database: text, collection: text },
});
const told = z.looseObject({
  upstreams: z.array(
    z.looseObject({ name: z.string(), taken: z.array(hour), sweeps: z.array(sweep) }),
  ),
});

/** How many takers one process names of each hour, and how many sweeps; all together do as well. */
const shown = 10;

/**
 * Each upstream with what was taken of it in all processes, and the last sweeps through it: its
 * own, and what `others` told in their status. Whoever another process does not name among its
 * greatest takers may have had there as much as the least it names: that is added to its
 * `uncounted`.
 */
export function withAllTaken(
  upstreams: readonly UpstreamState[],
  others: readonly unknown[],
): readonly UpstreamState[] {
  const heard = others.flatMap((other) => told.safeParse(other).data?.upstreams ?? []);
  if (heard.length === 0) return upstreams;
  return upstreams.map((upstream) => {
    const theirs = heard.filter(({ name }) => name === upstream.name);
    const hours = [upstream.taken, ...theirs.map(({ taken }) => taken)].flat();
    const sweeps = [upstream.sweeps, ...theirs.map(({ sweeps }) => sweeps)].flat();
    return { ...upstream, taken: hoursOf(hours), sweeps: latestOf(sweeps) };
  });
}

function latestOf(sweeps: readonly SweepAlarm[]): readonly SweepAlarm[] {
  const latestFirst = sweeps.toSorted((one, other) => (one.time < other.time ? 1 : -1));
  return latestFirst.slice(0, shown);
}

/** The latest hour first, as one process tells it. */
function hoursOf(hours: readonly Hour[]): readonly Hour[] {
  const sinces = [...new Set(hours.map(({ since }) => since))].sort().reverse().slice(0, 2);
  return sinces.map((since) => sumOf(hours.filter((each) => each.since === since)));
}

function sumOf(hours: readonly Hour[]): Hour {
  const takers = new Map<string, Taking>();
  for (const { top } of hours) {
    for (const { kind, name } of top) {
      const key = JSON.stringify([kind, name]);
      if (!takers.has(key)) takers.set(key, takingOf({ kind, name }, hours));
    }
  }
  const top = [...takers.values()].sort((one, other) => other.bytes - one.bytes).slice(0, shown);
  const sum = (of: 'points' | 'bytes') => hours.reduce((total, each) => total + each[of], 0);
  return { since: hours[0]?.since ?? '', points: sum('points'), bytes: sum('bytes'), top };
}

function takingOf({ kind, name }: Pick<Taking, 'kind' | 'name'>, hours: readonly Hour[]): Taking {
  const sum = { kind, name, points: 0, bytes: 0, uncounted: 0 };
  for (const { top } of hours) {
    const found = top.find((each) => each.kind === kind && each.name === name);
    sum.points += found?.points ?? 0;
    sum.bytes += found?.bytes ?? 0;
    sum.uncounted += found?.uncounted ?? leastOf(top);
  }
  return sum;
}

function leastOf(top: readonly Taking[]): number {
  return top.length < shown ? 0 : (top.at(-1)?.bytes ?? 0);
}

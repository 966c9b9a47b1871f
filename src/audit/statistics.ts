import type { Story, Told } from './story.ts';

/** By what records are counted. */
export const groupings = ['principal', 'collection', 'event', 'decision'] as const;

/** One of them. */
export type Grouping = (typeof groupings)[number];

/** What came to be of the operations of one group. */
export interface Tally {
  readonly name: string;
  allowed: number;
  /** Refusals, also those that were only counted. */
  denied: number;
  /** Operations of which nobody knows whether they happened. */
  indeterminate: number;
  readonly points: { in: number; out: number };
  readonly bytes: { in: number; out: number };
  /** Milliseconds of all outcomes, and how many there were. */
  readonly duration: { ms: number; of: number };
  /** The time of its last record. */
  last: string;
}

/** Counts records as they are read. */
export interface Statistics {
  add(story: Story): void;
  /** The groups, those with the most operations first. */
  by(grouping: Grouping): readonly Tally[];
}

/** Names that callers choose are bounded; what is beyond them is counted together. */
const groupsAtMost = 10_000;
const others = '(others)';

/** Statistics of nothing yet. */
export function statistics(): Statistics {
  const groups = new Map(groupings.map((grouping) => [grouping, new Map<string, Tally>()]));
  const tallyOf = (grouping: Grouping, name: string): Tally => {
    const known = groups.get(grouping) ?? new Map<string, Tally>();
    const under = known.has(name) || known.size < groupsAtMost ? name : others;
    const found = known.get(under) ?? emptyTally(under);
    known.set(under, found);
    return found;
  };
  return {
    add: ({ record, intent }) => {
      const told = intent ?? record;
      if (!('decision' in told) && record.kind !== 'failures') return;
      for (const grouping of groupings) {
        for (const name of namesIn(grouping, told)) count(tallyOf(grouping, name), record);
      }
    },
    by: (grouping) =>
      [...(groups.get(grouping)?.values() ?? [])].sort(
        (a, b) => b.allowed + b.denied - (a.allowed + a.denied) || (a.name < b.name ? -1 : 1),
      ),
  };
}

function emptyTally(name: string): Tally {
  const counts = { allowed: 0, denied: 0, indeterminate: 0, last: '' };
  const flows = { points: { in: 0, out: 0 }, bytes: { in: 0, out: 0 } };
  return { name, ...counts, ...flows, duration: { ms: 0, of: 0 } };
}

/** Nobody, and what names no collection, are groups as well. */
function namesIn(grouping: Grouping, told: Told): readonly string[] {
  if (grouping === 'event') return [String(told['event'])];
  if (grouping === 'decision') return [String(told['decision'] ?? 'deny')];
  if (grouping === 'principal') {
    const principal = told['principal'] as { id: string; name: string } | null | undefined;
    return [principal ? `${principal.name} (${principal.id})` : 'nobody'];
  }
  const collections = (told['collections'] ?? []) as { named: string; resolved: string }[];
  const names = new Set(collections.map(({ resolved }) => resolved));
  return names.size > 0 ? [...names] : ['(none)'];
}

function count(tally: Tally, record: Told): void {
  const { kind } = record;
  tally.last = String(record['time']);
  if (kind === 'intent') tally.allowed++;
  if (kind === 'denial') tally.denied++;
  if (kind === 'failures') tally.denied += Number(record['count']);
  if (kind === 'indeterminate') tally.indeterminate++;
  if (kind !== 'outcome') return;
  for (const flow of ['points', 'bytes'] as const) {
    const counted = record[flow] as { in: number; out: number } | undefined;
    tally[flow].in += counted?.in ?? 0;
    tally[flow].out += counted?.out ?? 0;
  }
  tally.duration.ms += Number(record['durationMs']);
  tally.duration.of++;
}

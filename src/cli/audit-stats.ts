import { jsonString } from '../audit/json-string.ts';
import { isWithin, pagesOf } from '../audit/past.ts';
import {
  type Grouping,
  groupings,
  type Statistics,
  statistics,
  type Tally,
} from '../audit/statistics.ts';
import { storyFinder } from '../audit/story.ts';
import { filterOptions, spanBy, wantedBy } from './audit-filter.ts';
import { BadUsage, type Verb, type VerbInput } from './verb.ts';

/** Counts what the audit log tells: who did how much of what. */
export const verb: Verb = {
  name: 'audit stats',
  summary: 'Count audit records by principal, collection, event and decision',
  usage:
    'audit stats [DIR] [--by principal|collection|event|decision …] [--top N] [--from T] ' +
    '[--to T] [--principal P] [--collection C] [--event E] [--decision D]',
  words: 1,
  options: {
    by: { type: 'string', multiple: true, help: 'count by this only (default: by each)' },
    top: { type: 'string', default: '20', help: 'show so many of each (default: 20)' },
    from: { type: 'string', help: 'from here on: 2026-11-22T15:04:05Z, or 7d or 12h ago' },
    to: { type: 'string', help: 'up to before here' },
    ...filterOptions,
  },
  run: async (input) => {
    const { values, json, print, complain } = input;
    const shown = groupingsIn(values['by']);
    const top = numberIn(values['top']);
    const { counted, unread } = readThrough(input);
    if (json) print(asDocument(counted, shown));
    else
      for (const grouping of shown) for (const line of table(counted, grouping, top)) print(line);
    if (unread > 0) complain(`${unread} lines are no records; vectorgate audit verify tells more`);
    return 0;
  },
};

function readThrough({ values, positionals }: VerbInput) {
  const span = spanBy(values, 'from', 'to', Date.now());
  const { find } = storyFinder(wantedBy(values));
  const counted = statistics();
  let unread = 0;
  for (const page of pagesOf(positionals[0] ?? 'audit/', span)) {
    for (const record of page) {
      if (!record) unread++;
      const story = record && find(record);
      if (story && isWithin(span, story.record)) counted.add(story);
    }
  }
  return { counted, unread };
}

function asDocument(counted: Statistics, shown: readonly Grouping[]): string {
  return asciiOf(JSON.stringify(Object.fromEntries(shown.map((by) => [by, counted.by(by)]))));
}

/** So that no name can steer a terminal. */
function asciiOf(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

const heads = ['allowed', 'denied', 'unsure', 'points in', 'points out', 'MB in', 'MB out', 'ms'];

function* table(counted: Statistics, grouping: Grouping, top: number): Generator<string> {
  const all = counted.by(grouping);
  const cells = all
    .slice(0, top)
    .map((tally) => [jsonString(tally.name).slice(1, -1), ...row(tally)]);
  const widths = [grouping, ...heads].map((head, column) =>
    Math.max(head.length, ...cells.map((line) => line[column]?.length ?? 0)),
  );
  const laid = (line: readonly string[]) =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ');
  yield laid([grouping, ...heads]);
  for (const line of cells) yield laid(line);
  if (all.length > top) yield `and ${all.length - top} more; --top ${all.length} shows them`;
  yield '';
}

function row({ allowed, denied, indeterminate, points, bytes, duration }: Tally): string[] {
  const megabytes = (count: number) => (count / 1e6).toFixed(1);
  const mean = duration.of === 0 ? '–' : (duration.ms / duration.of).toFixed(1);
  const counts = [allowed, denied, indeterminate, points.in, points.out].map(String);
  return [...counts, megabytes(bytes.in), megabytes(bytes.out), mean];
}

function groupingsIn(asked: VerbInput['values'][string]): readonly Grouping[] {
  if (!Array.isArray(asked) || asked.length === 0) return groupings;
  return asked.map((name) => {
    const known = groupings.find((grouping) => grouping === name);
    if (known) return known;
    throw new BadUsage(`--by ${name} is unknown; write ${groupings.join(', ')}`);
  });
}

function numberIn(asked: VerbInput['values'][string]): number {
  const top = Number(asked ?? 20);
  if (Number.isInteger(top) && top > 0) return top;
  throw new BadUsage(`--top ${String(asked)} is no number of rows; write --top 20`);
}

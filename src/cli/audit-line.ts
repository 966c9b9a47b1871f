import { styleText } from 'node:util';
import { jsonString } from '../audit/json-string.ts';
import type { Story, Told } from '../audit/story.ts';

type Colour = 'green' | 'red' | 'yellow' | 'cyan';

/**
 * A record in one line for people, with colours on a terminal; null for an intent, which is told
 * with its outcome. Whatever a name holds, it cannot steer the terminal.
 */
export function auditLine({ record, intent }: Story): string | null {
  const { kind } = record;
  if (kind === 'intent') return null;
  if (kind === 'outcome')
    return line(record, 'green', 'allow', [...what(intent), ...ending(record)]);
  if (kind === 'denial') {
    return line(record, 'red', 'deny', [
      ...what(record),
      `${text(record, 'refusal')}:`,
      text(record, 'reason'),
    ]);
  }
  if (kind === 'failures') {
    return line(record, 'red', 'deny', [
      ...what(record),
      text(record, 'refusal'),
      `×${record['count']}`,
    ]);
  }
  if (kind === 'attempt') {
    return line(record, 'yellow', kind, [...what(intent), `attempt ${record['attempt']}`]);
  }
  if (kind === 'indeterminate') return line(record, 'yellow', 'unsure', what(intent));
  return line(record, kind === 'fault' ? 'red' : 'cyan', kind, rest(record));
}

/** An intent of which no end is known yet. */
export function underWay(intent: Told): string {
  return line(intent, 'yellow', 'open', what(intent));
}

function line(record: Told, colour: Colour, word: string, parts: readonly string[]): string {
  const time = text(record, 'time').replace('T', ' ');
  const painted = styleText(colour, word.padEnd(6), { stream: process.stdout });
  return `${time} ${painted} ${parts.filter((part) => part !== '').join(' ')}`;
}

function what(told: Told | null): string[] {
  if (!told) return ['(its intent is in an earlier segment)'];
  const principal = told['principal'] as { name?: string } | null | undefined;
  const source = told['source'] as { address?: string; prefix?: string } | undefined;
  const collections = (told['collections'] ?? []) as { named?: string; resolved?: string }[];
  return [
    shown(principal?.name ?? 'nobody'),
    shown(source?.address ?? source?.prefix ?? ''),
    text(told, 'upstream'),
    text(told, 'operation') || text(told, 'event'),
    collections.map(({ named = '', resolved = '' }) => name(named, resolved)).join(','),
  ];
}

function ending(record: Told): string[] {
  const points = record['points'] as { in?: number; out?: number } | undefined;
  return [
    `${record['failure'] === undefined ? record['status'] : text(record, 'failure')}`,
    `${record['durationMs']} ms`,
    points?.in ? `${points.in} points in` : '',
    points?.out ? `${points.out} points out` : '',
  ];
}

function rest(record: Told): string[] {
  const known = new Set(['v', 'writer', 'seq', 'time', 'kind', 'prev']);
  return Object.entries(record)
    .filter(([key]) => !known.has(key))
    .map(
      ([key, value]) =>
        `${key}=${typeof value === 'string' ? shown(value) : JSON.stringify(value)}`,
    );
}

function name(named: string, resolved: string): string {
  return named === resolved ? shown(named) : `${shown(named)}→${shown(resolved)}`;
}

function text(record: Told, key: string): string {
  const value = record[key];
  return typeof value === 'string' ? shown(value) : '';
}

function shown(value: string): string {
  const quoted = jsonString(value);
  return quoted.length === value.length + 2 ? value : quoted;
}

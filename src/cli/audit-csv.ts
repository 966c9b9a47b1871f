import type { Story, Told } from '../audit/story.ts';

type Cell = (record: Told, intent: Told | null) => unknown;

const own =
  (name: string): Cell =>
  (record) =>
    record[name];

/** What follows an intent says who and what by its intent. */
const either =
  (name: string): Cell =>
  (record, intent) =>
    record[name] ?? intent?.[name];

const inside =
  (name: string, member: string, cell = either(name)): Cell =>
  (record, intent) =>
    (cell(record, intent) as Readonly<Record<string, unknown>> | null | undefined)?.[member];

const columns: Readonly<Record<string, Cell>> = {
  time: own('time'),
  writer: own('writer'),
  seq: own('seq'),
  kind: own('kind'),
  event: either('event'),
  request: own('request'),
  parent: either('parent'),
  claimed: either('claimed'),
  principal: inside('principal', 'id'),
  name: inside('principal', 'name'),
  roles: (record, intent) => listed(inside('principal', 'roles')(record, intent)),
  source: (record, intent) =>
    inside('source', 'address')(record, intent) ?? inside('source', 'prefix')(record, intent),
  protocol: either('protocol'),
  upstream: either('upstream'),
  operation: either('operation'),
  collections: (record, intent) => named(either('collections')(record, intent)),
  decision: either('decision'),
  rule: either('rule'),
  refusal: own('refusal'),
  reason: own('reason'),
  status: own('status'),
  failure: own('failure'),
  durationMs: own('durationMs'),
  pointsIn: inside('points', 'in'),
  pointsOut: inside('points', 'out'),
  bytesIn: inside('bytes', 'in', own('bytes')),
  bytesOut: inside('bytes', 'out', own('bytes')),
  attempts: own('attempts'),
  count: own('count'),
};

/** The first line of a table of records. */
export const csvHeader = Object.keys(columns).join(',');

/** A record as a line of that table (RFC 4180). */
export function csvLine({ record, intent }: Story): string {
  return Object.values(columns)
    .map((cell) => quoted(cell(record, intent)))
    .join(',');
}

function listed(values: unknown): string {
  return Array.isArray(values) ? values.join(' ') : '';
}

function named(references: unknown): string {
  if (!Array.isArray(references)) return '';
  return (references as { named?: string; resolved?: string }[])
    .map(({ named, resolved }) => (named === resolved ? named : `${named}→${resolved}`))
    .join(' ');
}

/** A text that a spreadsheet would take for a formula gets an apostrophe before it; what a terminal
 * would obey, or nobody sees, is told by its number. */
function quoted(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = String(value).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, numbered);
  const safe = /^[=+\-@＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function numbered(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

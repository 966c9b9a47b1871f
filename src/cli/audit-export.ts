import { once } from 'node:events';
import { isWithin, pagesOf } from '../audit/past.ts';
import { type Story, storyFinder } from '../audit/story.ts';
import { csvHeader, csvLine } from './audit-csv.ts';
import { filterOptions, spanBy, wantedBy } from './audit-filter.ts';
import { BadUsage, type Verb, type VerbInput } from './verb.ts';

/** Writes audit records out: as JSON lines, or as a table. */
export const verb: Verb = {
  name: 'audit export',
  summary: 'Write audit records out as JSON lines or CSV',
  usage:
    'audit export [DIR] [--format json|csv] [--from T] [--to T] [--principal P] [--collection C] ' +
    '[--event E] [--decision D]',
  words: 1,
  options: {
    format: { type: 'string', default: 'json', help: 'json: a record a line; csv (default: json)' },
    from: { type: 'string', help: 'from here on: 2026-11-22T15:04:05Z, or 7d or 12h ago' },
    to: { type: 'string', help: 'up to before here' },
    ...filterOptions,
  },
  run: async (input) => {
    const { print, complain } = input;
    const shown = lineOf(input);
    let bad = 0;
    if (shown === csvLine) print(csvHeader);
    for (const { stories, unread } of storiesOf(input)) {
      bad += unread;
      for (const story of stories) print(shown(story));
      if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
    }
    if (bad > 0) complain(`${bad} lines are no records; vectorgate audit verify tells more`);
    return 0;
  },
};

function lineOf({ values, json }: VerbInput): (story: Story) => string {
  const format = json ? 'json' : String(values['format'] ?? 'json');
  if (format === 'csv') return csvLine;
  if (format === 'json') return asciiLine;
  throw new BadUsage(`--format ${format} is unknown; write json or csv`);
}

const short: Readonly<Record<string, string>> = {
  '\\b': '\b',
  '\\f': '\f',
  '\\n': '\n',
  '\\r': '\r',
  '\\t': '\t',
};

/** In ASCII, byte for byte as the log has it: what is exported is chained still, and no name can
 * steer a terminal. */
function asciiLine({ record }: Story): string {
  return JSON.stringify(record).replace(/\\.|[\u007f-\uffff]/g, (found) => {
    const unit = short[found] ?? found;
    if (unit.length > 1) return unit;
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

interface Page {
  readonly stories: readonly Story[];
  readonly unread: number;
}

/** What is wanted, a page at a time. */
function* storiesOf({ values, positionals }: VerbInput): Generator<Page> {
  const span = spanBy(values, 'from', 'to', Date.now());
  const { find } = storyFinder(wantedBy(values));
  for (const page of pagesOf(positionals[0] ?? 'audit/', span)) {
    const records = page.filter((record) => record !== null);
    const stories = records.flatMap((record) => {
      const story = find(record);
      return story && isWithin(span, record) ? [story] : [];
    });
    yield { stories, unread: page.length - records.length };
  }
}

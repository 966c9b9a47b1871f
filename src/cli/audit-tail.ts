import { setTimeout } from 'node:timers/promises';
import { type Cursor, cursorBefore } from '../audit/cursor.ts';
import { storyFinder, type Told } from '../audit/story.ts';
import { filterOptions, wantedBy } from './audit-filter.ts';
import { auditLine, underWay } from './audit-line.ts';
import { BadUsage, type Verb, type VerbInput } from './verb.ts';

const everyMs = 250;
const lookBackBytes = 64 * 1024 * 1024;

/** Shows the newest audit records, then each as it is written. */
export const verb: Verb = {
  name: 'audit tail',
  summary: 'Show audit records as they are written',
  usage:
    'audit tail [DIR] [--principal P] [--collection C] [--event E] [--decision D] ' +
    '[--lines N] [--once]',
  words: 1,
  options: {
    ...filterOptions,
    lines: { type: 'string', default: '20', help: 'how many to begin with (default: 20)' },
    once: { type: 'boolean', help: 'show what is there, and stop' },
  },
  run: async (input) => {
    const { values, positionals, print } = input;
    const lines = Number(values['lines'] ?? 20);
    if (!Number.isSafeInteger(lines) || lines < 0) throw new BadUsage('--lines takes a number');
    const stories = storyFinder(wantedBy(values));
    const cursor = cursorBefore(positionals[0] ?? 'audit/', lookBackBytes);
    const next = reader(cursor, stories, input);
    const once = values['once'] === true;
    const found = next(once);
    for (const line of lines === 0 ? [] : found.slice(-lines)) print(line);
    while (!once) {
      await setTimeout(everyMs);
      for (const line of next(false)) print(line);
    }
    return 0;
  },
};

/** Gives the lines of what was written since the last call; `last` also tells what is under way. */
function reader(
  cursor: Cursor,
  stories: ReturnType<typeof storyFinder>,
  { json, complain }: VerbInput,
): (last: boolean) => string[] {
  return (last) => {
    const lines: string[] = [];
    cursor.read((line) => {
      const record = recordIn(line);
      if (!record)
        return complain('a line is no record; vectorgate audit verify tells whether it counts');
      const story = stories.find(record);
      const told = story && (json ? line : auditLine(story));
      if (told !== null) lines.push(told);
    });
    return last && !json ? [...lines, ...stories.underWay().map(underWay)] : lines;
  };
}

/** Null for what a failed write left behind. */
function recordIn(line: string): Told | null {
  try {
    return JSON.parse(line) as Told;
  } catch {
    return null;
  }
}

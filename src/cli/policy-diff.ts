import { isWithin, pagesOf, type Span } from '../audit/past.ts';
import { loadPolicy } from '../policy/load.ts';
import { type Replay, replayOn } from '../policy/replay.ts';
import { spanBy } from './audit-filter.ts';
import { databaseBy, policyOptions } from './policy-folder.ts';
import { type Change, type Changes, changesOf } from './replayed.ts';
import { BadUsage, type Verb, type VerbInput } from './verb.ts';

/** Judges again, by other policies, what the audit log says was asked. Exit 1 where that changes
 * anything. */
export const verb: Verb = {
  name: 'policy diff',
  summary: 'Tell who would gain or lose what by other policies, from the audit log',
  usage: 'policy diff NEW/ [--since 7d] [--audit audit/] [--upstream U] [--database qdrant]',
  words: 1,
  options: {
    since: { type: 'string', default: '7d', help: 'how far to look back (default: 7d)' },
    audit: { type: 'string', default: 'audit', help: 'the audit directory (default: audit/)' },
    upstream: { type: 'string', help: 'only requests to this upstream' },
    database: policyOptions.database,
  },
  run: async (input) => {
    const { values, positionals, json, print } = input;
    const [directory] = positionals;
    if (directory === undefined) throw new BadUsage('name the folder of the new policies');
    const since = { since: '7d', ...values };
    const span = spanBy(since, 'since', 'until', Date.now());
    const changes = changesIn(input, span, replayOf(directory, values));
    if (json) print(JSON.stringify(changes));
    else for (const line of linesOf(changes, String(since.since))) print(line);
    return changes.gained.length + changes.lost.length === 0 ? 0 : 1;
  },
};

function replayOf(directory: string, values: VerbInput['values']): Replay {
  return replayOn(loadPolicy(directory, databaseBy(values)));
}

function changesIn({ values }: VerbInput, span: Span, replay: Replay): Changes {
  const only = typeof values['upstream'] === 'string' ? values['upstream'] : null;
  const changes = changesOf(replay);
  for (const page of pagesOf(String(values['audit'] ?? 'audit'), span)) {
    for (const record of page) {
      if (record === null || !isWithin(span, record)) continue;
      if (only === null || record['upstream'] === only) changes.take(record);
    }
  }
  return changes.all();
}

function linesOf({ judged, undecided, gained, lost }: Changes, since: string): string[] {
  const none = gained.length + lost.length === 0;
  return [
    ...lost.map((change) => line('lose', change)),
    ...gained.map((change) => line('gain', change)),
    ...(none ? ['nobody would gain or lose anything'] : []),
    `${judged} decisions since ${since} were judged again`,
    ...(undecided > 0 ? [`${undecided} were not: their records leave out what they need`] : []),
  ];
}

function line(word: string, change: Change): string {
  const { principal, name, operation, collections, count, rule, requests } = change;
  const on = collections.length === 0 ? 'database-wide' : `on ${collections.join(', ')}`;
  const by = rule ?? 'no rule allows it';
  const some = requests.length === 0 ? '' : `; such as ${requests[0]}`;
  const who = name === principal ? name : `${name} (${principal})`;
  return JSON.stringify(`${word}  ${who}: ${operation} ${on}, ${count}×: ${by}${some}`).slice(
    1,
    -1,
  );
}

import type { Verb } from './verb.ts';
import { loadVerb, verbNames } from './verbs.ts';

const exitCodes = 'Exit: 0 done, 1 a negative answer or a failure, 2 bad usage or configuration.';

const always = {
  json: { help: 'print one JSON document for machines' },
  help: { help: 'tell this' },
};

/** The list of commands that begin with `group`; all of them where it is empty. */
export async function helpOn(group: string): Promise<string> {
  const names = verbNames.filter((name) => name.startsWith(group));
  const verbs = await Promise.all(names.map(loadVerb));
  return [
    'Usage: vectorgate COMMAND [options]',
    '',
    ...columns(verbs.map(({ name, summary }) => [name, summary])),
    '',
    'vectorgate COMMAND --help tells more of one; vectorgate --version tells which this is.',
    exitCodes,
  ].join('\n');
}

/** Everything about one command. */
export function helpOnVerb(verb: Verb): string {
  const options = Object.entries({ ...verb.options, ...always });
  return [
    verb.summary,
    '',
    `Usage: vectorgate ${verb.usage}`,
    '',
    ...columns(options.map(([name, { help }]) => [`--${name}`, help])),
    '',
    exitCodes,
  ].join('\n');
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

import { parseArgs } from 'node:util';
import { Misconfigured } from '../problem.ts';
import { helpOn, helpOnVerb } from './help.ts';
import type { Verb, VerbInput } from './verb.ts';
import { loadVerb, nearestVerb, verbNames } from './verbs.ts';
import { ownVersion } from './version.ts';

/** Where a command writes its lines. */
export type Terminal = Pick<VerbInput, 'print' | 'complain'>;

const failure = 1;
const badUsage = 2;

/** Runs the command that the arguments name. Gives the exit code; throws nothing. */
export async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const json = args.includes('--json');
  try {
    const [first = '', second = ''] = args;
    const name = [`${first} ${second}`, first].find((typed) => verbNames.includes(typed));
    if (name === undefined) return await withoutVerb(args, terminal);
    return await runVerb(await loadVerb(name), args.slice(name.split(' ').length), terminal);
  } catch (error) {
    return complainOf(error, json, terminal);
  }
}

async function withoutVerb(args: readonly string[], terminal: Terminal): Promise<number> {
  const words = args.filter((argument) => !argument.startsWith('-'));
  const [first = ''] = words;
  const isGroup = verbNames.some((name) => name.startsWith(`${first} `));
  if (words.length > 1 || !(isGroup || first === '')) return unknownVerb(words, isGroup, terminal);
  if (first === '' && args.includes('--version')) {
    terminal.print(`vectorgate ${ownVersion()}, Node ${process.versions.node}`);
    return 0;
  }
  const help = await helpOn(isGroup ? `${first} ` : '');
  const asked = args.includes('--help');
  (asked ? terminal.print : terminal.complain)(help);
  return asked ? 0 : badUsage;
}

function unknownVerb(words: readonly string[], isGroup: boolean, terminal: Terminal): number {
  const [first = '', second = ''] = words;
  const near = nearestVerb(`${first} ${second}`) ?? nearestVerb(first);
  const instead = near === null ? 'see vectorgate --help' : `did you mean ${near}?`;
  terminal.complain(
    `vectorgate: there is no command ${isGroup ? `${first} ${second}` : first}; ${instead}`,
  );
  return badUsage;
}

async function runVerb(verb: Verb, args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: { ...verb.options, json: { type: 'boolean' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values['help'] === true) {
    terminal.print(helpOnVerb(verb));
    return 0;
  }
  const stray = positionals[verb.words ?? 0];
  if (stray !== undefined) {
    terminal.complain(`vectorgate: ${verb.name} takes no ${stray}; usage: ${verb.usage}`);
    return badUsage;
  }
  return verb.run({ ...terminal, values, positionals, json: values['json'] === true });
}

/** Tells people on stderr, or machines in one document on stdout, what went wrong. */
function complainOf(error: unknown, json: boolean, { print, complain }: Terminal): number {
  if (error instanceof Misconfigured) {
    if (json) print(JSON.stringify({ ok: false, problems: error.problems }));
    else complain(error.message);
    return badUsage;
  }
  const isUsage = isParseError(error);
  const message = sentenceOf(error);
  if (json) print(JSON.stringify({ ok: false, error: message }));
  else complain(`vectorgate: ${message}${isUsage ? '; see --help' : ''}`);
  return isUsage ? badUsage : failure;
}

function isParseError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^ERR_PARSE_ARGS/.test(String(error.code));
}

/** What was thrown on purpose has a sentence for people; a bug tells where it is. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isBug = error instanceof TypeError && !isParseError(error);
  return isBug ? (error.stack ?? error.message) : error.message;
}

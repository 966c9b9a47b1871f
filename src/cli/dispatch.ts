import { parseArgs } from 'node:util';
import { Misconfigured } from '../problem.ts';
import { helpOn, helpOnVerb } from './help.ts';
import { BadUsage, type Verb, type VerbInput } from './verb.ts';
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
  if (words.length > 1 || !(isGroup || first === '')) throw unknownVerb(words, isGroup);
  if (first === '' && args.includes('--version')) {
    terminal.print(`vectorgate ${ownVersion()}, Node ${process.versions.node}`);
    return 0;
  }
  const help = await helpOn(isGroup ? `${first} ` : '');
  const asked = args.includes('--help');
  (asked ? terminal.print : terminal.complain)(help);
  return asked ? 0 : badUsage;
}

function unknownVerb(words: readonly string[], isGroup: boolean): BadUsage {
  const [first = '', second = ''] = words;
  const near = nearestVerb(`${first} ${second}`) ?? nearestVerb(first);
  const instead = near === null ? 'see vectorgate --help' : `did you mean ${near}?`;
  return new BadUsage(
    `there is no command ${isGroup ? `${first} ${told(second)}` : told(first)}; ${instead}`,
  );
}

async function runVerb(verb: Verb, args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parsed(verb, args);
  if (values['help'] === true) {
    terminal.print(helpOnVerb(verb));
    return 0;
  }
  const stray = positionals[verb.words ?? 0];
  if (stray !== undefined)
    throw new BadUsage(`${verb.name} takes no ${told(stray)}; ${helpFor(verb)}`);
  return verb.run({ ...terminal, values, positionals, json: values['json'] === true });
}

function parsed(verb: Verb, args: string[]) {
  const options = {
    ...verb.options,
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    // Node's advice behind the first sentence is for those who call parseArgs.
    const [sentence] = error instanceof Error ? error.message.split(/\.\s/) : [String(error)];
    throw new BadUsage(`${sentence}; ${helpFor(verb)}`);
  }
}

/** A word as it was typed, save where it could be a secret that was meant for stdin or a file. */
function told(word: string): string {
  return /^[a-z./-]{1,24}$/.test(word) ? word : 'such word';
}

function helpFor({ name }: Verb): string {
  return `see vectorgate ${name} --help`;
}

/** Tells people on stderr, or machines in one document on stdout, what went wrong. */
function complainOf(error: unknown, json: boolean, { print, complain }: Terminal): number {
  if (error instanceof Misconfigured) {
    if (json) print(JSON.stringify({ ok: false, problems: error.problems }));
    else complain(error.message);
    return badUsage;
  }
  const message = sentenceOf(error);
  if (json) print(JSON.stringify({ ok: false, error: message }));
  else complain(`vectorgate: ${message}`);
  return error instanceof BadUsage ? badUsage : failure;
}

/** What was thrown on purpose has a sentence for people; a bug tells where it is. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof TypeError ? (error.stack ?? error.message) : error.message;
}

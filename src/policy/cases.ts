import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { check, type Document, type Path, readDocument } from '../document.ts';
import { Misconfigured, type Problem } from '../problem.ts';
import type { Decision } from './decision.ts';
import { type Asked, explain, operationAsked } from './explain.ts';
import type { Ground } from './language.ts';
import type { LoadedPolicy } from './load.ts';

/** One statement of a `*.test.yaml`, and what the policy says to it. */
export interface CaseResult {
  readonly file: string;
  readonly line: number;
  readonly roles: readonly string[];
  readonly claims: Readonly<Record<string, string | readonly string[]>>;
  readonly labels: Readonly<Record<string, string>>;
  /** `points.query on products` */
  readonly statement: string;
  readonly expected: Decision['effect'];
  readonly effect: Decision['effect'];
  readonly rule: string | null;
  readonly passed: boolean;
}

/**
 * Runs every `*.test.yaml` of a policy folder.
 * Throws `Misconfigured` with every problem of every file: a statement that could pass for no
 * reason (an unknown role, an operation without its collection) is one.
 */
export function runCases(directory: string, policy: LoadedPolicy): readonly CaseResult[] {
  const schema = casesSchema(policy);
  const problems: Problem[] = [];
  const results: CaseResult[] = [];
  for (const name of caseFiles(directory)) {
    const file = join(directory, name);
    try {
      const document = readDocument(file, readFileSync(file, 'utf8'));
      const cases = check(document, schema);
      for (const [index, each] of cases.entries()) {
        results.push(...resultsOf(each, index, document, policy));
      }
    } catch (error) {
      if (!(error instanceof Misconfigured)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new Misconfigured(problems);
  return results;
}

/** The names of the files that state cases, sorted. */
export function caseFiles(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => !name.startsWith('.') && name.endsWith('.test.yaml'))
    .sort();
}

type Case = z.output<ReturnType<typeof casesSchema>>[number];

function resultsOf(
  { as, ...stated }: Case,
  index: number,
  document: Document,
  policy: LoadedPolicy,
): readonly CaseResult[] {
  const grants = policy.grantsFor(as);
  const judge = (key: 'may' | 'may not', expected: Decision['effect']) =>
    (stated[key] ?? []).map(({ statement, asked }, place): CaseResult => {
      const { effect, rule } = explain(grants, policy.ground, asked);
      const path: Path = [index, key, place];
      const at = { file: document.file, line: document.line(path) };
      return { ...at, ...as, statement, expected, effect, rule, passed: effect === expected };
    });
  return [...judge('may', 'allow'), ...judge('may not', 'deny')];
}

function casesSchema(policy: LoadedPolicy) {
  const statements = z.array(
    statementSchema(policy.ground),
    'not a list; Write [points.query on NAME]',
  );
  const one = z
    .strictObject(
      {
        as: callerSchema(policy),
        may: statements.optional(),
        'may not': statements.optional(),
      },
      'not a case; Write as:, may: and may not:',
    )
    .refine((each) => (each.may?.length ?? 0) + (each['may not']?.length ?? 0) > 0, {
      message: 'the case states nothing; Add may: or may not: with at least one statement',
    });
  const empty = 'there is no case in it; Add one, beginning with - as: { roles: [NAME] }';
  return z.array(one, empty).min(1, empty);
}

function callerSchema(policy: LoadedPolicy) {
  const known = new Set(policy.roles.map((role) => role.name));
  const role = z.string('not a role; Write its name').refine((name) => known.has(name), {
    message: 'no policy defines this role; Correct its name, or add the role',
  });
  const claim = z.union(
    [z.string(), z.array(z.string())],
    'not a claim; Write text or a list of it',
  );
  const roles = 'roles is missing; Write roles: [NAME]';
  return z.strictObject(
    {
      roles: z.array(role, roles).min(1, roles),
      claims: z.record(z.string(), claim, 'not claims; Write { NAME: VALUE }').default({}),
      labels: z.record(z.string(), z.string(), 'not labels; Write { env: prod }').default({}),
    },
    'nobody is named; Write as: { roles: [NAME] }',
  );
}

function statementSchema(ground: Ground) {
  return z.string('not a statement; Write points.query on NAME').transform((statement, context) => {
    try {
      return { statement, asked: parseStatement(statement, ground) };
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });
}

const places = ['on', 'via', 'in'] as const;

/** `OPERATION`, and behind it `on COLLECTION`, `via ALIAS`, `in DATABASE`, each where it is
 * needed. */
function parseStatement(statement: string, ground: Ground): Asked {
  const [operation = '', ...words] = statement.split(' ');
  const given: { -readonly [place in (typeof places)[number]]?: string } = {};
  for (const place of places) {
    if (words[0] !== place) continue;
    given[place] = words.splice(0, 2)[1] ?? '';
  }
  const blank = operation === '' || Object.values(given).includes('');
  if (blank || words.length > 0 || (given.via !== undefined && given.on === undefined)) {
    throw new Error(
      'not a statement; Write OPERATION on COLLECTION, via ALIAS where one is used, in DATABASE',
    );
  }
  const { on: resolved, via, in: database = null } = given;
  const collections = resolved === undefined ? [] : [{ named: via ?? resolved, resolved }];
  const asked = { operation, collections, database };
  operationAsked(ground, asked);
  return asked;
}

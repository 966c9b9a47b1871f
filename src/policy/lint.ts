import { basename, join } from 'node:path';
import type { Action } from '../catalog/operation.ts';
import { type Path, problemAt } from '../document.ts';
import type { Problem } from '../problem.ts';
import { caseFiles } from './cases.ts';
import type { Decision } from './decision.ts';
import { type Ground, grantable } from './language.ts';
import { lintLimits, type Sizes } from './lint-limits.ts';
import type { LoadedPolicy } from './load.ts';
import { covers, overlaps } from './reach.ts';
import type { Role, Rule } from './role.ts';

/**
 * What is legal in a policy folder and yet hardly meant: rules and limits without effect, rules
 * that reach everything, collections known as large that nothing limits, policies that no test
 * speaks of.
 */
export function lint(
  directory: string,
  policy: LoadedPolicy,
  sizes: Sizes = new Map(),
): readonly Problem[] {
  const tests = caseFiles(directory);
  const found = policy.roles.flatMap((role) => [
    ...untested(role, tests),
    ...role.allow.flatMap((rule) => [
      ...wide(role, rule),
      ...unscoped(role, rule),
      ...unreachable(role, rule, policy),
      ...repeated(role, rule, policy),
    ]),
    ...role.deny.flatMap((rule) => idle(role, rule, policy)),
    ...lintLimits(role, sizes),
  ]);
  return [...found, ...orphans(directory, policy.roles, tests)];
}

function untested(role: Role, tests: readonly string[]): readonly Problem[] {
  const test = basename(role.document.file).replace(/yaml$/, 'test.yaml');
  if (tests.includes(test)) return [];
  return [at(role, [], 'no test says who may do what', `Add ${test} beside it`)];
}

function orphans(
  directory: string,
  roles: readonly Role[],
  tests: readonly string[],
): readonly Problem[] {
  const files = roles.map((role) => role.document.file);
  return tests
    .filter((test) => !files.some((file) => basename(file) === test.replace(/test\.yaml$/, 'yaml')))
    .map((test) => ({
      file: join(directory, test),
      line: null,
      path: '',
      message: 'there is no policy of that name',
      remedy: 'Rename it after the policy it tests',
    }));
}

const changing: readonly Action[] = ['write', 'schema', 'export', 'manage'];

/** A role with `admin` says of itself that it reaches everything. */
function wide(role: Role, rule: Rule): readonly Problem[] {
  if (role.allow.some((each) => each.actions.has('admin'))) return [];
  const actions = changing.filter((action) => rule.actions.has(action));
  if (actions.length === 0 || !holdsUnbounded(rule)) return [];
  const message = `this allows ${actions.join(', ')} on every collection there is and will be`;
  return patternsOf(rule)
    .filter(({ text }) => isUnbounded(text))
    .map(({ path }) => at(role, path, message, 'Name the collections, or a prefix of theirs'));
}

/** Databases that are named bound what a rule reaches. */
function holdsUnbounded({ databases }: Rule): boolean {
  return databases === null || databases.some(({ text }) => isUnbounded(text));
}

function isUnbounded(text: string): boolean {
  return text.includes('*') && !/[^*?]/.test(text);
}

/** An access that speaks of collections, without any. */
function unscoped(role: Role, rule: Rule): readonly Problem[] {
  if (rule.collections !== null || rule.operations.size > 0) return [];
  const speaking: readonly Action[] = ['list', 'read', ...changing];
  if (![...rule.actions].every((action) => speaking.includes(action))) return [];
  const message = 'without collections this allows nothing on any collection';
  return [at(role, rule.path, message, 'Add collections: with their names')];
}

function unreachable(role: Role, rule: Rule, { ground }: LoadedPolicy): readonly Problem[] {
  const denies = role.deny.filter((deny) =>
    within(databasesOf(rule, 'allow', ground), databasesOf(deny, 'deny', ground)),
  );
  const isDenied = (text: string, action: Action) =>
    denies.some(
      (deny) => deny.actions.has(action) && (deny.collections === null || coversText(deny, text)),
    );
  return patternsOf(rule).flatMap(({ text, path }) => {
    const left = [...rule.actions].filter((action) => !isDenied(text, action));
    const single = rule.operations.size > 0;
    if (left.length > 0 || (single && !grantable.every((action) => isDenied(text, action)))) {
      return [];
    }
    return [at(role, path, 'this role denies all that this allows', 'Remove one of the two')];
  });
}

/** What an earlier rule of the role already allows, whole. */
function repeated(role: Role, rule: Rule, { ground }: LoadedPolicy): readonly Problem[] {
  const databases = databasesOf(rule, 'allow', ground);
  const earlier = role.allow.slice(0, role.allow.indexOf(rule));
  return patternsOf(rule).flatMap(({ text, path }) => {
    const before = earlier.find(
      (each) =>
        [...rule.actions].every((action) => each.actions.has(action)) &&
        [...rule.operations].every((operation) => each.operations.has(operation)) &&
        Object.entries(each.labels).every(([name, value]) => rule.labels[name] === value) &&
        within(databases, databasesOf(each, 'allow', ground)) &&
        coversText(each, text),
    );
    if (!before) return [];
    return [at(role, path, `${before.id} allows this already`, 'Remove one of the two')];
  });
}

/** A deny that meets no allow of any role; identities hold several, so all roles count. */
function idle(role: Role, deny: Rule, { roles, ground }: LoadedPolicy): readonly Problem[] {
  const databases = databasesOf(deny, 'deny', ground);
  const allowed = roles.flatMap((each) => each.allow);
  return patternsOf(deny)
    .filter(({ text }) => {
      const met = (rule: Rule) =>
        (rule.operations.size > 0 ||
          [...rule.actions].some((action) => deny.actions.has(action))) &&
        databasesOf(rule, 'allow', ground).some((each) =>
          databases.some((other) => overlaps(each, other)),
        ) &&
        patternsOf(rule).some((pattern) => overlaps(pattern.text, text));
      return !allowed.some(met);
    })
    .map(({ path }) =>
      at(role, path, 'no role allows what this denies', 'Correct the name, or remove it'),
    );
}

/** The databases that a rule holds in, as far as texts tell; `*` for all, or where there are
 * none. */
function databasesOf(rule: Rule, effect: Decision['effect'], ground: Ground): readonly string[] {
  if (rule.databases !== null) return rule.databases.map(({ text }) => text);
  return [(effect === 'allow' ? ground.defaultDatabase : undefined) ?? '*'];
}

function within(narrow: readonly string[], wide: readonly string[]): boolean {
  return narrow.every((text) => wide.some((each) => covers(each, text)));
}

function coversText(rule: Rule, text: string): boolean {
  return patternsOf(rule).some((pattern) => covers(pattern.text, text));
}

function patternsOf(rule: Rule): readonly { readonly text: string; readonly path: Path }[] {
  return (rule.collections ?? []).map(({ text }, index) => ({
    text,
    path: [...rule.path, 'collections', index],
  }));
}

function at(role: Role, path: Path, message: string, remedy: string): Problem {
  return problemAt(role.document, path, message, remedy);
}

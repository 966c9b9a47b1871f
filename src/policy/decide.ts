import type { Action, Need, Operation, Reference } from '../catalog/operation.ts';
import type { Identity } from '../identity/identity.ts';
import type { Decision, Grants } from './decision.ts';
import { type Glob, matchesGlob } from './glob.ts';
import { fillPattern } from './pattern.ts';
import type { Role, Rule } from './role.ts';

/** A rule as it is for one identity. */
interface CompiledRule {
  /** Null: the rule speaks of the whole database. */
  readonly globs: readonly Glob[] | null;
  readonly actions: ReadonlySet<Action>;
  readonly operations: ReadonlySet<string>;
  readonly decision: Decision;
}

/** Everything that one identity's roles say, in the order of its roles and their lines. */
export interface RuleSet {
  readonly allow: readonly CompiledRule[];
  readonly deny: readonly CompiledRule[];
}

/** A decision as it was made for a name that meant `resolved`. */
interface Remembered {
  readonly resolved: string;
  readonly decision: Decision;
}

const byDefault: Decision = Object.freeze({ effect: 'deny', rule: null });
const byIdentity: Decision = Object.freeze({ effect: 'allow', rule: null });

/** How many decisions one identity's cache holds; names are the caller's to choose. */
const maxRemembered = 1024;
const rememberable = /^[A-Za-z0-9_.-]{1,255}$/;

/** What roles mean for one identity. */
export function ruleSet(
  roles: readonly Role[],
  claims: Identity['claims'],
  labels: Identity['labels'] = {},
): RuleSet {
  const compiled = (effect: Decision['effect']) => (rule: Rule) => ({
    globs: rule.collections?.flatMap((pattern) => fillPattern(pattern, claims)) ?? null,
    actions: rule.actions,
    operations: rule.operations,
    decision: Object.freeze({ effect, rule: rule.id }),
  });
  return {
    allow: roles.flatMap((role) => {
      return role.allow.filter((rule) => bears(labels, rule.labels)).map(compiled('allow'));
    }),
    deny: roles.flatMap((role) => role.deny.map(compiled('deny'))),
  };
}

/** Whether somebody has every label that a rule requires. */
function bears(labels: Identity['labels'], required: Rule['labels']): boolean {
  return Object.entries(required).every(([name, value]) => {
    return Object.hasOwn(labels, name) && labels[name] === value;
  });
}

/**
 * What the rules say about one need. Deny wins, nothing is allowed by default, and nothing grants
 * `public` or `never`. Allocates nothing.
 */
export function evaluate(rules: RuleSet, need: Need): Decision {
  const { operation, action, collection } = need;
  if (action === 'never' || action === 'public') return byDefault;
  const anyDeny = operation.everything ? rules.deny[0] : undefined;
  if (anyDeny) return anyDeny.decision;
  // A single operation is granted with its own action; what else it needs must be granted as such.
  const name = action === operation.action ? operation.name : null;
  return collection
    ? onCollection(rules, action, name, collection.named, collection.resolved)
    : databaseWide(rules, action, name);
}

/** The grants of one identity: `evaluate`, with what it said before kept by operation and name. */
export function compile(
  roles: readonly Role[],
  claims: Identity['claims'],
  labels: Identity['labels'] = {},
): Grants {
  const rules = ruleSet(roles, claims, labels);
  const remembered = new Map<Operation, Map<string, Remembered>>();
  let size = 0;

  function remember(operation: Operation, { named, resolved }: Reference, decision: Decision) {
    if (!rememberable.test(named)) return;
    if (size >= maxRemembered) {
      remembered.clear();
      size = 0;
    }
    let decisions = remembered.get(operation);
    if (!decisions) {
      decisions = new Map();
      remembered.set(operation, decisions);
    }
    // A copy of its own: a slice would keep the whole request it was cut from.
    const own = Buffer.from(named, 'latin1').toString('latin1');
    decisions.set(own, { resolved: resolved === named ? own : resolved, decision });
    size++;
  }

  return {
    decide(need) {
      const { operation, collection } = need;
      if (!collection || need.action !== operation.action) return evaluate(rules, need);
      const known = remembered.get(operation)?.get(collection.named);
      if (known && known.resolved === collection.resolved) return known.decision;
      const decision = evaluate(rules, need);
      remember(operation, collection, decision);
      return decision;
    },
    mayList: (name, resolved = name) =>
      onCollection(rules, 'list', null, name, resolved).effect === 'allow',
    mayListDatabase: () => rules.allow.some((rule) => speaksOf(rule, 'list', null)),
    listsEverything: listsEverything(rules),
  };
}

/** Whether some rule lets every name be listed, and none takes any away. */
function listsEverything({ allow, deny }: RuleSet): boolean {
  const every = ({ globs }: CompiledRule) => globs?.some(({ text }) => text === '*') ?? false;
  return (
    allow.some((rule) => speaksOf(rule, 'list', null) && every(rule)) &&
    !deny.some((rule) => speaksOf(rule, 'list', null))
  );
}

function onCollection(
  rules: RuleSet,
  action: Action,
  operation: string | null,
  named: string,
  resolved: string,
): Decision {
  for (const rule of rules.deny) {
    if (speaksOf(rule, action, operation) && reaches(rule, named, resolved)) return rule.decision;
  }
  for (const rule of rules.allow) {
    if (speaksOf(rule, action, operation) && reaches(rule, named, resolved)) return rule.decision;
  }
  return byDefault;
}

/** Lists that name no collection need only an identity: their answers are trimmed. */
function databaseWide(rules: RuleSet, action: Action, operation: string | null): Decision {
  for (const rule of rules.allow) {
    if (rule.globs === null && speaksOf(rule, action, operation)) return rule.decision;
  }
  return action === 'list' ? byIdentity : byDefault;
}

function speaksOf(rule: CompiledRule, action: Action, operation: string | null): boolean {
  return rule.actions.has(action) || (operation !== null && rule.operations.has(operation));
}

/** By the collection itself, or by the alias it was reached by. */
function reaches(rule: CompiledRule, named: string, resolved: string): boolean {
  if (rule.globs === null) return false;
  for (const glob of rule.globs) {
    if (matchesGlob(glob, named) || matchesGlob(glob, resolved)) return true;
  }
  return false;
}

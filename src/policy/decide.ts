import type { Action, Need, Operation, Reference } from '../catalog/operation.ts';
import type { Identity } from '../identity/identity.ts';
import { type CompiledRule, holdsIn, reaches, speaksOf } from './compiled-rule.ts';
import type { Decision, Grants } from './decision.ts';
import type { Glob } from './glob.ts';
import { limitingOf } from './limiting.ts';
import { fillPattern } from './pattern.ts';
import type { Role, Rule } from './role.ts';

/** Everything that one identity's roles say, in the order of its roles and their lines. */
export interface RuleSet {
  readonly allow: readonly CompiledRule[];
  readonly deny: readonly CompiledRule[];
  /** The database that a request is about which names none: that it is there is no secret. */
  readonly home: string | null;
}

/** A decision as it was made for a name that meant `resolved` in this database. */
interface Remembered {
  readonly database: string | null;
  readonly resolved: string;
  readonly decision: Decision;
}

const everyName: Glob = { text: '*', barred: '', plain: false };
const byDefault: Decision = Object.freeze({ effect: 'deny', rule: null });
const byIdentity: Decision = Object.freeze({ effect: 'allow', rule: null });

/** How many decisions one identity's cache holds; names are the caller's to choose. */
const maxRemembered = 1024;
const rememberable = /^[A-Za-z0-9_.-]{1,255}$/;

/** What roles mean for one identity, on a database whose requests are about `defaultDatabase`
 * where they name none. */
export function ruleSet(
  roles: readonly Role[],
  claims: Identity['claims'],
  labels: Identity['labels'] = {},
  defaultDatabase?: string,
): RuleSet {
  const fill = (patterns: Rule['collections']) =>
    patterns?.flatMap((pattern) => fillPattern(pattern, claims)) ?? null;
  const compiled = (effect: Decision['effect'], unsaid: string | null, silent: readonly Glob[]) => {
    return (rule: Rule): CompiledRule => ({
      databases: fill(rule.databases),
      unsaid,
      globs: fill(rule.collections) ?? silent,
      whole: rule.collections === null,
      actions: rule.actions,
      operations: rule.operations,
      decision: Object.freeze({ effect, rule: rule.id }),
      limits: rule.limits,
    });
  };
  const allowed = roles.flatMap((role) => role.allow.filter((rule) => bears(labels, rule.labels)));
  return {
    allow: allowed.map(compiled('allow', defaultDatabase ?? null, [])),
    deny: roles.flatMap((role) => role.deny.map(compiled('deny', null, [everyName]))),
    home: defaultDatabase ?? null,
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
  const { operation, action, collection, database } = need;
  if (action === 'never' || action === 'public') return byDefault;
  const anyDeny = operation.everything ? rules.deny[0] : undefined;
  if (anyDeny) return anyDeny.decision;
  // A single operation is granted with its own action; what else it needs must be granted as such.
  const name = action === operation.action ? operation.name : null;
  return collection
    ? onCollection(rules, action, name, database, collection)
    : databaseWide(rules, action, name, database);
}

/** The grants of one identity: `evaluate`, and every limit that counts, with what was said before
 * kept by operation and name. `holder` is whose counts they are. */
export function compile(
  roles: readonly Role[],
  claims: Identity['claims'],
  labels: Identity['labels'] = {},
  defaultDatabase?: string,
  holder = '',
): Grants {
  const rules = ruleSet(roles, claims, labels, defaultDatabase);
  const limiting = limitingOf(roles, rules.allow, holder);
  const remembered = new Map<Operation, Map<string, Remembered>>();
  let size = 0;

  function remember(
    operation: Operation,
    { named, resolved }: Reference,
    database: string | null,
    decision: Decision,
  ) {
    if (!rememberable.test(named)) return;
    if (database !== null && !rememberable.test(database)) return;
    if (size >= maxRemembered) {
      remembered.clear();
      size = 0;
    }
    let decisions = remembered.get(operation);
    if (!decisions) {
      decisions = new Map();
      remembered.set(operation, decisions);
    }
    const own = owned(named);
    const kept = { resolved: resolved === named ? own : resolved, decision };
    decisions.set(own, { ...kept, database: database && owned(database) });
    size++;
  }

  function decideAnew(need: Need): Decision {
    const decision = evaluate(rules, need);
    if (!limiting || decision.effect === 'deny') return decision;
    const quotas = limiting.quotasFor(need);
    const extent = limiting.extentFor(need);
    return { ...decision, quotas, ...(extent ? { extent } : {}) };
  }

  return {
    decide(need) {
      const { operation, collection, database } = need;
      if (!collection || need.action !== operation.action) return decideAnew(need);
      const known = remembered.get(operation)?.get(collection.named);
      if (known?.resolved === collection.resolved && known.database === database) {
        return known.decision;
      }
      const decision = decideAnew(need);
      remember(operation, collection, database, decision);
      return decision;
    },
    mayList: (named, resolved = named, database = null) =>
      onCollection(rules, 'list', null, database, { named, resolved }).effect === 'allow',
    mayListDatabase: (database) => databaseWide(rules, 'list', null, database).effect === 'allow',
    listsEverything: listsEverything(rules),
    roles: roles.map(({ name }) => name),
    limiting,
  };
}

/** A copy: a slice would keep the whole request it was cut from. */
function owned(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** Whether some rule lets every name be listed in every database, and none takes any away. */
function listsEverything({ allow, deny }: RuleSet): boolean {
  return (
    allow.some((rule) => {
      const everywhere = rule.databases ? isEvery(rule.databases) : rule.unsaid === null;
      return everywhere && isEvery(rule.globs) && speaksOf(rule, 'list', null);
    }) && !deny.some((rule) => speaksOf(rule, 'list', null))
  );
}

function isEvery(globs: readonly Glob[]): boolean {
  return globs.some(({ text }) => text === '*');
}

function onCollection(
  rules: RuleSet,
  action: Action,
  operation: string | null,
  database: string | null,
  collection: Reference,
): Decision {
  for (const rule of rules.deny) {
    if (speaksOf(rule, action, operation) && reaches(rule, database, collection)) {
      return rule.decision;
    }
  }
  for (const rule of rules.allow) {
    if (speaksOf(rule, action, operation) && reaches(rule, database, collection)) {
      return rule.decision;
    }
  }
  return byDefault;
}

/**
 * What is said of a database as a whole, or of the server (null). Lists that name no database, or
 * the default one, need only an identity: their answers are trimmed. Another database may be listed
 * by whoever may list something in it.
 */
function databaseWide(
  rules: RuleSet,
  action: Action,
  operation: string | null,
  database: string | null,
): Decision {
  for (const rule of rules.deny) {
    if (speaksOf(rule, action, operation) && rule.whole && holdsIn(rule, database)) {
      return rule.decision;
    }
  }
  const within = action === 'list' && database !== null;
  for (const rule of rules.allow) {
    const speaks = rule.whole || (within && rule.globs.length > 0);
    if (speaks && speaksOf(rule, action, operation) && holdsIn(rule, database)) {
      return rule.decision;
    }
  }
  const known = database === null || database === rules.home;
  return action === 'list' && known ? byIdentity : byDefault;
}

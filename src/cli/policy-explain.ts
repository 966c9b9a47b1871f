import type { KeyEntry } from '../identity/keys/entry.ts';
import { readKeyFile } from '../identity/keys/file.ts';
import { type Asked, type ExplainedLimit, type Explanation, explain } from '../policy/explain.ts';
import { adminPlace, runningDoor } from './admin-door.ts';
import { askAdmin } from './ask-admin.ts';
import { keyDeskOptions } from './key-desk.ts';
import { policyOptions, readPolicies } from './policy-folder.ts';
import { BadUsage, type Verb, type VerbInput } from './verb.ts';

/** Says which rule decides what one caller may do. */
export const verb: Verb = {
  name: 'policy explain',
  summary: 'Say which rule decides whether somebody may do something',
  usage: 'policy explain (--key ID | --role R …) --operation O [--collection C …] [--in D]',
  options: {
    ...policyOptions,
    policies: { type: 'string', help: 'their folder; asks no gateway (default: policies/)' },
    ...keyDeskOptions,
    key: { type: 'string', help: 'the id of the key that asks' },
    role: { type: 'string', multiple: true, help: 'a role of whoever asks; may be repeated' },
    label: { type: 'string', multiple: true, help: 'NAME=VALUE: a label of whoever asks' },
    claim: { type: 'string', multiple: true, help: 'NAME=VALUE; repeated, it is a list' },
    operation: { type: 'string', help: 'what is to be done, such as points.query' },
    collection: { type: 'string', multiple: true, help: 'on what; without, the whole database' },
    in: { type: 'string', help: 'the database that holds them (default: default)' },
    alias: { type: 'string', help: 'the alias by which the collection is reached' },
  },
  run: async ({ values, json, print, complain }) => {
    const asked = askedBy(values);
    const told = await askGateway(values, asked);
    if (told) {
      if (json) print(JSON.stringify(told));
      else for (const line of lines(asked.operation, told)) print(line);
      return 0;
    }
    const { roles, labels } = callerOf(values, complain);
    const { policy } = readPolicies(values, true);
    const grants = policy.grantsFor({ roles, labels, claims: claimsOf(values) });
    const explanation = explained(() => explain(grants, policy.ground, asked));
    for (const role of roles.filter((role) => !policy.roles.some(({ name }) => name === role))) {
      complain(`no policy is for the role ${role}: it grants nothing`);
    }
    if (json) print(JSON.stringify(explanation));
    else for (const line of lines(asked.operation, explanation)) print(line);
    return 0;
  },
};

/** What a running gateway says about one of its keys; null where none runs, or where files are
 * named or a role is asked about. */
async function askGateway(
  values: VerbInput['values'],
  { operation, collections, database }: Asked,
): Promise<Explanation | null> {
  const named = ['policies', 'keys', 'role', 'alias'].some((name) => values[name] !== undefined);
  if (named || typeof values['key'] !== 'string' || collections.length > 1) return null;
  const door = await runningDoor(adminPlace(values));
  if (!door) return null;
  const [collection] = collections;
  const query = new URLSearchParams({ key: values['key'], operation });
  if (collection) query.set('collection', collection.named);
  if (database) query.set('database', database);
  const target = `/policy/explain?${query}`;
  return (await askAdmin(door, { method: 'GET', target })) as Explanation;
}

/** What was asked may not make sense: an unknown operation, a collection that is missing. */
function explained(ask: () => Explanation): Explanation {
  try {
    return ask();
  } catch (error) {
    if (error instanceof RangeError) throw new BadUsage(error.message);
    throw error;
  }
}

function callerOf(
  values: VerbInput['values'],
  complain: VerbInput['complain'],
): Pick<KeyEntry, 'roles' | 'labels'> {
  const roles = listOf(values, 'role');
  const id = values['key'];
  if ((typeof id === 'string') === roles.length > 0) {
    throw new BadUsage('somebody must ask; give either --key ID or --role R');
  }
  const labels = Object.fromEntries(pairsOf(values, 'label'));
  if (typeof id !== 'string') return { roles, labels };
  const path = String(values['keys'] ?? adminPlace(values)?.keyFile ?? 'keys.yaml');
  const key = readKeyFile(path).find((entry) => entry.id === id);
  if (!key) throw new Error(`${path} has no key of that id; vectorgate keys list shows them`);
  if (isOver(key, Date.now())) {
    complain(`${id} is revoked or expired: it is refused before any policy is asked`);
  }
  return { roles: key.roles, labels: key.labels };
}

function isOver({ revoked, expires }: KeyEntry, now: number): boolean {
  return (revoked !== null && revoked <= now) || (expires !== null && expires <= now);
}

function askedBy(values: VerbInput['values']): Asked {
  const { operation, in: database = null } = values;
  if (typeof operation === 'string') {
    return { operation, collections: collectionsOf(values), database: database as string | null };
  }
  throw new BadUsage('what is to be done is missing; give --operation points.query');
}

function collectionsOf(values: VerbInput['values']) {
  const names = listOf(values, 'collection');
  const alias = values['alias'];
  if (typeof alias !== 'string') return names.map((name) => ({ named: name, resolved: name }));
  const [resolved, ...more] = names;
  if (resolved === undefined || more.length > 0) {
    throw new BadUsage('an alias leads to one collection; give --collection once beside --alias');
  }
  return [{ named: alias, resolved }];
}

function pairsOf(values: VerbInput['values'], option: string): (readonly [string, string])[] {
  return listOf(values, option).map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new BadUsage(`${text} is no ${option}; write NAME=VALUE`);
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
}

function claimsOf(values: VerbInput['values']): Record<string, readonly string[]> {
  const byName = Map.groupBy(pairsOf(values, 'claim'), ([name]) => name);
  return Object.fromEntries(
    [...byName].map(([name, pairs]) => [name, pairs.map(([, value]) => value)]),
  );
}

function listOf(values: VerbInput['values'], name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? value.map(String) : [];
}

function lines(operation: string, { needs }: Explanation): readonly string[] {
  if (needs.length === 0) return [`allow  ${operation} is public: it needs no identity`];
  return needs.flatMap(({ effect, action, database, collection, rule, limits = [], carries }) => {
    const on = collection === null ? 'database-wide' : `on ${collection}`;
    const where = database === undefined ? on : `${on} in ${database}`;
    const silent = effect === 'allow' ? 'any identity may' : 'no rule allows it';
    return [
      `${effect.padEnd(5)}  ${operation} needs ${action} ${where}: ${rule ?? silent}`,
      ...limits.map(limitLine),
      ...(carries ? [`       answers carry at most ${JSON.stringify(carries)}`] : []),
    ];
  });
}

function limitLine({ name, units, seconds, burst, exceed }: ExplainedLimit): string {
  if (exceed)
    return `       ${name}: ${units / 100} % of the collection in ${seconds} s, then ${exceed}`;
  if (seconds === null) return `       ${name}: ${units} at once`;
  return `       ${name}: ${units} in ${seconds} s, ${burst} at once`;
}

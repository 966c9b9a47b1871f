import { z } from 'zod';
import type { Database } from '../catalog/database.ts';
import type { Action, Operation } from '../catalog/operation.ts';
import { limitsSchema } from './limits.ts';
import { type Pattern, parsePattern } from './pattern.ts';

/** The actions that a rule can grant: all but `public`, which needs none, and `never`. */
export const grantable = [
  'list',
  'read',
  'write',
  'schema',
  'export',
  'observe',
  'manage',
  'admin',
] as const satisfies readonly Action[];

/** Words that stand for several actions. */
export const shorthands: Readonly<Record<string, readonly Action[]>> = {
  r: ['list', 'read'],
  prw: ['list', 'read', 'write'],
  rw: ['list', 'read', 'write', 'schema'],
  m: ['list', 'read', 'write', 'schema', 'export', 'observe', 'manage'],
};

/** One role file as its author wrote it, its patterns parsed. */
export type RoleFile = z.infer<ReturnType<typeof roleSchema>>;

/** What a language must know of the database that its policies are for. */
export type Ground = Pick<Database, 'operations' | 'defaultDatabase'>;

/**
 * The schema of a role file, for policies of one database product. Its messages are
 * `what is wrong; what to do`.
 */
export function roleSchema(ground: Ground) {
  const access = accessSchema();
  return z
    .strictObject(
      {
        role: roleName,
        allow: rulesSchema(allowSchema(access, ground)).optional(),
        deny: rulesSchema(denySchema(access, ground)).optional(),
        labels: labelsSchema().optional(),
        limits: limitsSchema().optional(),
      },
      'not a role; Write role: NAME and allow: with at least one rule',
    )
    .refine((file) => file.allow !== undefined || file.deny !== undefined, {
      message: 'the role has no rules; Add allow: with at least one rule',
    });
}

const roleName = z
  .string('role is missing; Write role: NAME, the word that keys and tokens carry')
  .regex(/^[!-~](?:[ -~]{0,253}[!-~])?$/, 'not a role name; Use up to 255 plain ASCII characters');

/** Names and values as credentials bear them (keys.yaml, `certificates:`). */
function labelsSchema() {
  const empty = 'no labels; Write { env: prod }, or remove the key';
  const name = z
    .string()
    .regex(/^[A-Za-z][\w.-]{0,62}$/, 'not a label; Use letters, digits, . _ -');
  const value = z.string('not a value; Write it as text').min(1, 'not a value; Write it as text');
  return z
    .record(name, value, empty)
    .refine((labels) => Object.keys(labels).length > 0, { message: empty });
}

function allowSchema(access: ReturnType<typeof accessSchema>, ground: Ground) {
  return z
    .strictObject({
      databases: databasesSchema(ground, parsePattern).optional(),
      collections: collectionsSchema(parsePattern).optional(),
      access: access.optional(),
      operations: operationsSchema(ground.operations).optional(),
      labels: labelsSchema().optional(),
      limits: limitsSchema().optional(),
    })
    .refine((rule) => rule.access !== undefined || rule.operations !== undefined, {
      message: 'the rule grants nothing; Add access: r, prw, rw, m or a list of actions',
    });
}

function denySchema(access: ReturnType<typeof accessSchema>, ground: Ground) {
  const rule = z.strictObject({
    databases: databasesSchema(ground, parseDenied).optional(),
    collections: collectionsSchema(parseDenied).optional(),
    access: access.optional(),
    operations: z
      .never('deny takes no operations; Deny the action, as another operation does the same')
      .optional(),
    labels: z
      .never('a deny cannot depend on a label, as whoever lacks it would escape; Remove it')
      .optional(),
    limits: z
      .never('a deny has nothing to limit; Put limits beside role: or into an allow rule')
      .optional(),
  });
  const either = ground.defaultDatabase === undefined ? '' : ' or databases:';
  return rule.refine((deny) => deny.collections ?? deny.databases, {
    message: `the deny names nothing; Add collections:${either} with names or patterns`,
  });
}

function rulesSchema<T extends z.ZodType>(rule: T) {
  const empty = 'there is no rule in it; Add a rule or remove the key';
  return z.array(rule, empty).min(1, empty);
}

function collectionsSchema(parse: (text: string) => Pattern) {
  const remedy = 'List names or patterns, or remove the key to speak of the whole database';
  return patternsSchema('collection', remedy, parse);
}

/** Where the product has no databases inside it, the key is an error. */
function databasesSchema({ defaultDatabase }: Ground, parse: (text: string) => Pattern) {
  if (defaultDatabase !== undefined) {
    const remedy = 'List names or patterns, "*" for all, or remove the key';
    return patternsSchema('database', remedy, parse);
  }
  return z.never('there are no databases inside this database; Remove the key');
}

function patternsSchema(noun: string, remedy: string, parse: (text: string) => Pattern) {
  const empty = `${noun}s is empty; ${remedy}`;
  const name = z.string(`not a name; Write the ${noun} as text, in quotes`);
  const pattern = name.transform((text, context) => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });
  return z.array(pattern, empty).min(1, empty);
}

/** Whoever lacks the claim would escape the deny. */
function parseDenied(text: string): Pattern {
  const pattern = parsePattern(text);
  if (pattern.parts.every((part) => typeof part === 'string')) return pattern;
  throw new Error('a deny cannot depend on a claim; Name the collections themselves');
}

function accessSchema() {
  const empty = 'access is empty; Write r, prw, rw, m or a list of actions';
  const known = `; Use r, prw, rw, m or actions: ${grantable.join(', ')}`;
  const word = z.string(`not an action${known}`).superRefine((text, context) => {
    if (text === 'never' || text === 'public') {
      context.addIssue(`${text} cannot be granted; Remove it`);
    } else if (actionsOf(text).length === 0) {
      context.addIssue(`${JSON.stringify(text)} is not an action${known}`);
    }
  });
  const words = z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(word, empty).min(1, empty),
  );
  return words.transform((list) => new Set(list.flatMap(actionsOf)));
}

function actionsOf(word: string): readonly Action[] {
  if (Object.hasOwn(shorthands, word)) return shorthands[word] ?? [];
  return grantable.filter((action) => action === word);
}

function operationsSchema(operations: readonly Operation[]) {
  const actions = Map.groupBy(operations, (operation) => operation.name);
  const empty = 'operations is empty; List operations such as points.query';
  const name = z.string('not an operation; Write its name as text').superRefine((text, context) => {
    const rows = actions.get(text);
    if (!rows) {
      const message = `no operation is called ${JSON.stringify(text)}`;
      context.addIssue(`${message}; Run vectorgate catalog list to see them all`);
    } else if (rows.every((row) => row.action === 'never' || row.action === 'public')) {
      context.addIssue(`${text} is ${rows[0]?.action} and cannot be granted; Remove it`);
    }
  });
  return z
    .array(name, empty)
    .min(1, empty)
    .transform((names) => new Set(names));
}

import { Refusal } from '../../refusal.ts';
import type { Ask, NameTable, OwnRequest } from '../database.ts';
import { type AnswerField, fieldsOf, textsIn } from './answer-message.ts';
import { numbersIn } from './answer-numbers.ts';
import { defaultDatabase, keyOf } from './name.ts';
import { ownCall, type Texts } from './own-call.ts';
import { codeOf, statusIn } from './status.ts';

const unimplemented = 12;
const databaseNotFound = 800n;
const aliasNotFound = 1600n;

/** What one database of a Milvus holds. */
interface Shown {
  /** Names, and their ids in the same order. */
  readonly collections: readonly string[];
  readonly ids: readonly bigint[];
  /** Aliases, and what each leads to. */
  readonly aliases: readonly (readonly [string, string])[];
}

/**
 * Reads the name table: every database, and of each its collections with their ids and its aliases.
 * A Milvus without databases has `default`. What vanished between two questions is left out; any
 * other failure rejects, as a name whose meaning is not known must not be judged.
 */
export async function readNames(ask: Ask): Promise<NameTable> {
  const aliases = new Map<string, string>();
  const collections = new Set<string>();
  const ids = new Map<string, string>();
  for (const database of await databasesIn(ask)) {
    const shown = await shownIn(ask, database);
    shown.collections.forEach((name, at) => {
      collections.add(keyOf(database, name));
      const id = shown.ids[at];
      if (id !== undefined) ids.set(String(id), keyOf(database, name));
    });
    for (const [alias, name] of shown.aliases) {
      aliases.set(keyOf(database, alias), keyOf(database, name));
    }
  }
  return { aliases, collections, ids };
}

/** One of each kind of request that `readNames` asks. */
export const nameRequests: readonly OwnRequest[] = [
  ownCall('ListDatabases', []),
  ownCall('ShowCollections', [[2, defaultDatabase]], defaultDatabase),
  ownCall('ListAliases', [[2, defaultDatabase]], defaultDatabase),
  ownCall('DescribeAlias', [[2, defaultDatabase]], defaultDatabase),
];

/** Whoever makes thousands of aliases is not to have them all asked for at one time. */
const askedAtOnce = 16;

async function databasesIn(ask: Ask): Promise<readonly string[]> {
  try {
    const databases = textsIn(await answerTo(ask, ownCall('ListDatabases', [])), 2);
    return databases.length === 0 ? [defaultDatabase] : databases;
  } catch (error) {
    if (isUnimplemented(error)) return [defaultDatabase];
    throw error;
  }
}

async function shownIn(ask: Ask, database: string): Promise<Shown> {
  const call = (method: string, more: Texts = []) =>
    ownCall(method, [[2, database], ...more], database);
  try {
    const [collections, list] = await Promise.all([
      answerTo(ask, call('ShowCollections')),
      answerTo(ask, call('ListAliases')),
    ]);
    const describe = async (alias: string) => {
      const target = await targetOf(ask, call('DescribeAlias', [[3, alias]]));
      return target === null ? [] : [[alias, target] as const];
    };
    const named = textsIn(list, 4);
    const aliases: (readonly [string, string])[] = [];
    for (let at = 0; at < named.length; at += askedAtOnce) {
      const some = await Promise.all(named.slice(at, at + askedAtOnce).map(describe));
      aliases.push(...some.flat());
    }
    return { collections: textsIn(collections, 2), ids: numbersIn(collections, 3), aliases };
  } catch (error) {
    if (isGone(error, databaseNotFound)) return { collections: [], ids: [], aliases: [] };
    throw error;
  }
}

async function targetOf(ask: Ask, request: OwnRequest): Promise<string | null> {
  try {
    const [target] = textsIn(await answerTo(ask, request), 4);
    if (!target) throw new TypeError('an alias of the database leads nowhere');
    return target;
  } catch (error) {
    if (isGone(error, aliasNotFound)) return null;
    throw error;
  }
}

/** The fields of an answer whose status is success. */
async function answerTo(ask: Ask, request: OwnRequest): Promise<readonly AnswerField[]> {
  const fields = fieldsOf(await ask(request));
  const code = codeOf(statusIn(fields));
  if (code === 0n) return fields;
  throw new Refusal(
    'upstream-unreachable',
    `the database answered ${request.target} with ${code}`,
    {
      cause: code,
    },
  );
}

function isGone(error: unknown, code: bigint): boolean {
  return error instanceof Refusal && error.cause === code;
}

function isUnimplemented(error: unknown): boolean {
  return error instanceof Refusal && error.cause === unimplemented;
}

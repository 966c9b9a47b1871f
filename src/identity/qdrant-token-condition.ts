import { notValid } from './credential.ts';
import type { ValueCondition, ValueMatch } from './token-issuer.ts';
import { isObject } from './token-json.ts';

const mostMatches = 32;
const longestPath = 256;
const name = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/;
/** A path into a payload, as Qdrant reads it: `tenant`, `user.id`, `tags[].name`, `"odd key".x`. */
const path = /^(?:[\w-]+|"[^"\\]+")(?:\.(?:[\w-]+|"[^"\\]+")|\[\d*\])*$/;

/** The `value_exists` of a Qdrant token; null where it has none. Throws `Refusal` not-authenticated
 * where it is not exactly what Qdrant describes, or asks nothing. */
export function valueConditionOf(
  payload: Readonly<Record<string, unknown>>,
): ValueCondition | null {
  const { value_exists: told } = payload as { value_exists?: unknown };
  if (told === undefined || told === null) return null;
  if (!isObject(told) || !hasOnly(told, 'collection', 'matches')) {
    throw notValid('value_exists is not an object of collection and matches');
  }
  const { collection, matches } = told;
  if (typeof collection !== 'string' || !name.test(collection)) {
    throw notValid('value_exists names no collection');
  }
  if (!Array.isArray(matches) || matches.length === 0 || matches.length > mostMatches) {
    throw notValid(`value_exists has no list of 1 to ${mostMatches} matches`);
  }
  const read = Object.freeze(matches.map(matchOf));
  return Object.freeze({ collection, matches: read, text: JSON.stringify([collection, read]) });
}

function matchOf(match: unknown): ValueMatch {
  if (!isObject(match) || !hasOnly(match, 'key', 'value')) {
    throw notValid('a match of value_exists is not an object of key and value');
  }
  const { key, value } = match;
  if (typeof key !== 'string' || key.length > longestPath || !path.test(key)) {
    throw notValid('a match of value_exists has no path as its key');
  }
  if (typeof value === 'string' || typeof value === 'boolean') return { key, value };
  if (typeof value === 'number' && Number.isSafeInteger(value)) return { key, value };
  throw notValid('a match of value_exists has no text, whole number, true or false as its value');
}

function hasOnly(object: object, ...names: readonly string[]): boolean {
  return Object.keys(object).length === names.length && names.every((key) => key in object);
}

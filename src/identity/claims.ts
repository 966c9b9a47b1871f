import { notValid } from './credential.ts';
import { isObject } from './token-json.ts';
import { isWord } from './word.ts';

/** Where in a token a claim stands: `['realm_access', 'roles']`. */
export type ClaimPath = readonly string[];

type TimeClaim = 'exp' | 'nbf' | 'iat' | 'auth_time';
type Payload = Readonly<Record<string, unknown>>;

const mostValues = 256;

/** The texts that a claim gives, one or a list; none where it is missing. A whole number counts as
 * the text of its digits. Throws `Refusal` not-authenticated for anything else. */
export function textsAt(payload: Payload, path: ClaimPath): readonly string[] {
  const value = valueAt(payload, path);
  if (value === undefined) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const shown = path.join('.');
  if (list.length > mostValues) throw notValid(`the claim ${shown} has over ${mostValues} values`);
  return list.map((each) => {
    if (typeof each === 'string') return each;
    if (Number.isSafeInteger(each)) return String(each);
    throw notValid(`the claim ${shown} is neither text nor a list of texts`);
  });
}

/** The one plain text of a claim: 1 to 128 printable characters; null where it is missing. Throws
 * `Refusal` not-authenticated. */
export function wordAt(payload: Payload, path: ClaimPath): string | null {
  const value = valueAt(payload, path);
  if (value === undefined) return null;
  if (typeof value === 'string' && isWord(value)) return value;
  throw notValid(`the claim ${path.join('.')} is no plain text of 1 to 128 characters`);
}

/** A claim that tells a time (RFC 7519, NumericDate), in milliseconds since 1970; null where it is
 * missing. Throws `Refusal` not-authenticated. */
export function timeAt(payload: Payload, name: TimeClaim): number | null {
  const value = valueAt(payload, [name]);
  if (value === undefined) return null;
  if (typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER / 1000) {
    return value * 1000;
  }
  throw notValid(`${name} is no time in seconds since 1970`);
}

/** What stands at a path, by own members only; undefined where nothing does. */
function valueAt(payload: Payload, path: ClaimPath): unknown {
  let value: unknown = payload;
  for (const step of path) {
    if (!isObject(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}

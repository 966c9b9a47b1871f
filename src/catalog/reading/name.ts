import { unreadable } from './unreadable.ts';

const longest = 255;

/** One bit for each way a character may stand in a name: 1 first, 2 later. */
const places = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  if (/[A-Za-z0-9_]/.test(character)) places[code] = 3;
  else if (/[.-]/.test(character)) places[code] = 2;
}

/**
 * Whether a text is a collection's or an alias's name as the gateway knows them:
 * `[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}`. Narrower than any database's own rule, so that no name reads
 * differently in a path, a body, a pattern of a policy or a log.
 */
export function isName(text: string): boolean {
  const length = text.length;
  if (length === 0 || length > longest) return false;
  if (placeOf(text, 0) !== 3) return false;
  for (let at = 1; at < length; at++) if (placeOf(text, at) === 0) return false;
  return true;
}

/** The grammar in words. */
export const nameRule = 'must be 1 to 255 of A-Z a-z 0-9 _ . - and begin with a letter, digit or _';

/** A refusal of a name that is outside the grammar. */
export function unnameable(value: string) {
  return unreadable(`the name ${JSON.stringify(value.slice(0, 64))} ${nameRule}`);
}

function placeOf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? (places[code] as number) : 0;
}

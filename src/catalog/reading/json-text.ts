import { unreadable } from './unreadable.ts';

const quote = 0x22;
const backslash = 0x5c;
const longest = 4096;

/**
 * The offset behind the closing quote of the string that opens at `start`, for keys and names,
 * which are short. Throws `Refusal` unreadable-request.
 */
export function endOfText(body: Uint8Array, start: number): number {
  const stop = Math.min(body.length, start + longest);
  for (let at = start + 1; at < stop; at++) {
    const byte = body[at] as number;
    if (byte === quote) return at + 1;
    if (byte === backslash) at++;
    else if (byte < 0x20) throw unreadable('a string of the body has a control character');
  }
  throw unreadable(stop === body.length ? 'the body is cut short' : 'a key or name is too long');
}

/**
 * What the string between two quotes spells, escapes undone. Throws `Refusal` unreadable-request
 * for bad escapes and lone surrogates.
 */
export function spelled(body: Buffer, start: number, end: number): string {
  const text = body.toString('utf8', start + 1, end - 1);
  return text.includes('\\') ? unescaped(text) : text;
}

/** One short string token, for which JSON.parse is exact but for lone surrogates. */
function unescaped(text: string): string {
  let value: string;
  try {
    value = JSON.parse(`"${text}"`) as string;
  } catch (cause) {
    throw unreadable('a string of the body has a bad escape', { cause });
  }
  if (!value.isWellFormed()) throw unreadable('a string of the body has a lone surrogate');
  return value;
}

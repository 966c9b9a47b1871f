import { isName, nameRule } from './name.ts';

/** What a parameter of a path may look like, and how to say so. */
export interface Grammar {
  readonly fits: (text: string) => boolean;
  readonly rule: string;
}

const largest = '18446744073709551615';

function isNumber(text: string): boolean {
  if (text.length === 0 || text.length > largest.length) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return text.length < largest.length || text <= largest;
}

/** With its four hyphens, or with none. */
function isUuid(text: string): boolean {
  const hyphens = text.length === 36;
  if (!hyphens && text.length !== 32) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const wanted = hyphens && (at === 8 || at === 13 || at === 18 || at === 23);
    if (wanted ? code !== 0x2d : !isHex(code)) return false;
  }
  return true;
}

function isHex(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x46) ||
    (code >= 0x61 && code <= 0x66)
  );
}

function isShort(text: string): boolean {
  return text.length > 0 && text.length <= 512;
}

/** The grammars of path parameters. `text` is whatever a segment may hold at all: the path reader
 * has refused slashes, backslashes, controls and percent signs already. */
export const grammars = {
  name: { fits: isName, rule: nameRule },
  text: { fits: isShort, rule: 'must be 1 to 512 characters' },
  number: { fits: isNumber, rule: 'must be an unsigned 64-bit number' },
  point: {
    fits: (text) => isNumber(text) || isUuid(text),
    rule: 'must be an unsigned 64-bit number or a UUID',
  },
} as const satisfies Record<string, Grammar>;

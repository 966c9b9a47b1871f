import type { Identity } from '../identity/identity.ts';
import type { Glob } from './glob.ts';

/** Where a pattern takes a value from the caller's claims. */
export interface Placeholder {
  readonly claim: string;
  /** The character that follows it, which a value may not contain; empty at the pattern's end. */
  readonly next: string;
}

/**
 * A collection pattern: text with `*` and `?`, and placeholders between. Parsed so that a name and
 * a pattern together leave no choice of the values: no two callers with different values share a
 * name.
 */
export interface Pattern {
  readonly text: string;
  readonly parts: readonly (string | Placeholder)[];
  /** Characters that the wildcards do not stand for, because they end a value. */
  readonly barred: string;
}

/** How many globs the values of one caller may make of one pattern; beyond it, it matches
 * nothing. */
const maxFilled = 1024;
const wildcard = /[*?]/;
const value = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/;

/** Parses a pattern. Throws `Error` with `what is wrong; what to do`. */
export function parsePattern(text: string): Pattern {
  if (text.length === 0 || text.length > 255) {
    throw new Error('a pattern has 1 to 255 characters; Shorten it, or remove it if it is empty');
  }
  const pieces = text.split(/\{([^{}]*)\}/);
  const parts: (string | Placeholder)[] = [];
  let barred = '';
  for (const [index, piece] of pieces.entries()) {
    if (index % 2 === 0) {
      parts.push(plain(piece));
      continue;
    }
    const before = pieces.slice(0, index).join('');
    const next = neighbours(pieces, index);
    parts.push({ claim: claimName(piece), next });
    barred += next;
    if (wildcard.test(before)) barred += before.at(-1);
  }
  return { text, parts: parts.filter((part) => part !== ''), barred };
}

/**
 * What a pattern means for one caller: a glob for each value of its claims, taken literally. A
 * value that is empty, outside the name grammar, or holds the character that follows makes none.
 */
export function fillPattern(pattern: Pattern, claims: Identity['claims']): readonly Glob[] {
  let texts = [''];
  for (const part of pattern.parts) {
    const values = typeof part === 'string' ? [part] : valuesOf(part, claims);
    if (texts.length * values.length > maxFilled) return [];
    texts = texts.flatMap((text) => values.map((each) => text + each));
  }
  return texts.map((text) => ({ text, barred: pattern.barred, plain: !wildcard.test(text) }));
}

function valuesOf(placeholder: Placeholder, claims: Identity['claims']): readonly string[] {
  const claimed: unknown = Object.hasOwn(claims, placeholder.claim)
    ? claims[placeholder.claim]
    : undefined;
  const list: readonly unknown[] = Array.isArray(claimed) ? claimed : [claimed];
  const { next } = placeholder;
  const usable = list.filter(
    (each) => typeof each === 'string' && value.test(each) && (next === '' || !each.includes(next)),
  );
  return [...new Set(usable as string[])];
}

function plain(piece: string): string {
  const odd = /[^A-Za-z0-9_.*?-]/.exec(piece)?.[0];
  if (odd === undefined) return piece;
  throw new Error(
    `${JSON.stringify(odd)} cannot be in a collection's name; ` +
      'Use letters, digits, _ . -, the wildcards * and ?, or {claims.NAME}',
  );
}

function claimName(inside: string): string {
  if (/^claims\.[^\s*?]+$/.test(inside)) return inside.slice('claims.'.length);
  throw new Error(`{${inside}} is not a placeholder; Write {claims.NAME}`);
}

/** The character after the placeholder at `index`, once what stands on both sides is safe. */
function neighbours(pieces: readonly string[], index: number): string {
  const before = pieces[index - 1] ?? '';
  const after = pieces[index + 1] ?? '';
  const last = index === pieces.length - 2;
  if (wildcard.test(before.slice(-1)) || wildcard.test(after.slice(0, 1))) {
    throw new Error(
      'a wildcard beside a placeholder would let a value reach those that begin or end like it; ' +
        'Put a separator between them, as in {claims.tenant}-*',
    );
  }
  if (after === '' && !last) {
    throw new Error(
      'two placeholders touch; Put a separator between them, as in {claims.a}-{claims.b}',
    );
  }
  return after.slice(0, 1);
}

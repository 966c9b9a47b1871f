import { Malformed } from './malformed.ts';
import type { Node } from './node.ts';

/** A position in a text, of which each character is a byte. */
export interface Cursor {
  readonly text: string;
  at: number;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Skips white space and gives the character that follows. */
export function peek(cursor: Cursor): string | undefined {
  const { text } = cursor;
  for (;;) {
    const code = text.charCodeAt(cursor.at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) break;
    cursor.at += 1;
  }
  return text[cursor.at];
}

/** Reads a value that holds no others: a word, a number or a string. */
export function scanScalar(cursor: Cursor): Node {
  const { text, at: start } = cursor;
  const first = text[start];
  if (first === undefined) throw new Malformed('EOF while parsing a value', start);
  if (first === '"') {
    const value = scanString(cursor);
    return { kind: 'string', text, start, end: cursor.at, value };
  }
  if (first === '-' || (first >= '0' && first <= '9')) return scanNumber(cursor);
  for (const [word, node] of words) {
    if (first !== word[0]) continue;
    scanWord(cursor, word);
    return { ...node, text, start, end: cursor.at };
  }
  throw new Malformed('expected value', start + 1);
}

const words = [
  ['null', { kind: 'null' }],
  ['true', { kind: 'boolean', value: true }],
  ['false', { kind: 'boolean', value: false }],
] as const;

function scanWord(cursor: Cursor, word: string): void {
  for (const letter of word) {
    if (cursor.at >= cursor.text.length)
      throw new Malformed('EOF while parsing a value', cursor.at);
    cursor.at += 1;
    if (cursor.text[cursor.at - 1] !== letter) throw new Malformed('expected ident', cursor.at);
  }
}

function scanNumber(cursor: Cursor): Node {
  const { text, at: start } = cursor;
  const shape = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  shape.lastIndex = start;
  const raw = shape.exec(text)?.[0];
  const next = text[start + (raw?.length ?? 0)];
  if (raw === undefined || (next !== undefined && /[\d.eE]/.test(next))) {
    throw new Malformed('invalid number', start + (raw?.length ?? 0) + 1);
  }
  cursor.at = start + raw.length;
  if (!Number.isFinite(Number(raw))) throw new Malformed('number out of range', cursor.at);
  return { kind: 'number', text, start, end: cursor.at, raw };
}

/** Reads a string from its opening quote on. */
export function scanString(cursor: Cursor): string {
  const plain = /[^"\\\0-\x1f]*/y;
  let value = '';
  cursor.at += 1;
  for (;;) {
    plain.lastIndex = cursor.at;
    const part = plain.exec(cursor.text)?.[0] ?? '';
    cursor.at += part.length;
    value += characters(part, cursor);
    const stop = cursor.text[cursor.at];
    if (stop === undefined) throw new Malformed('EOF while parsing a string', cursor.at);
    cursor.at += 1;
    if (stop === '"') return value;
    if (stop !== '\\') {
      const message = 'control character (\\u0000-\\u001F) found while parsing a string';
      throw new Malformed(message, cursor.at);
    }
    value += scanEscape(cursor);
  }
}

/** The characters of bytes, which the text of a document consists of. */
function characters(bytes: string, { at }: Cursor): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  try {
    return utf8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    throw new Malformed('invalid unicode code point', at);
  }
}

function scanEscape(cursor: Cursor): string {
  const letter = cursor.text[cursor.at];
  if (letter === undefined) throw new Malformed('EOF while parsing a string', cursor.at);
  cursor.at += 1;
  if (letter !== 'u') {
    const value = escapes[letter];
    if (value === undefined) throw new Malformed('invalid escape', cursor.at);
    return value;
  }
  const first = scanHex(cursor);
  if (first < 0xd800 || first > 0xdfff) return String.fromCharCode(first);
  if (first > 0xdbff) throw new Malformed('lone leading surrogate in hex escape', cursor.at);
  for (const letter of ['\\', 'u']) {
    cursor.at += 1;
    if (cursor.text[cursor.at - 1] === letter) continue;
    throw new Malformed('unexpected end of hex escape', cursor.at);
  }
  const second = scanHex(cursor);
  if (second < 0xdc00 || second > 0xdfff) {
    throw new Malformed('lone leading surrogate in hex escape', cursor.at);
  }
  return String.fromCharCode(first, second);
}

function scanHex(cursor: Cursor): number {
  const digits = cursor.text.slice(cursor.at, cursor.at + 4);
  cursor.at += digits.length;
  if (digits.length < 4) throw new Malformed('EOF while parsing a string', cursor.at);
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new Malformed('invalid escape', cursor.at);
  return Number.parseInt(digits, 16);
}

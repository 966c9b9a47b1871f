import { isUtf8 } from 'node:buffer';
import { unreadable } from './unreadable.ts';

/** A request target, read: an absolute path in its decoded segments, and its raw query string. */
export interface Target {
  readonly segments: readonly string[];
  /** The path with each segment encoded anew: what is judged is what is forwarded. */
  readonly path: string;
  /** What follows the question mark; empty where there is none. */
  readonly query: string;
}

const longest = 8192;
const deepest = 16;

/** 0 refused, 1 written as itself by encodeURIComponent, 2 encoded when written, 3 a percent

 * sign. */
const classes = new Uint8Array(128);
for (let code = 0x21; code < 0x7f; code++) {
  const character = String.fromCharCode(code);
  if (/[A-Za-z0-9\-_.!~*'()]/.test(character)) classes[code] = 1;
  else if (/[$&+,;=:@[\]]/.test(character)) classes[code] = 2;
  else if (character === '%') classes[code] = 3;
}

/**
 * Reads an origin-form target (RFC 9112 section 3.2.1) in the one way that every reader shares: no
 * empty or dot segments, one percent-decoding per segment, no encoded slash, backslash, control or
 * percent sign, valid UTF-8, no fragment. Throws `Refusal` unreadable-request.
 */
export function readTarget(target: string): Target {
  if (target.length > longest) throw unreadable('the target is too long', { http: 414 });
  if (target.charCodeAt(0) !== 0x2f) throw unreadable('the target must be an absolute path');
  const mark = target.indexOf('?');
  const end = mark === -1 ? target.length : mark;
  const query = mark === -1 ? '' : target.slice(mark + 1);
  if (mark !== -1 && query === '') throw unreadable('the query string is empty');
  if (end === 1) return { segments: [], path: '/', query };
  const segments: string[] = [];
  let plain = true;
  for (let at = 1; at <= end; ) {
    const next = segmentEnd(target, at, end);
    if (segments.length === deepest) throw unreadable('the path has too many segments');
    const raw = target.slice(at, next);
    const kind = kindOf(raw);
    if (kind > 1) plain = false;
    segments.push(kind === 3 ? decoded(raw) : raw);
    at = next + 1;
  }
  const path = plain ? target.slice(0, end) : `/${segments.map(encodeURIComponent).join('/')}`;
  return { segments, path, query };
}

function segmentEnd(target: string, from: number, end: number): number {
  const slash = target.indexOf('/', from);
  return slash === -1 || slash > end ? end : slash;
}

/** The highest class of a segment's characters. */
function kindOf(raw: string): number {
  if (raw === '') throw unreadable('the path has an empty segment');
  if (raw === '.' || raw === '..') throw unreadable('the path has a dot segment');
  let kind = 1;
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    const found = code < 128 ? (classes[code] as number) : 0;
    if (found === 0) throw unreadable('the path has a character that must be percent-encoded');
    if (found > kind) kind = found;
  }
  return kind;
}

function decoded(raw: string): string {
  const bytes = Buffer.allocUnsafe(raw.length);
  let length = 0;
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    if (code !== 0x25) bytes[length++] = code;
    else {
      bytes[length++] = escaped(raw, at);
      at += 2;
    }
  }
  const value = bytes.subarray(0, length);
  if (!isUtf8(value)) throw unreadable('the path is not valid UTF-8');
  const text = value.toString('utf8');
  if (text === '.' || text === '..') throw unreadable('the path has a dot segment');
  return text;
}

/** One `%XX`. What would mean something to another reader may not be spelled so. */
function escaped(raw: string, at: number): number {
  const high = digit(raw, at + 1);
  const low = digit(raw, at + 2);
  if (high === -1 || low === -1) throw unreadable('the path has a bad percent-encoding');
  const byte = high * 16 + low;
  if (byte === 0x2f || byte === 0x5c) throw unreadable('the path has an encoded slash');
  if (byte === 0x25) throw unreadable('the path is encoded twice');
  if (byte < 0x20 || byte === 0x7f) throw unreadable('the path has an encoded control character');
  return byte;
}

function digit(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x41 && code <= 0x46) return code - 0x37;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  return -1;
}

import { unreadable } from './unreadable.ts';

/** A place in a message, moved by reading. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/**
 * A varint of at most 32 bits, as tags and lengths are. Throws `Refusal` unreadable-request where
 * it is larger, cut short, or longer than ten bytes.
 */
export function readVarint(cursor: Cursor, end: number): number {
  let value = 0;
  let scale = 1;
  for (let count = 0; count < 10; count++) {
    if (cursor.at >= end) throw unreadable('the message is cut short');
    const byte = cursor.bytes[cursor.at++] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      if (value > 0xffffffff) throw unreadable('a tag or length of the message is too large');
      return value;
    }
    scale *= 128;
  }
  throw unreadable('a number of the message is too long');
}

/** Passes over a value of this wire type. Throws `Refusal` unreadable-request, for groups too. */
export function skipValue(cursor: Cursor, wire: number, end: number): void {
  if (wire === 0) skipVarint(cursor, end);
  else if (wire === 1) cursor.at += 8;
  else if (wire === 2) skipLength(cursor, end);
  else if (wire === 5) cursor.at += 4;
  else throw unreadable('the message has a group or an unknown wire type');
  if (cursor.at > end) throw unreadable('the message is cut short');
}

function skipLength(cursor: Cursor, end: number): void {
  const length = readVarint(cursor, end);
  cursor.at += length;
}

function skipVarint(cursor: Cursor, end: number): void {
  for (let count = 0; count < 10 && cursor.at < end; count++) {
    if ((cursor.bytes[cursor.at++] as number) < 0x80) return;
  }
  throw unreadable('a number of the message is cut short or too long');
}

/** A number below 2³² as a varint. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

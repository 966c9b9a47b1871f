import { unreadable } from './unreadable.ts';
import { readVarint, skipValue } from './wire.ts';

/** The value of a field: a number, or the bytes of whatever has a length. */
export type FieldValue = number | Buffer;

/** The fields of one message, by number. */
export type Fields = ReadonlyMap<number, readonly FieldValue[]>;

/**
 * Reads a whole message of at most `most` fields, each of which costs far more than it takes to
 * send. Throws `Refusal` unreadable-request where there are more, or it is cut short.
 */
export function fieldsOf(bytes: Buffer, most: number): Fields {
  const fields = new Map<number, FieldValue[]>();
  const cursor = { bytes, at: 0 };
  for (let left = most; cursor.at < bytes.length; left--) {
    if (left === 0) throw unreadable('the message is in too many pieces');
    const tag = readVarint(cursor, bytes.length);
    const start = cursor.at;
    skipValue(cursor, tag % 8, bytes.length);
    const value = tag % 8 === 2 ? contentOf(bytes, start, cursor.at) : numberAt(bytes, start);
    const number = Math.floor(tag / 8);
    const known = fields.get(number);
    if (known) known.push(value);
    else fields.set(number, [value]);
  }
  return fields;
}

/** The bytes of a value that has a length. Throws `Refusal` unreadable-request for a number. */
export function bytesOf(value: FieldValue): Buffer {
  if (typeof value !== 'number') return value;
  throw unreadable('a field of the request has a wrong wire type');
}

function contentOf(bytes: Buffer, start: number, end: number): Buffer {
  const cursor = { bytes, at: start };
  readVarint(cursor, end);
  return bytes.subarray(cursor.at, end);
}

/** A varint of 64 bits, as near as a number can be: what is larger than any limit stays so. */
function numberAt(bytes: Buffer, start: number): number {
  let value = 0;
  let scale = 1;
  for (let at = start; at < bytes.length; at++, scale *= 128) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  return value;
}

import { type Cursor, readVarint, skipValue, varint } from './wire.ts';

/** A field that has a length: a text, bytes or a message. */
export function delimited(number: number, content: Uint8Array | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

/** What a field of a message becomes; null: it stays. `value`: its bytes, without their length. */
export type Instead = (number: number, value: Buffer) => Uint8Array | null;

/** A message with some of its fields written anew. It has been read strictly before. */
export function rewritten(message: Buffer, instead: Instead): Buffer {
  const pieces: Uint8Array[] = [];
  const cursor: Cursor = { bytes: message, at: 0 };
  while (cursor.at < message.length) {
    const start = cursor.at;
    const tag = readVarint(cursor, message.length);
    const value = { bytes: message, at: cursor.at };
    skipValue(cursor, tag % 8, message.length);
    if (tag % 8 === 2) readVarint(value, message.length);
    const written = instead(Math.floor(tag / 8), message.subarray(value.at, cursor.at));
    pieces.push(written ?? message.subarray(start, cursor.at));
  }
  return Buffer.concat(pieces);
}

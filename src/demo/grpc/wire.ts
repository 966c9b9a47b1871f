/** Bytes that are not the message they should be. */
export class BrokenMessage extends Error {
  override readonly name = 'BrokenMessage';
  readonly reason: string;
  /** The fields that lead to the error, `Message.field`, the outermost first. */
  readonly path: readonly string[];
  constructor(reason: string, path: readonly string[] = []) {
    super(`failed to decode Protobuf message: ${[...path, reason].join(': ')}`);
    this.reason = reason;
    this.path = path;
  }
}

/** A position in a message's bytes. */
export interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

const wireTypes = [
  'Varint',
  'SixtyFourBit',
  'LengthDelimited',
  'StartGroup',
  'EndGroup',
  'ThirtyTwoBit',
] as const;

/** The name of a wire type. */
export type WireType = (typeof wireTypes)[number];

/** Readers of the parts that messages consist of. */
export const read = { varint: readVarint, bytes: readBytes, key: readKey };

/** Reads a varint of up to 64 bits. */
function readVarint(cursor: Cursor): bigint | number {
  const { bytes } = cursor;
  let low = 0;
  for (let count = 0; count < 4; count++) {
    const byte = byteAt(bytes, cursor.at++);
    low += (byte & 0x7f) * 2 ** (7 * count);
    if (byte < 0x80) return low;
  }
  let value = BigInt(low);
  for (let count = 4; count < 10; count++) {
    const byte = byteAt(bytes, cursor.at++);
    if (count === 9 && byte > 1) break;
    value |= BigInt(byte & 0x7f) << BigInt(7 * count);
    if (byte < 0x80) return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }
  throw new BrokenMessage('invalid varint');
}

/** Reads so many bytes. */
function readBytes(cursor: Cursor, length: number): Buffer {
  const { bytes, at } = cursor;
  if (length > bytes.length - at) throw new BrokenMessage('buffer underflow');
  cursor.at += length;
  return bytes.subarray(at, at + length);
}

/** Reads a field's number and wire type. */
function readKey(cursor: Cursor): { readonly number: number; readonly wire: WireType } {
  const key = readVarint(cursor);
  if (key > 0xffff_ffff) throw new BrokenMessage(`invalid key value: ${key}`);
  const wire = wireTypes[Number(key) & 7];
  if (!wire) throw new BrokenMessage(`invalid wire type value: ${Number(key) & 7}`);
  const number = Math.floor(Number(key) / 8);
  if (number === 0) throw new BrokenMessage('invalid tag value: 0');
  return { number, wire };
}

/** Goes over a field that is not known, with the groups in it. */
export function skipField(cursor: Cursor, wire: WireType, number: number, depth: number): void {
  if (depth <= 0) throw new BrokenMessage('recursion limit reached');
  if (wire === 'Varint') readVarint(cursor);
  else if (wire === 'SixtyFourBit') readBytes(cursor, 8);
  else if (wire === 'ThirtyTwoBit') readBytes(cursor, 4);
  else if (wire === 'LengthDelimited') readBytes(cursor, Number(readVarint(cursor)));
  else if (wire === 'EndGroup') throw new BrokenMessage('unexpected end group tag');
  else {
    for (;;) {
      const inner = readKey(cursor);
      if (inner.wire !== 'EndGroup') skipField(cursor, inner.wire, inner.number, depth - 1);
      else if (inner.number === number) return;
      else throw new BrokenMessage('unexpected end group tag');
    }
  }
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new BrokenMessage('invalid varint');
  return byte;
}

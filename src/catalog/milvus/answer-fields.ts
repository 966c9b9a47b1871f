import { type Cursor, readVarint, skipValue } from '../reading/wire.ts';

/** One field of a message that Milvus answers with: of a number its digits, else its bytes. */
export interface AnswerField {
  readonly number: number;
  readonly value: bigint | Buffer;
}

/**
 * The fields of one message that Milvus answers with, in their order, packed numbers one by one as
 * bytes; those of a fixed length are left out, as nothing that the gateway asks for has any.
 * Throws `Refusal` unreadable-request where it is no message.
 */
export function answerFields(message: Buffer): AnswerField[] {
  const cursor: Cursor = { bytes: message, at: 0 };
  const fields: AnswerField[] = [];
  while (cursor.at < message.length) {
    const tag = readVarint(cursor, message.length);
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    const start = cursor.at;
    skipValue(cursor, wire, message.length);
    if (wire === 0) fields.push({ number, value: numberIn(message, { at: start }) });
    else if (wire === 2) fields.push({ number, value: contentOf(message, start) });
  }
  return fields;
}

/** What the status of an answer says, its field 1: 0 where it succeeded; of older ones their own
 * code. */
export function statusIn(fields: readonly AnswerField[]): bigint {
  const status = fields.find(({ number }) => number === 1)?.value;
  const told = Buffer.isBuffer(status) ? answerFields(status) : [];
  const numberAt = (wanted: number) => told.find(({ number }) => number === wanted)?.value ?? 0n;
  const [code, older] = [numberAt(3), numberAt(1)];
  if (typeof code === 'bigint' && code !== 0n) return code;
  return typeof older === 'bigint' ? older : 0n;
}

/** The varints of a packed field, each 64 bits, signed. */
export function packedNumbers(packed: Buffer): bigint[] {
  const numbers: bigint[] = [];
  for (const place = { at: 0 }; place.at < packed.length; ) numbers.push(numberIn(packed, place));
  return numbers;
}

function contentOf(message: Buffer, start: number): Buffer {
  const cursor: Cursor = { bytes: message, at: start };
  const length = readVarint(cursor, message.length);
  return message.subarray(cursor.at, cursor.at + length);
}

function numberIn(bytes: Buffer, place: { at: number }): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = bytes[place.at++] ?? 0;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return BigInt.asIntN(64, value);
}

import { readVarint, skipValue } from '../reading/wire.ts';

/** One field of an answer, as it stands there. */
export interface AnswerField {
  readonly number: number;
  readonly wire: number;
  /** With its tag. */
  readonly bytes: Buffer;
  /** The value alone, without its length. */
  readonly content: Buffer;
}

/** The fields of one message, in their order. Throws where it is malformed. */
export function fieldsOf(message: Buffer): readonly AnswerField[] {
  const fields: AnswerField[] = [];
  const cursor = { bytes: message, at: 0 };
  while (cursor.at < message.length) {
    const start = cursor.at;
    const tag = readVarint(cursor, message.length);
    const inner = { bytes: message, at: cursor.at };
    const wire = tag % 8;
    skipValue(cursor, wire, message.length);
    if (wire === 2) readVarint(inner, message.length);
    const [bytes, content] = [
      message.subarray(start, cursor.at),
      message.subarray(inner.at, cursor.at),
    ];
    fields.push({ number: Math.floor(tag / 8), wire, bytes, content });
  }
  return fields;
}

/** The strings of one field. */
export function textsIn(fields: readonly AnswerField[], number: number): readonly string[] {
  return fields
    .filter((field) => field.number === number)
    .map(({ content }) => content.toString('utf8'));
}

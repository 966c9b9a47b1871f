import type { AnswerField } from './answer-message.ts';

/** The varints of one field, packed or not, as they stand there. */
export function varintsIn(fields: readonly AnswerField[], number: number): readonly Buffer[] {
  const values: Buffer[] = [];
  for (const { number: own, content } of fields) {
    if (own !== number) continue;
    for (let start = 0, at = 0; at < content.length; at++) {
      if ((content[at] as number) >= 0x80) continue;
      values.push(content.subarray(start, at + 1));
      start = at + 1;
    }
  }
  return values;
}

/** The same as numbers: each 64 bits, signed. */
export function numbersIn(fields: readonly AnswerField[], number: number): readonly bigint[] {
  return varintsIn(fields, number).map(numberOf);
}

/** What a varint says: 64 bits, signed. */
export function numberOf(varint: Buffer): bigint {
  let value = 0n;
  for (const [at, byte] of varint.subarray(0, 10).entries()) {
    value |= BigInt(byte & 0x7f) << BigInt(7 * at);
  }
  return BigInt.asIntN(64, value);
}

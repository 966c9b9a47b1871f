import { varint } from '../reading/wire.ts';
import { delimited } from '../reading/write.ts';
import { type AnswerField, fieldsOf } from './answer-message.ts';
import { numbersIn } from './answer-numbers.ts';

/** The Status (common.proto) in field 1 of an answer; empty where it says success by saying
 * nothing. */
export function statusIn(answer: readonly AnswerField[]): Buffer {
  return answer.find(({ number }) => number === 1)?.content ?? Buffer.alloc(0);
}

/** What a Status says: its code (3), of older ones their error_code (1); 0 for success. */
export function codeOf(status: Buffer): bigint {
  const fields = fieldsOf(status);
  const codes = [3, 1].flatMap((number) => numbersIn(fields, number));
  return codes.find((code) => code !== 0n) ?? 0n;
}

/** UnexpectedError, and the code of an error that has none of its own. */
const unexpected = { older: 1, code: 65535 };

/** A Status that says why something failed. */
export function failure(reason: string): Buffer {
  return Buffer.concat([
    ...[varint(8), varint(unexpected.older)],
    delimited(2, reason),
    ...[varint(24), varint(unexpected.code)],
  ]);
}

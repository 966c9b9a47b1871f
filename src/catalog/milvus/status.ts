import { varint } from '../reading/wire.ts';
import { delimited } from '../reading/write.ts';
import { fieldsOf, varintsIn } from './answer-message.ts';

/** The Status (common.proto) in field 1 of an answer; empty where it says success by saying
 * nothing. */
export function statusIn(answer: Buffer): Buffer {
  return fieldsOf(answer).find(({ number }) => number === 1)?.content ?? Buffer.alloc(0);
}

/** Whether a Status says success: neither its error_code (1) nor its code (3) is set. */
export function isSuccess(status: Buffer): boolean {
  const fields = fieldsOf(status);
  const codes = [1, 3].flatMap((number) => varintsIn(fields, number));
  return codes.every((code) => code.length === 1 && code[0] === 0);
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

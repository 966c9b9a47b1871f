import { Refusal } from '../refusal.ts';

const prefixBytes = 5;

/** One gRPC message with its prefix: not compressed, four bytes of length. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixBytes);
  return frame;
}

/** The one message of a whole answer. Throws `Refusal` gateway-fault where it is not plain or not
 * alone. */
export function unframed(answer: Buffer): Buffer {
  const alone = answer.length >= prefixBytes && answer[0] === 0;
  if (alone && answer.readUInt32BE(1) === answer.length - prefixBytes) {
    return answer.subarray(prefixBytes);
  }
  throw new Refusal('gateway-fault', 'the database answered with other than one plain message');
}

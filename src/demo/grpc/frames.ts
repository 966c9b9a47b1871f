import { BrokenGzip, inflateFirst } from '../inflate.ts';
import { Status } from './status.ts';

const sending = 'while sending request';

/** The messages that a request's bytes are framed into, inflated where they say so. */
export function* messagesOf(bytes: Buffer, encoding: string | undefined): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const flag = bytes[at] ?? 0;
    if (bytes.length - at < 5) throw new Status(13, 'Unexpected EOF decoding stream.');
    checkFlag(flag, encoding);
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    if (end > bytes.length) throw new Status(13, 'Unexpected EOF decoding stream.');
    const message = bytes.subarray(at + 5, end);
    yield flag === 1 ? inflated(message) : message;
    at = end;
  }
}

/** A message in its frame. */
export function framed(message: Buffer, compressed: boolean): Buffer {
  const head = Buffer.alloc(5);
  head[0] = compressed ? 1 : 0;
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function checkFlag(flag: number, encoding: string | undefined): void {
  if (flag > 1) {
    const valid = '(valid flags are 0 and 1)';
    const message = `received message with invalid compression flag: ${flag} ${valid}`;
    throw new Status(13, `protocol error: ${message}, ${sending}`);
  }
  if (flag === 1 && encoding !== 'gzip') {
    const message = 'received message with compressed-flag but no grpc-encoding was specified';
    throw new Status(13, `protocol error: ${message}`);
  }
}

function inflated(message: Buffer): Buffer {
  try {
    return inflateFirst(message);
  } catch (error) {
    if (!(error instanceof BrokenGzip)) throw error;
    throw new Status(13, `Error decompressing: ${error.message}, ${sending}`);
  }
}

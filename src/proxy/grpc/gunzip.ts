import { crc32, inflateRaw, inflateRawSync } from 'node:zlib';
import { Refusal } from '../../refusal.ts';

const headerBytes = 10;
const trailerBytes = 8;
/** What is larger, before or after, is inflated off the loop. */
const atOnce = 1024 * 1024;

/** What zlib gives with `info`, which its types do not know. */
interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** The length that a gzip member claims for its content, in bytes. Throws `Refusal` likewise. */
export function inflatedLength(member: Buffer): number {
  if (member.length < headerBytes + trailerBytes) throw unreadable('too short for gzip');
  return member.readUInt32LE(member.length - 4);
}

/**
 * Inflates a message that is exactly one gzip member (RFC 1952, without the optional header fields
 * no client of ours sends): one database reads only the first of several, another reads on, so
 * that whoever reads a second would judge what is not served. Never gives more than the member
 * claims. Throws or rejects with `Refusal` unreadable-request.
 */
export function gunzip(member: Buffer): Buffer | Promise<Buffer> {
  const length = inflatedLength(member);
  if (member.readUInt32LE(0) !== 0x00088b1f) throw unreadable('no plain gzip header');
  const deflated = member.subarray(headerBytes, member.length - trailerBytes);
  const options = { maxOutputLength: Math.max(length, 1), info: true };
  const check = (told: unknown) => checked(told as Inflated, member, deflated.length);
  if (member.length <= atOnce && length <= atOnce) {
    try {
      return check(inflateRawSync(deflated, options));
    } catch (error) {
      throw asRefusal(error);
    }
  }
  return new Promise((resolve, reject) => {
    inflateRaw(deflated, options, (error, told) => {
      try {
        if (error) throw error;
        resolve(check(told));
      } catch (cause) {
        reject(asRefusal(cause));
      }
    });
  });
}

function checked({ buffer, engine }: Inflated, member: Buffer, deflated: number): Buffer {
  if (engine.bytesWritten !== deflated) throw unreadable('more than one gzip member');
  if (buffer.length !== inflatedLength(member)) throw unreadable('gzip tells another length');
  if (crc32(buffer) !== member.readUInt32LE(member.length - trailerBytes)) {
    throw unreadable('the gzip checksum is wrong');
  }
  return buffer;
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal('unreadable-request', 'the message does not inflate', { cause: error });
}

function unreadable(reason: string): Refusal {
  return new Refusal('unreadable-request', reason);
}

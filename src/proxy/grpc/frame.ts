import { Refusal } from '../../refusal.ts';

const prefixBytes = 5;

/**
 * Takes one length-prefixed message apart (gRPC over HTTP2, "Length-Prefixed-Message"). A unary
 * call carries exactly one: readers differ on what they do with none, with two, or with what is
 * left over.
 */
export class Frame {
  readonly #gzip: boolean;
  readonly #prefix = Buffer.allocUnsafe(prefixBytes);
  #prefixed = 0;
  #left = 0;
  /** The length the message claims; null before its prefix has come. */
  length: number | null = null;
  compressed = false;

  /** `gzip`: whether the message may be compressed. */
  constructor(gzip: boolean) {
    this.#gzip = gzip;
  }

  /** The part of a chunk that is message. Throws `Refusal` unreadable-request. */
  accept(chunk: Buffer): Buffer {
    const message = this.length === null ? this.#begin(chunk) : chunk;
    if (message.length > this.#left) throw unreadable('bytes after the one message');
    this.#left -= message.length;
    return message;
  }

  /** Every byte has come. Throws `Refusal` unreadable-request. */
  done(): void {
    if (this.length === null) throw unreadable('no whole message');
    if (this.#left > 0) throw unreadable('the message is shorter than it claims');
  }

  #begin(chunk: Buffer): Buffer {
    const taken = chunk.copy(this.#prefix, this.#prefixed, 0, prefixBytes - this.#prefixed);
    this.#prefixed += taken;
    if (this.#prefixed < prefixBytes) return chunk.subarray(taken);
    const flag = this.#prefix[0] as number;
    if (flag > 1) throw unreadable('an unknown message flag');
    if (flag === 1 && !this.#gzip) throw unreadable('a compressed message without an encoding');
    this.compressed = flag === 1;
    this.length = this.#left = this.#prefix.readUInt32BE(1);
    return chunk.subarray(taken);
  }
}

function unreadable(reason: string): Refusal {
  return new Refusal('unreadable-request', reason);
}

import type { Readable } from 'node:stream';
import { Refusal } from '../../refusal.ts';
import type { Body } from '../exchange.ts';
import { Gathered, type Room } from '../gather.ts';
import type { Incoming } from '../incoming.ts';
import { Passage } from '../passage.ts';
import { Frame } from './frame.ts';
import { gunzip, inflatedLength } from './gunzip.ts';

/** The body of a unary call: one message. */
export class CallBody implements Body {
  readonly declared: number | null;
  readonly #incoming: Incoming;
  readonly #gzip: boolean;

  /** `gzip`: whether the message may be compressed. */
  constructor(incoming: Incoming, declared: number | null, gzip: boolean) {
    this.#incoming = incoming;
    this.declared = declared;
    this.#gzip = gzip;
  }

  get received(): number {
    return this.#incoming.received;
  }

  hold(cap: number, grow: (bytes: number) => void): Promise<Buffer> {
    const frame = new Frame(this.#gzip);
    const room = { cap, grow };
    let gathered: Gathered | null = null;
    return new Promise((resolve, reject) => {
      const accept = (chunk: Buffer) => {
        const message = frame.accept(chunk);
        if (gathered === null && frame.length !== null) gathered = new Gathered(room, frame.length);
        if (message.length > 0) gathered?.push(message);
        return true;
      };
      const done = () => {
        frame.done();
        const message = gathered?.take() ?? Buffer.alloc(0);
        resolve(frame.compressed ? inflate(message, room) : message);
      };
      if (this.#incoming.whole)
        reject(new Refusal('unreadable-request', 'a call without a message'));
      else this.#incoming.read({ accept, done, failed: reject }, true);
    });
  }

  /** The one message as it stands on the wire, prefix and all; it may not be compressed. */
  stream(tap: (chunk: Buffer) => void): Readable {
    const frame = new Frame(false);
    const check = (chunk: Buffer) => {
      frame.accept(chunk);
      tap(chunk);
    };
    return new Passage(this.#incoming, check, () => frame.done());
  }

  discard(): void {
    this.#incoming.stop();
  }
}

function inflate(member: Buffer, { cap, grow }: Room): Buffer | Promise<Buffer> {
  const length = inflatedLength(member);
  if (length > cap) throw new Refusal('too-large', `the message inflates past ${cap} bytes`);
  grow(member.length + length);
  return gunzip(member);
}

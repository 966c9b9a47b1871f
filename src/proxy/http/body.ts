import type { Readable } from 'node:stream';
import { Refusal } from '../../refusal.ts';
import type { Body } from '../exchange.ts';
import { Gathered } from '../gather.ts';
import type { Incoming } from '../incoming.ts';
import { Passage } from '../passage.ts';

const nothing = Buffer.alloc(0);

/** The body of a REST request: bytes, as long as its head says or until it ends. */
export class HttpBody implements Body {
  readonly declared: number | null;
  readonly #incoming: Incoming;

  constructor(incoming: Incoming, declared: number | null) {
    this.#incoming = incoming;
    this.declared = declared;
  }

  get received(): number {
    return this.#incoming.received;
  }

  hold(cap: number, grow: (bytes: number) => void): Buffer | Promise<Buffer> {
    if (this.declared === 0) return nothing;
    const gathered = new Gathered({ cap, grow }, this.declared);
    return new Promise((resolve, reject) => {
      const accept = (chunk: Buffer) => {
        gathered.push(chunk);
        return true;
      };
      const done = () => resolve(checked(gathered.take(), this.declared));
      this.#incoming.read({ accept, done, failed: reject }, true);
    });
  }

  stream(tap: (chunk: Buffer) => void): Readable {
    return new Passage(this.#incoming, tap);
  }

  discard(): void {
    this.#incoming.stop();
  }
}

function checked(body: Buffer, declared: number | null): Buffer {
  if (declared === null || body.length === declared) return body;
  throw new Refusal('unreadable-request', `${body.length} bytes came where ${declared} were told`);
}

import type { Protocol } from '../catalog/operation.ts';
import type { Refusal } from '../refusal.ts';
import type { Peer } from '../tls/peer.ts';
import type { AnswerWriter, Body, Exchange } from './exchange.ts';
import { oneField } from './fields.ts';
import { parentOf, traceOf } from './parent.ts';
import { makeRequestId } from './request-id.ts';

/** The head of a request as it was read from the wire. */
export interface ReceivedHead {
  readonly protocol: Protocol;
  readonly method: string;
  readonly target: string;
  /** Name (lower-cased), value, name, value… */
  readonly fields: readonly string[];
  readonly deadline: number | null;
  readonly objection: Refusal | null;
}

/** One request as it came, whichever wire it came over. */
export class Received implements Exchange {
  readonly id = makeRequestId();
  readonly startedAt = performance.now();
  readonly peer: Peer;
  readonly protocol: Protocol;
  readonly method: string;
  readonly target: string;
  readonly deadline: number | null;
  readonly objection: Refusal | null;
  readonly body: Body;
  readonly answer: AnswerWriter;
  readonly #fields: readonly string[];

  constructor(head: ReceivedHead, peer: Peer, body: Body, answer: AnswerWriter) {
    this.peer = peer;
    this.protocol = head.protocol;
    this.method = head.method;
    this.target = head.target;
    this.deadline = head.deadline;
    this.objection = head.objection;
    this.#fields = head.fields;
    this.body = body;
    this.answer = answer;
  }

  get parent(): string | null {
    return parentOf(this);
  }

  get traceparent(): string | null {
    return traceOf(this);
  }

  field(name: string): string | undefined {
    return oneField(this.#fields, name);
  }
}

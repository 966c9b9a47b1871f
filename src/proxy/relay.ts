import type { Trail } from '../audit/trail.ts';
import type { Counter, Operation, Protocol } from '../catalog/operation.ts';
import type { Usage } from '../limits/lease.ts';
import type { Permit } from '../policy/permit.ts';
import { Refusal } from '../refusal.ts';
import type { Exchange } from './exchange.ts';
import type { Forwarder, InFlight, Sink, UpstreamRequest } from './forwarder.ts';
import { framed, unframed } from './message-frame.ts';
import { tell } from './refuse.ts';
import type { Upstream } from './upstream.ts';
import { denialOfUs } from './upstream-denial.ts';

/** How much of an answer is held for trimming, in bytes. */
const trimCap = 64 * 1024 * 1024;

/** What an export carries of its collection, in parts of 10,000. */
const wholeCollection = 10_000;

/** What an exchange holds while it is under way. */
interface Held {
  readonly trail: Trail;
  readonly usage: Usage;
}

/**
 * One answer on its way from the database to the caller. Bytes pass as they come, with
 * back-pressure, save where the row trims the answer (it is held whole) or the operation changes
 * the database: then the last chunk waits until the outcome is recorded, so that no caller takes a
 * change for done that the log does not know.
 */
export class Relay implements Sink {
  readonly #exchange: Exchange;
  readonly #upstream: Upstream;
  readonly #permit: Permit;
  readonly #operation: Operation;
  readonly #trail: Trail;
  readonly #counters: Counters;
  readonly #usage: Usage;
  /** What was charged of the counters already. */
  readonly #charged = { work: 1, out: 0 };
  readonly #startedAt = performance.now();
  readonly #done = Promise.withResolvers<void>();
  #resend: (() => InFlight) | null = null;
  /** Whether the request, once sent, is seen to its end though the caller has gone: what names mean
   * is not known before. */
  #outlives = false;
  #flight: InFlight | null = null;
  #attempts = 0;
  #status: number | null = null;
  #fields: readonly string[] = [];
  /** Chunks of an answer that goes out at once: to be trimmed, or a status alone. */
  #whole: Buffer[] | null = null;
  /** What the database says of the answer's length. */
  #length: number | null = null;
  /** The chunk that goes out with the end: the last one of a change's answer, or of one whose
   * length tells that it is the last. */
  #last: Buffer | null = null;
  #bytesOut = 0;
  #ended = false;

  constructor(exchange: Exchange, upstream: Upstream, permit: Permit, { trail, usage }: Held) {
    const { operation } = permit.intent;
    this.#exchange = exchange;
    this.#upstream = upstream;
    this.#permit = permit;
    this.#operation = operation;
    this.#trail = trail;
    this.#usage = usage;
    this.#counters = countersOf(permit, exchange.protocol);
  }

  /** Sends the request; resolves when the exchange has ended, whichever way. */
  run(forwarder: Forwarder, request: UpstreamRequest): Promise<void> {
    const replayable = request.body === null || request.body instanceof Uint8Array;
    const send = () => forwarder.send(request, this);
    this.#resend = replayable && !this.#operation.changes ? send : null;
    this.#outlives = replayable && this.#operation.renames;
    if (this.#exchange.answer.gone) {
      this.#gone();
      return this.#done.promise;
    }
    this.#exchange.answer.onGone(() => this.#gone());
    this.#exchange.answer.onDrain(() => this.#flight?.resume());
    this.#attempts = 1;
    this.#flight = send();
    return this.#done.promise;
  }

  /** Sees a chunk of a streamed request body as it passes. */
  sent(chunk: Buffer): void {
    const { points, work } = this.#counters;
    points?.push(chunk);
    if (work === null) return;
    if (work !== points) work.push(chunk);
    this.#usage.charge('requests', work.points - this.#charged.work);
    this.#charged.work = Math.max(work.points, this.#charged.work);
  }

  head(status: number, fields: readonly string[], length: number | null): void {
    if (this.#ended) return;
    this.#status = status;
    this.#fields = fields;
    this.#length = length;
    const told = fieldOf(fields, 'grpc-status');
    if (status === 401 || told === '16') return this.#refuseOurselves();
    const denial = denialOfUs(this.#permit.intent, status, told);
    if (denial) return this.#instead(denial);
    const trailersOnly = told !== undefined;
    if (status < 400 && !trailersOnly && isExport(this.#permit)) {
      this.#usage.charge('sweep', wholeCollection);
    }
    if (trailersOnly || (this.#operation.trim && status < 400)) this.#whole = [];
    else if (!this.#exchange.answer.gone) this.#begin(status, length);
  }

  /** The database asks who we are: the caller has shown us who it is, and is not to be told
   * otherwise. */
  #refuseOurselves(): void {
    const reason = "the database does not take the gateway's own credential";
    this.#instead(new Refusal('upstream-unreachable', reason));
  }

  #instead(refusal: Refusal): void {
    this.#flight?.abort();
    this.#break(refusal);
  }

  /** What the edge cannot write ends this exchange, and not the process. */
  #begin(status: number, length: number | null): void {
    try {
      this.#exchange.answer.head(status, this.#answerFields(), length);
    } catch (error) {
      this.#flight?.abort();
      this.#break(asFault(error));
    }
  }

  data(chunk: Buffer): boolean {
    if (this.#ended) return true;
    this.#bytesOut += chunk.length;
    this.#usage.charge('bytes', chunk.length);
    if (this.#outlives && this.#exchange.answer.gone) return true;
    this.#countOut(chunk);
    if (this.#whole) return this.#collect(this.#whole, chunk);
    const waits = this.#operation.changes || this.#bytesOut === this.#length;
    if (!waits) return this.#exchange.answer.write(chunk);
    const before = this.#last;
    this.#last = chunk;
    return before === null || this.#exchange.answer.write(before);
  }

  #countOut(chunk: Buffer): void {
    const { out } = this.#counters;
    if (out === null) return;
    out.push(chunk);
    this.#usage.charge('points', out.points - this.#charged.out);
    this.#charged.out = out.points;
  }

  end(told: readonly string[]): void {
    if (this.#ended) return;
    const trailers = this.#permitted(told);
    const status = this.#finalStatus(trailers);
    let trimmed: Uint8Array | null = null;
    try {
      if (this.#whole) trimmed = this.#trim(this.#whole, status);
    } catch (error) {
      return this.#break(asFault(error));
    }
    this.#ended = true;
    const failure = this.#exchange.answer.gone ? 'client-gone' : undefined;
    this.#record(status, failure, () => {
      let fault: Refusal | null = null;
      try {
        this.#deliver(trailers, trimmed);
      } catch (error) {
        fault = asFault(error);
        this.#exchange.answer.reset();
      }
      this.#pass('allow', status, fault);
    });
  }

  /** Trailers that deny what the gateway itself asked, in its own words: the head has gone out. */
  #permitted(trailers: readonly string[]): readonly string[] {
    const code = fieldOf(trailers, 'grpc-status');
    const denial = code === undefined ? null : denialOfUs(this.#permit.intent, 200, code);
    if (denial === null) return trailers;
    const { fields } = this.#upstream.database.writeRefusal('grpc', denial);
    const message = fieldOf(fields, 'grpc-message') ?? '';
    return ['grpc-status', String(denial.grpc), 'grpc-message', message];
  }

  fail(error: Error, unsent: boolean): void {
    if (this.#ended) return;
    if (unsent && this.#attempts === 1 && this.#resend) this.#again(this.#resend);
    else this.#break(error instanceof Refusal ? error : unreachable(error));
  }

  /** One more try of what provably did not reach the database, recorded before it is made. */
  #again(resend: () => InFlight): void {
    this.#attempts = 2;
    const send = () => {
      if (!this.#ended) this.#flight = resend();
    };
    try {
      const recorded = this.#trail.attempt(2);
      if (recorded instanceof Promise) recorded.then(send, (e) => this.#break(asFault(e)));
      else send();
    } catch (error) {
      this.#break(asFault(error));
    }
  }

  #collect(whole: Buffer[], chunk: Buffer): boolean {
    whole.push(chunk);
    if (this.#bytesOut > trimCap) {
      this.#flight?.abort();
      this.#break(new Refusal('gateway-fault', 'the answer is too large to be trimmed'));
    }
    return true;
  }

  /** The answer without what the caller may not list, framed as it came. A call that failed has
   * none. */
  #trim(whole: Buffer[], status: number | null): Uint8Array {
    const answer = Buffer.concat(whole);
    const { trim } = this.#operation;
    if (!trim) return answer;
    const { protocol } = this.#exchange;
    const { grants, intent } = this.#permit;
    const about = { needs: intent.needs, names: this.#upstream.names };
    if (protocol === 'http') return trim(protocol, answer, grants, about);
    if (status !== 0) return new Uint8Array();
    return framed(trim(protocol, unframed(answer), grants, about));
  }

  #deliver(trailers: readonly string[], trimmed: Uint8Array | null): void {
    const { answer } = this.#exchange;
    if (answer.gone) return;
    if (trimmed !== null && (trimmed.length === 0 || this.#exchange.protocol === 'http')) {
      return answer.whole(this.#status ?? 200, [...this.#answerFields(), ...trailers], trimmed);
    }
    if (trimmed !== null) answer.head(this.#status ?? 200, this.#answerFields());
    answer.end(trailers, trimmed ?? this.#last);
  }

  /** The answer cannot be whole: the caller hears why, or sees it break off. */
  #break(refusal: Refusal): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#record(null, refusal.code, () => {
      tell(this.#exchange, this.#upstream, refusal);
      const { http, grpc } = refusal;
      this.#pass('allow', this.#exchange.protocol === 'grpc' ? grpc : http, refusal);
    });
  }

  #gone(): void {
    if (this.#ended || (this.#outlives && this.#flight !== null)) return;
    this.#ended = true;
    this.#flight?.abort();
    this.#record(null, 'client-gone', () => this.#pass('allow', null, null));
  }

  /** Ends the trail, then goes on. Only the answer to a change waits for the record, and without it
   * is broken off before its last byte. */
  #record(status: number | null, failure: string | undefined, then: () => void): void {
    const waits = this.#operation.changes;
    try {
      const recorded = this.#trail.end(this.#outcome(status, failure));
      if (recorded instanceof Promise && waits) {
        recorded.then(then, () => this.#unrecorded());
        return;
      }
      if (recorded instanceof Promise) recorded.catch(() => undefined);
    } catch {
      if (waits) return this.#unrecorded();
    }
    then();
  }

  #unrecorded(): void {
    this.#exchange.answer.reset();
    this.#pass('allow', null, new Refusal('audit-unavailable', 'the outcome was not recorded'));
  }

  #outcome(status: number | null, failure: string | undefined) {
    const outcome = {
      status,
      durationMs: performance.now() - this.#exchange.startedAt,
      points: {
        in: this.#permit.intent.points ?? this.#counters.points?.points ?? 0,
        out: this.#counters.out?.points ?? 0,
      },
      bytes: { in: this.#exchange.body.received, out: this.#bytesOut },
      attempts: this.#attempts,
    };
    return failure === undefined ? outcome : { ...outcome, failure };
  }

  #pass(decision: 'allow', status: number | null, refusal: Refusal | null): void {
    this.#upstream.passed({
      exchange: this.#exchange,
      operation: this.#operation,
      identity: this.#permit.identity,
      decision,
      status,
      refusal,
      upstreamMs: performance.now() - this.#startedAt,
      taken: {
        points: this.#counters.out?.points ?? 0,
        bytes: this.#bytesOut,
        roles: this.#permit.grants.roles ?? [],
      },
    });
    this.#done.resolve();
  }

  #answerFields(): readonly string[] {
    return [...this.#fields, 'x-request-id', this.#exchange.id];
  }

  /** On gRPC the status stands in the trailers, or in the head of a trailers-only answer. */
  #finalStatus(trailers: readonly string[]): number | null {
    if (this.#exchange.protocol === 'http') return this.#status;
    const told = fieldOf(trailers, 'grpc-status') ?? fieldOf(this.#fields, 'grpc-status');
    return told !== undefined && /^\d{1,3}$/.test(told) ? Number(told) : null;
  }
}

/** What is restored from another collection's snapshot exports that one. */
function isExport({ intent: { operation, needs } }: Permit): boolean {
  const exporting = 'data.export';
  return operation.event === exporting || needs.some((need) => need.operation.event === exporting);
}

/** What counts, as an exchange's bytes pass: points in, the work they are, points out. */
interface Counters {
  readonly points: Counter | null;
  readonly work: Counter | null;
  readonly out: Counter | null;
}

function countersOf({ intent }: Permit, protocol: Protocol): Counters {
  const { operation } = intent;
  const points = intent.points === null ? (operation.countIn?.(protocol) ?? null) : null;
  const work = intent.work === null ? (operation.countWork?.(protocol) ?? null) : points;
  return { points, work, out: operation.countOut?.(protocol) ?? null };
}

function fieldOf(fields: readonly string[], name: string): string | undefined {
  for (let at = 0; at < fields.length; at += 2) if (fields[at] === name) return fields[at + 1];
  return undefined;
}

function unreachable(error: Error): Refusal {
  return new Refusal('upstream-unreachable', error.message, { cause: error });
}

function asFault(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new Refusal('gateway-fault', reason, { cause: error });
}

import { type ClientHttp2Stream, constants } from 'node:http2';
import { Refusal } from '../../refusal.ts';
import { failureOf } from '../failure.ts';
import type { Forwarder, InFlight, Sink, UpstreamRequest } from '../forwarder.ts';
import type { Reach, UpstreamTimes } from '../reach.ts';
import { breakOff } from '../stream-end.ts';
import { headsFor, sendMessage } from './message.ts';
import { fieldIn, passingFields } from './passing.ts';
import { makeSessions, type Session } from './sessions.ts';

const bodyless = { endStream: true };
const bodied = { endStream: false };

/** Makes the way to a database's gRPC API: calls share connections. */
export function makeGrpcForwarder(reach: Reach): Forwarder {
  const sessions = makeSessions(reach);
  const headFor = headsFor(reach);
  return {
    protocol: 'grpc',
    send: (request, sink) => {
      const now = performance.now();
      const flight = new CallFlight(request, sink, reach.times, now);
      try {
        flight.go(sessions.pick(), headFor(request, now));
      } catch (error) {
        queueMicrotask(() => flight.fail(error as Error, false));
      }
      return flight;
    },
    close: () => sessions.close(),
  };
}

/** One call on its way. */
class CallFlight implements InFlight {
  readonly #request: UpstreamRequest;
  readonly #sink: Sink;
  readonly #times: UpstreamTimes;
  readonly #startedAt: number;
  #timer: NodeJS.Timeout;
  #stream: ClientHttp2Stream | null = null;
  #trailers: string[] = [];
  #lastAt: number;
  #headed = false;
  /** Whether gRPC's own status has come: without it an end is a break. */
  #told = false;
  #error: Error | null = null;
  #ended = false;
  #paused = false;

  constructor(request: UpstreamRequest, sink: Sink, times: UpstreamTimes, now: number) {
    this.#request = request;
    this.#sink = sink;
    this.#times = times;
    this.#startedAt = this.#lastAt = now;
    this.#timer = this.#arm(now);
  }

  go(session: Session, head: string[]): void {
    const { body, tail } = this.#request;
    const stream = session.http2.request(head as never, body === null ? bodyless : bodied);
    const reused = session.served;
    this.#stream = stream;
    session.streams += 1;
    stream.on('response', (_headers, flags, raw) => {
      session.served = true;
      this.#head(raw as unknown as string[], (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0);
    });
    stream.on('trailers', (_headers, _flags, raw) => this.#end(raw as unknown as string[]));
    stream.on('data', (chunk: Buffer) => this.#data(chunk));
    stream.on('end', () => this.#ends());
    stream.on('error', (error) => {
      this.#error = error;
    });
    stream.on('close', () => {
      session.streams -= 1;
      const refused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
      this.#closed(refused || (reused && !session.usable));
    });
    if (body instanceof Uint8Array) sendMessage(stream, body, tail);
    else if (body !== null) body.on('error', (error) => this.fail(error, false)).pipe(stream);
  }

  resume(): void {
    if (!this.#paused || this.#ended) return;
    this.#paused = false;
    this.#lastAt = performance.now();
    this.#stream?.resume();
  }

  abort(): void {
    this.#finish();
    if (this.#stream) breakOff(this.#stream);
  }

  /** Gives up, and says so. */
  fail(error: Error, unsent: boolean): void {
    if (this.#ended) return;
    this.#finish();
    if (this.#stream) breakOff(this.#stream);
    this.#sink.fail(failureOf(error), unsent);
  }

  #head(raw: string[], last: boolean): void {
    if (this.#ended) return;
    this.#headed = true;
    this.#told = last;
    this.#lastAt = performance.now();
    const status = Number(raw[raw.indexOf(':status') + 1]);
    const encoding = fieldIn(raw, 'grpc-encoding') ?? 'identity';
    if (encoding !== 'identity') {
      // Nothing could be counted in it.
      const reason = 'the database encodes its answer unasked';
      return this.fail(new Refusal('gateway-fault', reason), false);
    }
    this.#sink.head(status, passingFields(raw), last ? 0 : null);
  }

  #data(chunk: Buffer): void {
    if (this.#ended) return;
    this.#lastAt = performance.now();
    if (this.#sink.data(chunk)) return;
    this.#paused = true;
    this.#stream?.pause();
  }

  #end(raw: string[]): void {
    this.#trailers = passingFields(raw);
    this.#told = true;
  }

  #ends(): void {
    if (this.#ended || !this.#told || this.#stream?.rstCode !== constants.NGHTTP2_NO_ERROR) return;
    this.#finish();
    this.#sink.end(this.#trailers);
  }

  #closed(unsent: boolean): void {
    if (this.#ended) return;
    const error = this.#error ?? new Error('the call ended without a status');
    this.fail(error, unsent && !this.#headed);
  }

  /** When the database will have been silent for too long, or the caller gives up. */
  #due(now: number): number {
    const { answer, idle } = this.#times;
    const silent = this.#headed ? this.#lastAt + idle : this.#startedAt + answer;
    return Math.min(this.#paused ? now + idle : silent, this.#request.deadline ?? silent);
  }

  /** The one timer of a call fires early rather than often, and then looks again. */
  #arm(now: number): NodeJS.Timeout {
    const wait = Math.min(this.#due(now) - now, this.#times.idle);
    return setTimeout(() => this.#look(), Math.max(wait, 0));
  }

  #look(): void {
    const now = performance.now();
    if (this.#due(now) > now + 1) this.#timer = this.#arm(now);
    else this.fail(new Refusal('upstream-timeout', 'the database did not answer in time'), false);
  }

  #finish(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }
}

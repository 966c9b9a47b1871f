import type { Readable } from 'node:stream';
import type { Protocol } from '../catalog/operation.ts';

/** A request to the database, framed by the forwarder. */
export interface UpstreamRequest {
  readonly method: string;
  readonly target: string;
  /** Name, value, name, value…: complete but for framing. */
  readonly fields: readonly string[];
  /** On gRPC a buffer is the one message, unframed. */
  readonly body: Uint8Array | Readable | null;
  /** What it goes on with behind a buffer. */
  readonly tail?: Uint8Array;
  /** The declared length of a streamed body; null: unknown. */
  readonly length: number | null;
  /** When the caller gives up, on the clock of `performance.now()`; null: our own limits only. */
  readonly deadline?: number | null;
}

/** Takes an answer as it comes. Calls come in order: head, data…, then end or fail. */
export interface Sink {
  /** Only fields that may pass; `length` is that of the body, where the database tells. */
  head(status: number, fields: readonly string[], length?: number | null): void;
  /** False to pause; the forwarder goes on after `resume`. */
  data(chunk: Buffer): boolean;
  end(trailers: readonly string[]): void;
  /** A `Refusal` upstream-unreachable or upstream-timeout, or what else broke. `unsent`: worth
   * sending again where it changes nothing, since the database refused it unseen, or a kept-alive
   * connection ended without a byte of answer. A connection that cannot be made is not. */
  fail(error: Error, unsent: boolean): void;
}

/** A request under way. */
export interface InFlight {
  resume(): void;
  /** Gives up: the database may or may not have acted. */
  abort(): void;
}

/** One way to the database: pooled, with time limits, without retries of its own. */
export interface Forwarder {
  readonly protocol: Protocol;
  send(request: UpstreamRequest, sink: Sink): InFlight;
  close(): Promise<void>;
}

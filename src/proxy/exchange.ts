import type { Readable } from 'node:stream';
import type { Head } from '../catalog/operation.ts';
import type { Claimant } from '../identity/identity.ts';
import type { Refusal } from '../refusal.ts';
import type { Peer } from '../tls/peer.ts';

/**
 * One request and its answer, whatever protocol carries them. Knows no type of Node's HTTP, so
 * that the wire under it can be replaced.
 */
export interface Exchange extends Head, Claimant {
  /** Our own id of the request: never the caller's. */
  readonly id: string;
  readonly peer: Peer;
  /** The caller's own id of its request, for the record. */
  readonly parent?: string | null;
  /** The W3C trace context that passes. */
  readonly traceparent?: string | null;
  /** Milliseconds, monotonic. */
  readonly startedAt: number;
  /**
   * When the caller gives up (`grpc-timeout`), on the clock of `startedAt`; null: it did not say.
   */
  readonly deadline: number | null;
  /**
   * What the edge holds against the head: to be thrown before anything else is asked of it, so
   * that it is answered, audited and counted like any refusal.
   */
  readonly objection: Refusal | null;
  readonly body: Body;
  readonly answer: AnswerWriter;
}

/** The body of a request. On gRPC what is held is the one message: unframed, inflated. */
export interface Body {
  /** The length the request declares; null: unknown; 0: no body. */
  readonly declared: number | null;
  /** Bytes read so far. */
  readonly received: number;
  /**
   * Reads the whole body. `grow` is called before each further byte beyond what it granted, with
   * the room wanted in all, and throws to refuse. Throws or rejects with `Refusal` too-large past
   * `cap`, unreadable-request where framing lies.
   */
  hold(cap: number, grow: (bytes: number) => void): Buffer | Promise<Buffer>;
  /** The body as it comes, with back-pressure; `tap` sees each chunk as it passes. */
  stream(tap: (chunk: Buffer) => void): Readable;
  /** Reads no more: the answer is on its way without it. */
  discard(): void;
}

/** Where the answer goes. Framing is this side's own: what comes in as fields carries none. */
export interface AnswerWriter {
  /** Whether the head has gone out. */
  readonly started: boolean;
  /** Whether the caller has gone. */
  readonly gone: boolean;
  /** Called once when the caller goes before the answer has ended. */
  onGone(listener: () => void): void;
  /** `length` is that of the body where it is known; without it the body ends where it ends. */
  head(status: number, fields: readonly string[], length?: number | null): void;
  /** False where the caller should wait for `onDrain` before the next chunk. */
  write(chunk: Uint8Array): boolean;
  onDrain(listener: () => void): void;
  /** Ends the answer, with a last chunk of it; on gRPC `trailers` carry its status. */
  end(trailers: readonly string[], last: Uint8Array | null): void;
  /** A whole answer at once; on gRPC with no body it is one trailers-only frame. */
  whole(status: number, fields: readonly string[], body: Uint8Array): void;
  /** Says, before the answer begins, that its connection is to take no further request. */
  last(): void;
  /** Breaks the answer off, so that no client can take it for whole. */
  reset(): void;
}

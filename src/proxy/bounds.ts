/**
 * What one listener lets its peers take, whoever they are. Sizes in bytes, times in milliseconds.
 */
export interface Bounds {
  /** Open connections of one listener; more are closed unheard. */
  readonly connections: number;
  /** From the first byte of a head, or the handshake, to the head's end. */
  readonly headTime: number;
  readonly headBytes: number;
  /** Header fields of one request. */
  readonly headFields: number;
  /** How long a body that is waited for, or an answer that is ready, may stand still. */
  readonly idle: number;
  /** The average that a held body must keep, in bytes a second, once `idle` has passed. */
  readonly bodyRate: number;
  /** How long a connection without a request is kept. */
  readonly keepAlive: number;
  /** The same, where HTTP/2 can tell the client first. */
  readonly sessionIdle: number;
  /** Requests that one HTTP/1.1 connection may have under way, pipelined. */
  readonly pipelined: number;
  /** Streams that one HTTP/2 connection may have open. */
  readonly streams: number;
  /** How often whatever is slow or idle is looked for. */
  readonly sweep: number;
}

/** What a listener allows where nothing else is said. */
export const defaultBounds: Bounds = {
  connections: 10_000,
  headTime: 10_000,
  headBytes: 16 * 1024,
  headFields: 64,
  idle: 60_000,
  bodyRate: 1024,
  keepAlive: 75_000,
  sessionIdle: 300_000,
  pipelined: 16,
  streams: 100,
  sweep: 1000,
};

import type { Peer } from '../tls/peer.ts';
import type { Bounds } from './bounds.ts';
import type { Exchange } from './exchange.ts';
import type { Pace } from './pace.ts';

/** What every connection of one listener shares. */
export interface Edge {
  readonly bounds: Bounds;
  readonly pace: Pace;
  /** Takes each exchange once; it may throw nothing. */
  serve(exchange: Exchange): void;
  /** Told of what was refused before it could become an exchange: bytes that are no request, a
   * connection that asks for too much. `reason` is for the log. */
  unreadable(peer: Peer, reason: string): void;
  /** Whether connections are to end with the request they are at. */
  readonly draining: boolean;
}

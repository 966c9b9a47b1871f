import {
  constants,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Peer } from '../tls/peer.ts';
import type { Bounds } from './bounds.ts';
import type { Edge } from './edge.ts';
import { breakOff } from './stream-end.ts';

/** How much of one request's body may be on its way to us unread, in bytes, and of all of one
 * connection's together: the last is also what a connection can make us hold. */
const streamWindow = 256 * 1024;
const connectionWindow = 1024 * 1024;
/**
 * The highest stream id there is: tells that we are going, and refuses no stream (RFC 9113, 6.8).
 */
const anyStream = 2 ** 31 - 1;
/** How long a client may take to learn that we are going. */
const noticeTime = 1000;

/**
 * Takes a stream whose head has come: `fields` as they stood on the wire, pseudo-fields and all.
 */
export type StreamTaker = (
  stream: ServerHttp2Stream,
  fields: string[],
  ended: boolean,
  peer: Peer,
) => void;

/** The HTTP/2 connections of one listener, whatever they carry. */
export interface Sessions {
  accept(socket: Socket, peer: Peer): void;
  /** Ends those that have had no stream for too long; `now` as `performance.now()` tells it. */
  sweep(now: number): void;
  /**
   * Tells every client to go elsewhere, in two steps; what runs may finish, and of what is on its
   * way every client learns that it was not served.
   */
  drain(): void;
}

/** What is remembered of one connection. */
interface SessionState {
  readonly streams: Set<ServerHttp2Stream>;
  idleSince: number;
  /** Answers that wait for their callers to read: how much of each, and since when. */
  stalled: Map<ServerHttp2Stream, { readonly bytes: number; readonly since: number }>;
}

/** Makes the reader of HTTP/2 connections of one listener. */
export function readSessions(edge: Edge, take: StreamTaker): Sessions {
  const open = new Map<ServerHttp2Session, SessionState>();
  const options = sessionOptions(edge.bounds);
  return {
    accept: (socket, peer) => {
      const session = performServerHandshake(socket, options);
      const state = { streams: new Set<ServerHttp2Stream>(), idleSince: now(), stalled: new Map() };
      open.set(session, state);
      session.setLocalWindowSize(connectionWindow);
      session.on('stream', (stream, _headers, flags, fields) => {
        state.streams.add(stream);
        stream.on('close', () => {
          state.streams.delete(stream);
          state.idleSince = now();
        });
        // Without a listener a client's RST_STREAM would end the process.
        stream.on('error', () => undefined);
        const ended = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
        take(stream, fields as unknown as string[], ended, peer);
      });
      session.on('error', (error: NodeJS.ErrnoException) => {
        // A connection that broke sent nothing that could be refused.
        if (error.syscall === undefined) edge.unreadable(peer, error.code ?? error.message);
      });
      session.on('close', () => open.delete(session));
      // Its handshake may have begun before we were to go.
      if (edge.draining) leave(session, state);
    },
    sweep: (at) => {
      for (const [session, state] of open) {
        endStalled(state, at, edge.bounds.idle);
        const idle = state.streams.size === 0 && at - state.idleSince > edge.bounds.sessionIdle;
        if (idle) leave(session, state);
      }
    },
    drain: () => {
      for (const [session, state] of open) leave(session, state);
    },
  };
}

const now = () => performance.now();

/** Ends the answers of which nothing has been read for too long. */
function endStalled(state: SessionState, at: number, idle: number): void {
  if (state.streams.size === 0) return;
  const stalled: SessionState['stalled'] = new Map();
  for (const stream of state.streams) {
    if (!stream.writableNeedDrain && !stream.writableEnded) continue;
    const bytes = stream.bufferSize;
    const before = state.stalled.get(stream);
    if (before === undefined || before.bytes !== bytes) stalled.set(stream, { bytes, since: at });
    else if (at - before.since > idle) breakOff(stream);
    else stalled.set(stream, before);
  }
  state.stalled = stalled;
}

/**
 * First says that no connection of ours is to be used for more, then, once the client has heard it
 * or had the time to, how far we got. Streams that come in between nghttp2 leaves unread, and the
 * second GOAWAY tells the client that they may be sent elsewhere. A connection without a stream
 * goes at once: after a first GOAWAY nghttp2 would read no more of it, not even that it was heard.
 */
function leave(session: ServerHttp2Session, { streams }: SessionState): void {
  if (session.destroyed || session.closed) return;
  if (streams.size === 0) return session.close();
  const close = () => {
    clearTimeout(timer);
    if (!session.destroyed) session.close();
  };
  const timer = setTimeout(close, noticeTime).unref();
  session.goaway(constants.NGHTTP2_NO_ERROR, anyStream);
  if (!session.ping(close)) close();
}

function sessionOptions(bounds: Bounds) {
  return {
    maxSettings: 32,
    maxOutstandingPings: 10,
    // Megabytes; it counts answers that wait to be read, and refuses further streams beyond.
    maxSessionMemory: 16,
    maxSessionInvalidFrames: 10,
    maxSessionRejectedStreams: 10,
    maxHeaderListPairs: bounds.headFields,
    maxDeflateDynamicTableSize: 4096,
    streamResetBurst: 100,
    streamResetRate: 10,
    settings: {
      enablePush: false,
      enableConnectProtocol: false,
      headerTableSize: 4096,
      maxConcurrentStreams: bounds.streams,
      maxHeaderListSize: bounds.headBytes,
      initialWindowSize: streamWindow,
    },
  };
}

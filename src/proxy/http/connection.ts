import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Refusal } from '../../refusal.ts';
import type { Peer } from '../../tls/peer.ts';
import type { Edge } from '../edge.ts';
import { lowerNames } from '../fields.ts';
import { Incoming } from '../incoming.ts';
import { Received } from '../received.ts';
import { makeRequestId } from '../request-id.ts';
import { HttpAnswer } from './answer.ts';
import { HttpBody } from './body.ts';
import { type Framing, readHead1 } from './head.ts';

/** One HTTP/1.1 connection. */
interface Connection {
  readonly peer: Peer;
  /** Answers that have not ended. */
  readonly open: Set<HttpAnswer>;
  /** A request was objected to: where it ends is anybody's guess, and so is what follows it. */
  over: boolean;
}

/** Reads HTTP/1.1 from connections that TLS has accepted. */
export interface Connections {
  accept(socket: Socket, peer: Peer): void;
  /** Ends what is idle; the rest ends with its answer while `edge.draining`. */
  endIdle(): void;
  close(): void;
}

/** Makes the reader of HTTP/1.1 connections of one listener. */
export function readConnections(edge: Edge): Connections {
  const { bounds } = edge;
  const known = new WeakMap<Duplex, Connection>();
  const server = createServer({
    maxHeaderSize: bounds.headBytes,
    headersTimeout: bounds.headTime,
    requestTimeout: 0,
    connectionsCheckingInterval: bounds.sweep,
    keepAliveTimeout: bounds.keepAlive,
    requireHostHeader: false,
  });
  // Fields past Node's own limit would be hidden from us, and yet be used for framing.
  server.maxHeadersCount = 0;
  const receive = (request: IncomingMessage, response: ServerResponse) => {
    const connection = known.get(request.socket);
    // What was parsed of a connection that has been ended meanwhile is nobody's request.
    if (connection && !connection.over && !request.socket.destroyed)
      receiveRequest(edge, connection, request, response);
  };
  server.on('request', receive).on('checkContinue', receive).on('checkExpectation', receive);
  server.on('connect', (_request, socket) => refuseBytes(edge, known.get(socket), socket, 405));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // A connection that broke sent nothing that could be refused.
    if (error.syscall !== undefined) return void socket.destroy();
    refuseBytes(edge, known.get(socket), socket, statusOf(error), error.code);
  });
  server.timeout = bounds.idle;
  server.on('timeout', (socket: Socket) => {
    // Who waits for the database may wait on; who does not read what it has been sent may not.
    if (isWaiting(known.get(socket))) socket.setTimeout(bounds.idle);
    else socket.destroy();
  });
  // Node looks for slow heads only once a server listens, which this one never does.
  server.emit('listening');
  return {
    accept: (socket, peer) => {
      const open = new Set<HttpAnswer>();
      known.set(socket, { peer, open, over: false });
      socket.on('close', () => {
        for (const answer of open) answer.leave();
      });
      server.emit('connection', socket);
    },
    endIdle: () => server.closeIdleConnections(),
    close: () => void closeServer(server),
  };
}

function isWaiting(connection: Connection | undefined): boolean {
  for (const answer of connection?.open ?? []) if (!answer.stalled) return true;
  return false;
}

function receiveRequest(
  edge: Edge,
  connection: Connection,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (connection.open.size >= edge.bounds.pipelined) {
    edge.unreadable(connection.peer, 'too many requests are pipelined');
    request.socket.destroy();
    return;
  }
  const fields = lowerNames(request.rawHeaders);
  const target = request.url ?? '';
  const { framing, objection } = framingOf(edge, request, target, fields);
  connection.over = objection !== null;
  const ask = framing.heldBack ? () => response.writeContinue() : null;
  const incoming = new Incoming(request, framing.declared, () => request.complete, edge.pace, ask);
  const isLast = () => edge.draining || objection !== null;
  const answer = new HttpAnswer(request, response, incoming, isLast, connection.open);
  const body = new HttpBody(incoming, framing.declared);
  const method = request.method ?? '';
  const head = { protocol: 'http', method, target, fields, deadline: null, objection } as const;
  edge.serve(new Received(head, connection.peer, body, answer));
}

/** A request that was objected to is framed by nobody: its connection ends with the answer. */
const unframed: Framing = { declared: null, heldBack: false };

function framingOf(edge: Edge, request: IncomingMessage, target: string, fields: string[]) {
  try {
    const { headFields } = edge.bounds;
    const framing = readHead1(request.httpVersion, target, fields, headFields);
    return { framing, objection: null };
  } catch (error) {
    if (error instanceof Refusal) return { framing: unframed, objection: error };
    throw error;
  }
}

/** Answers what cannot become an exchange, and ends the connection. */
function refuseBytes(
  edge: Edge,
  connection: Connection | undefined,
  socket: Duplex,
  status: string | number,
  reason = 'CONNECT',
): void {
  if (connection && !connection.over) edge.unreadable(connection.peer, reason);
  const midway = connection !== undefined && connection.open.size > 0;
  // The answer to the request that was objected to is the last, and ends the connection.
  if (connection?.over) {
    if (!midway) socket.end();
  } else if (midway || !socket.writable) socket.destroy();
  else socket.end(bareRefusal(status));
}

function bareRefusal(status: string | number): string {
  const told = `x-vectorgate-refusal: unreadable-request\r\nx-request-id: ${makeRequestId()}`;
  return `HTTP/1.1 ${status} \r\n${told}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
}

function statusOf(error: NodeJS.ErrnoException): number {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 431;
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return 400;
}

function closeServer(server: Server): void {
  server.close();
  server.closeAllConnections();
}

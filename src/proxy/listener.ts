import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Protocol } from '../catalog/operation.ts';
import type { Peer } from '../tls/peer.ts';
import { type Bounds, defaultBounds } from './bounds.ts';
import type { Address } from './config.ts';
import type { Edge } from './edge.ts';
import type { Exchange } from './exchange.ts';
import { receiveStream as receiveCall } from './grpc/stream.ts';
import { readConnections } from './http/connection.ts';
import { receiveStream as receiveRequest } from './http/stream.ts';
import { makePace } from './pace.ts';
import { readSessions } from './sessions.ts';

/** What a TLS server hands its connections to. */
export interface Door {
  /** What it may agree on with a client, in order of preference. */
  readonly alpn: readonly string[];
  /** Takes a connection whose handshake is done. */
  accept(socket: TLSSocket, peer: Peer): void;
}

/** What one listener is made of. */
export interface ListenerOptions extends Address {
  /** What the port serves: one of them, or both, told apart by ALPN and content type. */
  readonly protocols: readonly Protocol[];
  /** Makes the TLS server that brings connections to the door. */
  readonly open: (door: Door) => Server;
  /** As `Edge.serve`. */
  readonly serve: (exchange: Exchange) => void;
  /** As `Edge.unreadable`. */
  readonly unreadable: (peer: Peer, reason: string) => void;
  readonly bounds?: Partial<Bounds>;
  /** Whether other processes of this gateway serve the port too: the kernel deals out
   * connections. */
  readonly reusePort?: boolean;
}

/** One port that is served. */
export interface Listener {
  readonly address: Address;
  /** Open connections. */
  readonly connections: number;
  /** Takes no new connection, ends idle ones, lets the rest finish, until `deadline` milliseconds
   * have passed; then ends them all. Resolves when none is left. */
  drain(deadline: number): Promise<void>;
  /** Ends everything at once. */
  close(): Promise<void>;
}

/** Serves one port. Rejects with the system's error where it cannot be bound. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const bounds = { ...defaultBounds, ...options.bounds };
  const { serve, unreadable } = options;
  const edge = { bounds, pace: makePace(bounds), serve, unreadable, draining: false };
  const open = new Set<Socket>();
  const wires = readWires(edge, options.protocols);
  const accept = (socket: TLSSocket, peer: Peer) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    // Without a listener a connection that breaks would end the process.
    socket.on('error', () => undefined);
    wires.accept(socket, peer);
  };
  const server = options.open({ alpn: wires.alpn, accept });
  server.maxConnections = bounds.connections;
  await bind(server, options);
  const sweeping = setInterval(() => {
    const now = performance.now();
    edge.pace.sweep(now);
    wires.sweep(now);
  }, bounds.sweep).unref();
  const { address: host, port } = server.address() as AddressInfo;
  const closed = once(server, 'close').then(() => Promise.all([...open].map(ending)));
  const close = () => {
    clearInterval(sweeping);
    if (server.listening) server.close();
    for (const socket of open) socket.destroy();
    wires.close();
    return closed.then(() => undefined);
  };
  return {
    address: { host, port },
    get connections() {
      return open.size;
    },
    close,
    drain: async (deadline) => {
      edge.draining = true;
      server.close();
      wires.drain();
      const timer = setTimeout(close, deadline);
      await closed;
      clearTimeout(timer);
      await close();
    },
  };
}

/** A server has closed a moment before its last connections tell that they have. */
function ending(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.on('close', resolve));
}

function bind(server: Server, { host, port, reusePort = false }: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, reusePort }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Everything that a port speaks. */
interface Wires extends Door {
  sweep(now: number): void;
  drain(): void;
  close(): void;
}

/** REST is spoken over HTTP/1.1 and HTTP/2, gRPC over HTTP/2 alone. */
function readWires(edge: Edge, protocols: readonly Protocol[]): Wires {
  const rest = protocols.includes('http');
  const receive = receiverOf(protocols);
  const sessions = readSessions(edge, (...stream) => receive(edge, ...stream));
  const connections = rest ? readConnections(edge) : null;
  return {
    alpn: rest ? ['h2', 'http/1.1'] : ['h2'],
    accept: (socket, peer) => {
      if (socket.alpnProtocol === 'h2') sessions.accept(socket, peer);
      else if (connections) connections.accept(socket, peer);
      else {
        edge.unreadable(peer, 'the client does not offer h2');
        socket.destroy();
      }
    },
    sweep: sessions.sweep,
    drain: () => {
      sessions.drain();
      connections?.endIdle();
    },
    close: () => connections?.close(),
  };
}

/** Which reader a stream is for: a port for one protocol takes every stream for that. */
function receiverOf(protocols: readonly Protocol[]): typeof receiveCall {
  if (!protocols.includes('http')) return receiveCall;
  if (!protocols.includes('grpc')) return receiveRequest;
  return (edge, stream, fields, ...rest) =>
    (isCall(fields) ? receiveCall : receiveRequest)(edge, stream, fields, ...rest);
}

/** Any content type of gRPC makes a stream a call, so that two of them are refused as such. */
function isCall(fields: readonly string[]): boolean {
  for (let at = 0; at < fields.length; at += 2) {
    if (fields[at] === 'content-type' && fields[at + 1]?.startsWith('application/grpc')) {
      return true;
    }
  }
  return false;
}

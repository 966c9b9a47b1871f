import { type AddressInfo, connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { TlsSection } from '../../src/tls/config.ts';
import { loadMaterial } from '../../src/tls/material.ts';
import type { Peer } from '../../src/tls/peer.ts';
import { type HandshakeFailure, makeTlsServer, type TlsServer } from '../../src/tls/server.ts';

/** A server on loopback that greets whom it accepts and then echoes. */
export interface Running extends TlsServer {
  readonly port: number;
  readonly peers: Peer[];
  readonly failures: HandshakeFailure[];
}

/** How one attempt to connect ended. */
export type Outcome =
  | { readonly accepted: true; readonly socket: TLSSocket; readonly sessions: readonly Buffer[] }
  | { readonly accepted: false; readonly error: string };

/** Serves until the test is finished. */
export async function serve(section: TlsSection, alpn: string[] = ['h2', 'http/1.1']) {
  const peers: Peer[] = [];
  const failures: HandshakeFailure[] = [];
  const tls = makeTlsServer(loadMaterial(section), {
    alpn,
    accept: (socket, peer) => {
      peers.push(peer);
      socket.write('welcome');
      socket.pipe(socket);
    },
    failed: (failure) => failures.push(failure),
  });
  await new Promise<void>((listening) => tls.server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void tls.server.close());
  const { port } = tls.server.address() as AddressInfo;
  return { ...tls, port, peers, failures };
}

/** Connects, and waits until the server has greeted or hung up: a TLS 1.3 client believes itself
 * connected before its certificate is judged. */
export function attempt(port: number, options: ConnectionOptions = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const sessions: Buffer[] = [];
    let error = 'closed';
    const socket = connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      ...options,
    });
    onTestFinished(() => void socket.destroy());
    socket.on('session', (session) => sessions.push(session));
    socket.once('data', () => resolve({ accepted: true, socket, sessions }));
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      error = cause.code ?? cause.message;
    });
    socket.on('close', () => resolve({ accepted: false, error }));
  });
}

/** Connects, and expects to be let in. */
export async function enter(port: number, options: ConnectionOptions = {}) {
  const outcome = await attempt(port, options);
  if (!outcome.accepted) throw new Error(`not let in: ${outcome.error}`);
  return outcome;
}

/** Sends bytes, or none, over TCP and hangs up once they are on their way. */
export function sendRaw(port: number, bytes: Uint8Array | null): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1', () => {
      if (bytes === null) socket.destroy();
      else socket.end(bytes);
    });
    socket.resume();
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}

import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type ClientCertificate, readClientCertificate } from './client-certificate.ts';

/** Where a connection comes from. */
export interface End {
  /** An IPv4 address is written as one, also where it came to an IPv6 socket. */
  readonly address: string;
  readonly port: number;
}

/** The other end of one TLS connection: read once, when the handshake is done. */
export interface Peer extends End {
  /** `TLSv1.3` or `TLSv1.2`. */
  readonly version: string;
  /** The server name the client asked for (SNI), lower-cased. */
  readonly serverName: string | null;
  /** `sha256:` and the hex digest of the verified client certificate; null without one. */
  readonly certificate: string | null;
  /** That certificate; null without one. */
  readonly client: ClientCertificate | null;
}

/** Reads the other end of a connection. To be called once for each: it copies the certificate. */
export function peerOf(socket: TLSSocket): Peer {
  const { servername } = socket as { servername?: string | false };
  const shown = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  const client = shown ? readClientCertificate(shown) : null;
  return Object.freeze({
    ...endOf(socket),
    version: socket.getProtocol() ?? '',
    serverName: servername ? servername.toLowerCase() : null,
    certificate: client?.fingerprint ?? null,
    client,
  });
}

/** Reads where a connection comes from; empty and 0 where it has gone. */
export function endOf(socket: Socket): End {
  return { address: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
}

function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

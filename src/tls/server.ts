import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import {
  createSecureContext,
  createServer,
  type SecureContextOptions,
  type Server,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
import type { TlsMaterial } from './material.ts';
import { type End, endOf, type Peer, peerOf } from './peer.ts';

/** A connection that came to nothing before any request. */
export interface HandshakeFailure extends End {
  /** `certificate`: the client's was missing or refused; `handshake`: anything else. */
  readonly kind: 'certificate' | 'handshake';
  /** OpenSSL's or Node's code for it. */
  readonly reason: string;
}

/** What a TLS server does with its connections. */
export interface TlsHandlers {
  /** In order of preference: `['h2', 'http/1.1']`. */
  readonly alpn: readonly string[];
  /** Takes a connection whose client, if it showed a certificate, was verified. */
  accept(socket: TLSSocket, peer: Peer): void;
  /** Not called for connections that closed without sending anything. */
  failed(failure: HandshakeFailure): void;
}

/** A TLS server whose certificate can be replaced while connections live on. */
export interface TlsServer {
  readonly server: Server;
  /** New connections get the new certificate; `clientCertificate` stays what it was. */
  replace(material: TlsMaterial): void;
}

const handshakeTimeout = 10_000;
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');
/** The hybrid group first, at the price of a round trip where the client only hinted at it. */
const groups = ['X25519MLKEM768/X25519:P-256:P-384', 'X25519:P-256:P-384'].find(isUsable);

/** Makes a server that speaks TLS only, asks for client certificates as the section says, and hands
 * over a connection only when its handshake is done and its client verified. */
export function makeTlsServer(material: TlsMaterial, handlers: TlsHandlers): TlsServer {
  const server = createServer(serverOptions(material, handlers.alpn));
  const mustShow = material.section.clientCertificate === 'required';
  let inForce = material;
  const ends = new WeakMap<Socket, End>();
  server.on('connection', (tcp) => ends.set(tcp, endOf(tcp)));
  server.on('secureConnection', (socket) => {
    // Without a listener an error on the way to the first request would end the process.
    socket.on('error', () => socket.destroy());
    const shown = socket.getPeerX509Certificate() !== undefined;
    const peer = peerOf(socket);
    const objection =
      !socket.authorized && (shown || mustShow)
        ? whyUnverified(socket)
        : peer.client && (inForce.clients?.standing.objection(peer.client, Date.now()) ?? null);
    if (objection === null) return handlers.accept(socket, peer);
    handlers.failed({ ...endOf(socket), kind: 'certificate', reason: objection });
    socket.destroy();
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    const tcp = tcpOf(socket);
    const end = ends.get(tcp) ?? endOf(tcp);
    if (tcp.bytesRead > 0) handlers.failed({ ...end, ...failureOf(error, socket) });
    socket.destroy();
  });
  return {
    server,
    replace: (next) => {
      server.setSecureContext(contextOptions(next));
      inForce = next;
    },
  };
}

/** What `tls.createServer` is to be given. With `clientCertificate: optional` the caller must
 * itself refuse a certificate that was shown and not verified, as `makeTlsServer` does. */
export function serverOptions(material: TlsMaterial, alpn: readonly string[]): TlsOptions {
  const { clientCertificate } = material.section;
  return {
    ...contextOptions(material),
    ALPNProtocols: [...alpn],
    handshakeTimeout,
    requestCert: clientCertificate !== 'none',
    rejectUnauthorized: clientCertificate === 'required',
  };
}

/**
 * Sessions are never resumed: a resumed one could carry a verified client to another server name
 * (node.md). OpenSSL still sends TLS 1.3 clients tickets, but they name sessions nobody kept.
 */
function contextOptions(material: TlsMaterial): SecureContextOptions {
  const { clients, section } = material;
  // OpenSSL takes no list that is stale; where one may be, `Standing` alone asks the lists.
  const lists = section.crlStale === 'accept' ? null : clients?.lists;
  return {
    cert: material.certificate,
    key: material.key,
    ...(clients === null ? {} : { ca: clients.authorities }),
    ...(lists ? { crl: [...lists] } : {}),
    minVersion: section.minVersion,
    maxVersion: 'TLSv1.3',
    ciphers,
    ...(groups === undefined ? {} : { ecdhCurve: groups }),
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
}

function isUsable(ecdhCurve: string): boolean {
  try {
    createSecureContext({ ecdhCurve });
    return true;
  } catch {
    return false;
  }
}

/** With a client authority set, the purpose clientAuth is among what OpenSSL verifies. */
function whyUnverified(socket: TLSSocket): string {
  return String(socket.authorizationError ?? 'UNVERIFIED');
}

/** Where Node hung up on a certificate, the error tells only that. */
function failureOf(
  error: NodeJS.ErrnoException,
  socket: TLSSocket,
): Pick<HandshakeFailure, 'kind' | 'reason'> {
  if (socket.authorizationError) return { kind: 'certificate', reason: whyUnverified(socket) };
  const reason = error.code ?? error.message;
  return { kind: reason.includes('CERT') ? 'certificate' : 'handshake', reason };
}

/** The TCP socket below a TLS socket that failed; Node keeps it there without saying so. */
function tcpOf(socket: TLSSocket): Socket {
  return (socket as { _parent?: Socket })._parent ?? socket;
}

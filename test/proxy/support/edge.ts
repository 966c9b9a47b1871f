import type { AddressInfo } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import type { Protocol } from '../../../src/catalog/operation.ts';
import type { Bounds } from '../../../src/proxy/bounds.ts';
import type { Exchange } from '../../../src/proxy/exchange.ts';
import { type Listener, listen } from '../../../src/proxy/listener.ts';
import { makeDevCertificates } from '../../../src/tls/dev-certificates.ts';
import { peerOf } from '../../../src/tls/peer.ts';

const certificates = makeDevCertificates();

/** What a client of the edge under test trusts. */
export const ca = certificates.ca.certificate;

/** The TLS options of the edge under test. */
export const tlsOptions: TlsOptions = {
  cert: certificates.server.certificate,
  key: certificates.server.key,
  minVersion: 'TLSv1.3',
};

/** A listener under test, and what it could not read. */
export interface TestEdge extends Listener {
  readonly port: number;
  readonly unreadable: string[];
}

/** Serves on a free loopback port. */
export async function startEdge(
  protocol: Protocol | 'both',
  serve: (exchange: Exchange) => void,
  bounds: Partial<Bounds> = {},
): Promise<TestEdge> {
  const unreadable: string[] = [];
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    protocols: protocol === 'both' ? ['http', 'grpc'] : [protocol],
    bounds,
    serve,
    unreadable: (_peer, reason) => unreadable.push(reason),
    open: ({ alpn, accept }) =>
      createServer({ ...tlsOptions, ALPNProtocols: [...alpn] }, (socket) => {
        accept(socket, peerOf(socket));
      }),
  });
  return Object.assign(Object.create(listener), {
    port: listener.address.port,
    unreadable,
  }) as TestEdge;
}

/** The port a server listens on. */
export function portOf(server: { address(): AddressInfo | string | null }): number {
  return (server.address() as AddressInfo).port;
}

import type { Logger } from 'pino';
import type { Metrics } from '../admin/metrics.ts';
import type { AuditLog } from '../audit/audit.ts';
import type { Unreadable } from '../audit/unreadable.ts';
import type { Protocol } from '../catalog/operation.ts';
import type { Address } from '../proxy/config.ts';
import type { Listener } from '../proxy/listener.ts';
import { listen } from '../proxy/listener.ts';
import { serve } from '../proxy/pipeline.ts';
import type { TlsMaterial } from '../tls/material.ts';
import { type HandshakeFailure, makeTlsServer, type TlsServer } from '../tls/server.ts';
import type { OwnedUpstream } from './upstream.ts';

/** The ports of one upstream. */
export interface UpstreamPorts {
  readonly owned: OwnedUpstream;
  /** Whether other processes of this gateway serve them too. */
  readonly reusePort: boolean;
  /** Without an address for REST, the gRPC port serves both. */
  readonly listen: { readonly http: Address | null; readonly grpc: Address };
}

/** Every port that clients reach. */
export interface Listeners {
  readonly bound: readonly {
    readonly name: string;
    readonly http: string;
    readonly grpc: string;
  }[];
  readonly connections: number;
  /** New connections get the new certificate. */
  replace(material: TlsMaterial): void;
  drain(deadline: number): Promise<void>;
  close(): Promise<void>;
}

/** Hears of connections that came to nothing. */
export interface DropWitness {
  readonly log: Logger;
  readonly audit: Pick<AuditLog, 'refusedPeer' | 'unreadable'>;
  readonly dropped: Metrics['dropped'];
}

/** Binds every port, or none: rejects with an `Error` for people where one cannot be bound. */
export async function openListeners(
  ports: readonly UpstreamPorts[],
  material: TlsMaterial,
  witness: DropWitness,
): Promise<Listeners> {
  const listeners: Listener[] = [];
  const servers: TlsServer[] = [];
  const all = <T>(act: (listener: Listener) => Promise<T>) => Promise.all(listeners.map(act));
  const open = async (
    { owned: { upstream }, reusePort }: UpstreamPorts,
    where: Address,
    protocols: readonly Protocol[],
  ) => {
    const listener = await bind(where, protocols, upstream.name, {
      reusePort,
      open: ({ alpn, accept }) => {
        const tls = makeTlsServer(material, {
          alpn,
          accept,
          failed: (failure) => tellFailed(witness, upstream.name, failure),
        });
        servers.push(tls);
        return tls.server;
      },
      serve: (exchange) => void serve(exchange, upstream),
      unreadable: ({ address, port }, reason) => {
        const where = { upstream: upstream.name, protocols };
        tellUnreadable(witness, { ...where, address, reason }, port);
      },
    });
    listeners.push(listener);
    return addressText(listener.address);
  };
  try {
    const bound = [];
    for (const port of ports) {
      const { name } = port.owned.upstream;
      const { listen: where } = port;
      const http = where.http && (await open(port, where.http, ['http']));
      const grpc = await open(port, where.grpc, http === null ? ['http', 'grpc'] : ['grpc']);
      bound.push({ name, http: http ?? grpc, grpc });
    }
    return {
      bound,
      get connections() {
        return listeners.reduce((sum, { connections }) => sum + connections, 0);
      },
      replace: (next) => {
        for (const server of servers) server.replace(next);
      },
      drain: async (deadline) => void (await all((listener) => listener.drain(deadline))),
      close: async () => void (await all((listener) => listener.close())),
    };
  } catch (error) {
    await all((listener) => listener.close());
    throw error;
  }
}

/** `127.0.0.1:6333`, `[::1]:6333` */
export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

type Handlers = Pick<Parameters<typeof listen>[0], 'open' | 'serve' | 'unreadable' | 'reusePort'>;

async function bind(
  where: Address,
  protocols: readonly Protocol[],
  name: string,
  handlers: Handlers,
) {
  try {
    return await listen({ ...where, protocols, ...handlers });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another process listens there' : message;
    const port = `the ${protocols.join(' and ')} port of ${name}, ${addressText(where)}`;
    throw new Error(`${port}, cannot be bound: ${why}`, { cause: error });
  }
}

/** A scanner that never meant to speak TLS is not worth a line by default; a refused certificate
 * is, and is a failure to authenticate. */
export function tellFailed(
  { log, audit, dropped }: DropWitness,
  upstream: string | null,
  failure: HandshakeFailure,
): void {
  const { kind, reason, address, port } = failure;
  dropped(kind);
  const about = { source: address, port, reason };
  if (kind === 'handshake') return log.debug(about, 'handshake failed');
  log.warn(about, 'client certificate refused');
  audit.refusedPeer(upstream, failure);
}

function tellUnreadable(
  { log, audit, dropped }: DropWitness,
  what: Unreadable,
  port: number,
): void {
  dropped('unreadable');
  audit.unreadable(what);
  log.info({ source: what.address, port, reason: what.reason }, 'unreadable');
}

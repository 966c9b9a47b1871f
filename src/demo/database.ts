import { once } from 'node:events';
import type { Server } from 'node:net';
import type { Foundation } from './foundation.ts';
import { grpcServer } from './grpc/server.ts';
import { httpServer } from './http/server.ts';
import type { OnTouch } from './observe.ts';
import { restHandler } from './rest/handler.ts';

/** Where to listen. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** How to start the demo database; everything has a default. */
export interface DemoDatabaseOptions {
  /** The key that may do everything. Without any key, everyone may. */
  readonly apiKey?: string;
  readonly readOnlyApiKey?: string;
  readonly http?: Address;
  readonly grpc?: Address;
  readonly onTouch?: OnTouch;
  /** The size of each snapshot; its bytes are made as they are sent. */
  readonly snapshotBytes?: number;
}

/** A running demo database. */
export interface DemoDatabase {
  /** `http://127.0.0.1:PORT`, the REST interface. */
  readonly http: string;
  /** `http://127.0.0.1:PORT`, the gRPC interface (HTTP/2 without TLS). */
  readonly grpc: string;
  readonly close: () => Promise<void>;
}

/** What whoever starts it should read. */
export const demoNotice =
  'The embedded demo database keeps everything in memory and forgets it when it stops. ' +
  'It answers like Qdrant 1.18.3 but is not Qdrant: for demonstrations and tests only.';

const loopback: Address = { host: '127.0.0.1', port: 0 };

/** Starts an in-memory database that answers as Qdrant does, over REST and gRPC. */
export async function startDemoDatabase(options: DemoDatabaseOptions = {}): Promise<DemoDatabase> {
  const foundation: Foundation = {
    storage: {
      collections: new Map(),
      aliases: new Map(),
      snapshots: new Map(),
      snapshotBytes: options.snapshotBytes ?? 128 * 1024,
    },
    // Looked up with each request: whoever started it may change them.
    keys: {
      get apiKey() {
        return options.apiKey;
      },
      get readOnlyApiKey() {
        return options.readOnlyApiKey;
      },
    },
    onTouch: options.onTouch ?? (() => undefined),
  };
  const servers = [httpServer(restHandler(foundation)), grpcServer(foundation)] as const;
  const closers = servers.map(closerOf);
  const [http, grpc] = await Promise.all([
    listen(servers[0], options.http ?? loopback),
    listen(servers[1], options.grpc ?? loopback),
  ]).catch(async (error: unknown) => {
    await Promise.all(closers.map((close) => close()));
    throw error;
  });
  return { http, grpc, close: async () => void (await Promise.all(closers.map((it) => it()))) };
}

async function listen(server: Server, { host, port }: Address): Promise<string> {
  server.listen(port, host);
  await once(server, 'listening');
  const bound = server.address();
  const shown = typeof bound === 'object' && bound ? bound.port : port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${shown}`;
}

/** Closes a server with the connections it still has. */
function closerOf(server: Server): () => Promise<void> {
  const sockets = new Set<{ destroy(): unknown }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return async () => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    await closed;
  };
}

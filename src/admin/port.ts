import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket, Server as SocketServer } from 'node:net';
import type { Address } from '../proxy/config.ts';
import type { Peer } from '../tls/peer.ts';

/** An answer: always whole, always small. */
export interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
  /** Further fields, by lower-case name. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** A request, whole: its body is at most 64 KiB. */
export interface Asked {
  readonly method: string;
  /** As it was written, up to the query. */
  readonly path: string;
  readonly query: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly source: { readonly address: string; readonly port: number };
  /** Null where the port is plain HTTP. */
  readonly peer: Peer | null;
  /** When the handshake was done, in milliseconds since 1970; when the connection came, where there
   * was none. */
  readonly connectedAt: number;
}

/** Makes a server that hands over each connection once its handshake is done. */
export type Secure = (accept: (socket: Socket, peer: Peer) => void) => SocketServer;

/** What a port is opened with. */
export interface PortOptions {
  readonly listen: Address;
  /** Null: plain HTTP. */
  readonly secure: Secure | null;
  answer(asked: Asked): Reply | Promise<Reply>;
  /** The answer to a body over 64 KiB. */
  tooLarge(): Reply;
  /** Hears what broke inside an answer, or of the port; gives the answer to it. */
  onFault(error: unknown): Reply;
}

/** A port that is open. */
export interface OpenPort {
  /** As really bound: port 0 asks for any that is free. */
  readonly address: Address;
  close(): Promise<void>;
}

const largestBody = 64 * 1024;
const mostConnections = 128;

const limits = {
  headersTimeout: 5_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8 * 1024,
};

interface Connection {
  readonly peer: Peer | null;
  readonly connectedAt: number;
}

/** Opens an HTTP port that answers whole requests. Rejects where it cannot bind. */
export function openPort(options: PortOptions): Promise<OpenPort> {
  const connections = new WeakMap<Socket, Connection>();
  const http = createServer(limits, (request, response) => {
    const known = connections.get(request.socket);
    serve(options, request, response, known ?? { peer: null, connectedAt: Date.now() });
  });
  http.maxRequestsPerSocket = 1_000;
  http.on('checkContinue', (_, response) => send(response, reply(417, 'Send the body at once')));
  http.on('connection', (socket: Socket) => {
    if (!connections.has(socket)) connections.set(socket, { peer: null, connectedAt: Date.now() });
  });
  const server = options.secure?.(accepting(http, connections)) ?? http;
  server.maxConnections = mostConnections;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.listen.port, options.listen.host, () => {
      server.off('error', reject);
      server.on('error', (error) => void options.onFault(error));
      // Node begins to look after time limits when its own server listens.
      if (server !== http) http.emit('listening');
      resolve(opened(server, http, options.listen));
    });
  });
}

/** A reply of one line of text. */
export function reply(status: number, line: string): Reply {
  return { status, body: `${line}\n` };
}

/** A reply of one JSON document. */
export function replyJson(status: number, value: unknown): Reply {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` };
}

function accepting(http: Server, connections: WeakMap<Socket, Connection>) {
  return (socket: Socket, peer: Peer) => {
    connections.set(socket, { peer, connectedAt: Date.now() });
    http.emit('connection', socket);
  };
}

function opened(server: SocketServer, http: Server, listen: Address): OpenPort {
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : listen.port;
  return {
    address: { host: listen.host, port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if (server !== http) http.close();
        http.closeAllConnections();
      }),
  };
}

function serve(
  options: PortOptions,
  request: IncomingMessage,
  response: ServerResponse,
  connection: Connection,
): void {
  const chunks: Buffer[] = [];
  let received = 0;
  request.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received <= largestBody) chunks.push(chunk);
    else if (!response.headersSent) {
      response.setHeader('connection', 'close');
      send(response, options.tooLarge());
      request.destroy();
    }
  });
  request.on('end', () => {
    const asked = askedOf(request, Buffer.concat(chunks), connection);
    answerTo(options, asked).then((made) => send(response, made));
  });
  request.on('error', () => response.destroy());
}

async function answerTo(options: PortOptions, asked: Asked): Promise<Reply> {
  try {
    return await options.answer(asked);
  } catch (error) {
    return options.onFault(error);
  }
}

function askedOf(request: IncomingMessage, body: Buffer, connection: Connection): Asked {
  const target = request.url ?? '';
  const at = target.indexOf('?');
  const { remoteAddress = '', remotePort = 0 } = request.socket;
  const { peer } = connection;
  return {
    method: request.method ?? '',
    path: at === -1 ? target : target.slice(0, at),
    query: at === -1 ? '' : target.slice(at + 1),
    rawHeaders: request.rawHeaders,
    body,
    source: peer ?? { address: remoteAddress, port: remotePort },
    ...connection,
  };
}

function send(response: ServerResponse, { status, type, body, fields }: Reply): void {
  if (response.headersSent) return;
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    'content-type': type ?? 'text/plain; charset=utf-8',
    'content-length': bytes.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...fields,
  });
  response.end(bytes);
}

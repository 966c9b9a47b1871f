import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Address } from '../proxy/config.ts';
import { carries, type Token } from './token.ts';

/** An answer: always whole, always small. */
export interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

/** One thing a port answers. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Null: open to whoever reaches the port. */
  readonly token: Token | null;
  answer(query: URLSearchParams): Reply | Promise<Reply>;
}

/** A port that is open. */
export interface OpenPort {
  /** As really bound: port 0 asks for any that is free. */
  readonly address: Address;
  close(): Promise<void>;
}

/** What a port has besides its routes. */
export interface PortOptions {
  readonly listen: Address;
  readonly routes: readonly Route[];
  /** What an unknown path needs before it is told that it is unknown. */
  readonly token: Token | null;
  /** Hears what broke inside an answer. */
  onFault(error: unknown): void;
}

const largestBody = 64 * 1024;

const limits = {
  headersTimeout: 5_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8 * 1024,
};

/** Opens a plain HTTP port that answers its routes and nothing else. Rejects where it cannot
 * bind. */
export function openPort(options: PortOptions): Promise<OpenPort> {
  const server = createServer(limits, (request, response) => serve(options, request, response));
  server.maxConnections = 128;
  server.maxRequestsPerSocket = 1_000;
  server.on('checkContinue', (_, response) => send(response, reply(417, 'Send the body at once')));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.listen.port, options.listen.host, () => {
      server.off('error', reject);
      server.on('error', options.onFault);
      resolve(opened(server, options.listen));
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

function opened(server: Server, listen: Address): OpenPort {
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : listen.port;
  return {
    address: { host: listen.host, port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function serve(options: PortOptions, request: IncomingMessage, response: ServerResponse): void {
  let received = 0;
  request.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > largestBody && !response.headersSent) {
      response.setHeader('connection', 'close');
      send(response, reply(413, 'The body is too large'));
      request.destroy();
    }
  });
  request.on('end', () => {
    answer(options, request).then(
      (made) => send(response, made),
      (error: unknown) => {
        options.onFault(error);
        send(response, reply(500, 'Internal error'));
      },
    );
  });
  request.on('error', () => response.destroy());
}

async function answer(options: PortOptions, request: IncomingMessage): Promise<Reply> {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const routes = options.routes.filter((route) => route.path === path);
  const token = routes[0] ? routes[0].token : options.token;
  if (token && !carries(request.rawHeaders, token)) return reply(401, 'A valid token is required');
  if (routes.length === 0) return reply(404, 'Not found');
  const route = routes.find(({ method }) => method === request.method);
  return route ? route.answer(new URLSearchParams(query)) : reply(405, 'Method not allowed');
}

function send(response: ServerResponse, { status, type, body }: Reply): void {
  if (response.headersSent) return;
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    'content-type': type ?? 'text/plain; charset=utf-8',
    'content-length': bytes.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
  });
  response.end(bytes);
}

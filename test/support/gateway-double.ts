import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createServer as createHttp2,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Protocol } from '../../src/catalog/operation.ts';

/** A request as it came to the double, of a caller of the gateway. */
export interface Asked {
  readonly protocol: Protocol;
  readonly method: string;
  readonly target: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer to give. On gRPC `body` is in frames, and `trailers` follow where there are any. */
export interface Given {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly trailers?: Readonly<Record<string, string>>;
}

/** What stands behind a gateway in place of a database: it keeps what it is asked, and answers what it
 * is told to. */
export interface Double {
  readonly http: string;
  readonly grpc: string;
  readonly credential: string;
  readonly asked: Asked[];
  close(): Promise<void>;
}

/** Opens a double. What the gateway asks on its own behalf, for names and versions, it answers by
 * itself: it has these collections, and no alias. */
export async function openDouble(
  answer: (asked: Asked) => Given,
  collections: readonly string[] = [],
): Promise<Double> {
  const asked: Asked[] = [];
  const answerTo = (one: Asked): Given => {
    if (one.fields['x-request-id'] === undefined) return ownAnswer(one, collections);
    asked.push(one);
    return answer(one);
  };
  const rest = createHttp((request, response) => void serveRequest(request, response, answerTo));
  const calls = createHttp2();
  calls.on('stream', (stream, headers) => {
    void serveCall(stream as ServerHttp2Stream, headers, answerTo);
  });
  const closers = [rest, calls].map((server) => closerOf(server as Server));
  const [http, grpc] = await Promise.all([listen(rest), listen(calls as Server)]);
  return {
    http: http as string,
    grpc: grpc as string,
    credential: 'credential-for-the-double',
    asked,
    close: async () => void (await Promise.all(closers.map((close) => close()))),
  };
}

async function serveRequest(
  request: IncomingMessage,
  response: ServerResponse,
  answerTo: (asked: Asked) => Given,
): Promise<void> {
  const { method = '', url: target = '', headers } = request;
  const body = await buffer(request);
  const fields = textsOf(headers);
  const given = answerTo({ protocol: 'http', method, target, fields, body });
  response.writeHead(given.status, { ...given.fields, 'content-length': given.body.length });
  response.end(given.body);
}

async function serveCall(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  answerTo: (asked: Asked) => Given,
): Promise<void> {
  stream.on('error', () => undefined);
  const body = await buffer(stream);
  const { ':method': method = '', ':path': target = '' } = headers;
  const fields = textsOf(headers);
  const given = answerTo({ protocol: 'grpc', method: String(method), target, fields, body });
  const { trailers } = given;
  const head = { ':status': given.status, ...given.fields };
  if (!trailers) return void stream.respond(head, { endStream: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.respond(head, { waitForTrailers: true });
  stream.end(given.body);
}

function textsOf(headers: IncomingHttpHeaders): Record<string, string> {
  const pairs = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  return Object.fromEntries(pairs);
}

function ownAnswer({ protocol, target }: Asked, collections: readonly string[]): Given {
  if (protocol === 'grpc') {
    const fields = { 'content-type': 'application/grpc' };
    const body = Buffer.from([0, 0, 0, 0, 2, 0x08, 0x01]);
    return { status: 200, fields, body, trailers: { 'grpc-status': '0' } };
  }
  const told: Readonly<Record<string, object>> = {
    '/': { version: '1.18.3' },
    '/collections': { result: { collections: collections.map((name) => ({ name })) } },
    '/aliases': { result: { aliases: [] } },
  };
  const body = Buffer.from(JSON.stringify(told[target] ?? {}));
  return {
    status: target in told ? 200 : 404,
    fields: { 'content-type': 'application/json' },
    body,
  };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function closerOf(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
}

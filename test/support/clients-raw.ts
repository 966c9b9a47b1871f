import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import { Agent, request } from 'node:https';
import type { TestGateway } from './gateway.ts';

/** An answer, byte for byte. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Our own port: which of our connections it came on. */
  readonly connection: number;
}

/** What to connect with, where it is not the gateway's own authority and its first upstream. */
export interface Approach {
  readonly upstream?: string;
  /** PEM of the authority to trust. */
  readonly ca?: string;
  /** PEM of a client certificate, and its key. */
  readonly cert?: string;
  readonly key?: string;
  readonly ciphers?: string;
}

/** What to ask without an SDK, and as whom. */
export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly key?: string | null;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

/** A client that keeps its one connection and hides nothing. */
export interface RawClient {
  ask(what: RawRequest): Promise<RawAnswer>;
  close(): void;
}

/** Opens an HTTP/1.1 client of the gateway's REST port. */
export function openRest(gateway: TestGateway, approach: Approach = {}): RawClient {
  const agent = new Agent({ ...secured(gateway, approach), keepAlive: true, maxSockets: 1 });
  const base = gateway.http(approach.upstream);
  return {
    ask: ({ method = 'GET', path, key = null, headers = {}, body }) => {
      const all = {
        ...(key === null ? {} : { 'api-key': key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      };
      return new Promise((resolve, reject) => {
        let connection = 0;
        const sent = request(base + path, { method, agent, headers: all }, (answer) => {
          const parts: Buffer[] = [];
          answer.on('data', (part: Buffer) => parts.push(part)).on('error', reject);
          answer.on('end', () => {
            const { statusCode: status = 0, headers: fields } = answer;
            resolve({ status, headers: fields, body: Buffer.concat(parts), connection });
          });
        });
        sent.on('socket', (socket) => {
          const look = () => {
            connection = socket.localPort ?? 0;
          };
          if (socket.connecting) socket.once('connect', look);
          else look();
        });
        sent.on('error', reject).end(body);
      });
    },
    close: () => agent.destroy(),
  };
}

/** An answer to a call: its messages with their frames, and its status wherever it stood. */
export interface RawCallAnswer {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly trailers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** A client of the gateway's gRPC port, on one connection. */
export interface RawCaller {
  readonly session: ClientHttp2Session;
  /** Calls with one message, unframed. */
  call(path: string, message: Uint8Array, key: string | null): Promise<RawCallAnswer>;
  close(): void;
}

/** Opens an HTTP/2 client of the gateway's gRPC port. */
export function openGrpc(gateway: TestGateway, approach: Approach = {}): RawCaller {
  const session = connect(gateway.grpc(approach.upstream), secured(gateway, approach));
  session.on('error', () => undefined);
  return {
    session,
    call: (path, message, key) => {
      const fields = {
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
        ...(key === null ? {} : { 'api-key': key }),
      };
      return callOn(session, fields, framed(message));
    },
    close: () => session.destroy(),
  };
}

/** Makes one call with exact frames. Rejects where its stream breaks off. */
export function callOn(
  session: ClientHttp2Session,
  fields: OutgoingHttpHeaders,
  frames: Buffer,
): Promise<RawCallAnswer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(fields, { endStream: frames.length === 0 });
    const parts: Buffer[] = [];
    let headers: Record<string, unknown> = {};
    let trailers: Record<string, unknown> = {};
    stream.on('response', (told) => {
      headers = { ...told };
    });
    stream.on('trailers', (told) => {
      trailers = { ...told };
    });
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('error', reject);
    stream.on('close', () => {
      const told = { ...headers, ...trailers };
      const status = Number(told['grpc-status']);
      const message = decodeURIComponent(String(told['grpc-message'] ?? ''));
      resolve({ status, message, headers, trailers, body: Buffer.concat(parts) });
    });
    if (frames.length > 0) stream.end(frames);
  });
}

function secured(gateway: TestGateway, { ca, cert, key, ciphers }: Approach): Approach {
  const own = cert === undefined || key === undefined ? {} : { cert, key };
  const weak = ciphers === undefined ? {} : { ciphers };
  return { ca: ca ?? readFileSync(gateway.certificates.ca, 'utf8'), ...own, ...weak };
}

/** A message of one text, in field 1: the name of a collection, to most methods. */
export function naming(collection: string): Buffer {
  const text = Buffer.from(collection);
  return Buffer.concat([Buffer.from([0x0a, text.length]), text]);
}

/** A message in its frame, not compressed. */
export function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

import type { IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2';
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect, type TLSSocket } from 'node:tls';
import { ca } from './edge.ts';

/** Opens a TLS connection that speaks what the test writes on it. */
export async function openSocket(port: number, alpn = ['http/1.1']): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    ca,
    servername: 'localhost',
    ALPNProtocols: alpn,
  });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve).once('error', reject);
  });
  return socket;
}

/** Everything a connection brings until it ends. */
export function readToEnd(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  return new Promise((resolve) => socket.on('close', () => resolve(text)));
}

/** What a connection brings until it has brought `part`, or ends. */
export function readUntil(socket: TLSSocket, part: string): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    const look = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!text.includes(part)) return;
      socket.off('data', look);
      resolve(text);
    };
    socket.on('data', look).on('close', () => resolve(text));
  });
}

/** Sends exact bytes on a connection of their own and gives all that comes back. */
export async function sendBytes(port: number, bytes: string): Promise<string> {
  const socket = await openSocket(port);
  const answer = readToEnd(socket);
  socket.write(bytes, 'latin1');
  return await answer;
}

/** An HTTP/2 connection to the edge under test. */
export async function openSession(port: number): Promise<ClientHttp2Session> {
  const session = connectHttp2(`https://localhost:${port}`, { ca, lookup: loopback } as never);
  session.on('error', () => undefined);
  await new Promise((resolve) => session.once('connect', resolve));
  return session;
}

const loopback = (_name: string, _options: unknown, done: (...told: unknown[]) => void) =>
  done(null, [{ address: '127.0.0.1', family: 4 }]);

/** What came back on one stream. */
export interface StreamAnswer {
  readonly headers: IncomingHttpHeaders & IncomingHttpStatusHeader;
  readonly body: Buffer;
  readonly trailers: IncomingHttpHeaders;
  /** How the stream ended: an HTTP/2 error code, 0 for well. */
  readonly code: number;
}

/** Makes one request on an HTTP/2 connection. */
export function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: Buffer,
): Promise<StreamAnswer> {
  const stream = session.request(headers, { endStream: body === undefined });
  const chunks: Buffer[] = [];
  let head: StreamAnswer['headers'] = {};
  let trailers: IncomingHttpHeaders = {};
  stream.on('response', (told) => {
    head = told;
  });
  stream.on('trailers', (told) => {
    trailers = told;
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', () => undefined);
  if (body !== undefined) stream.end(body);
  return new Promise((resolve) => {
    stream.on('close', () => {
      const code = stream.rstCode ?? 0;
      resolve({ headers: head, body: Buffer.concat(chunks), trailers, code });
    });
  });
}

/** The head of a call as gRPC clients send it. */
export function callHead(path: string, more: OutgoingHttpHeaders = {}): OutgoingHttpHeaders {
  return {
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...more,
  };
}

/** One length-prefixed message. */
export function frame(message: Buffer, flag = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

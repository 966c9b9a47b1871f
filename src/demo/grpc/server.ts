import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { gzipSync } from 'node:zlib';
import type { Foundation } from '../foundation.ts';
import { headerOf, type Metadata, serveCall } from './call.ts';
import { framed } from './frames.ts';
import { percentEncoded, Status } from './status.ts';

const always = { 'content-type': 'application/grpc', 'x-vectorgate-demo': 'in-memory' } as const;

/** A gRPC server without TLS. */
export function grpcServer(foundation: Foundation): Http2Server {
  const server = createServer({ maxSessionMemory: 1000, settings: { initialWindowSize: 1 << 20 } });
  server.on('session', (session) => {
    session.setLocalWindowSize(8 << 20);
    session.on('error', () => session.destroy());
  });
  server.on('stream', (stream: ServerHttp2Stream, headers, _flags, rawHeaders) => {
    stream.on('error', () => undefined);
    answer(foundation, stream, headers, pairsOf(rawHeaders)).catch(() => stream.destroy());
  });
  return server;
}

async function answer(
  foundation: Foundation,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  metadata: Metadata,
): Promise<void> {
  try {
    const path = String(headers[':path'] ?? '');
    const message = await serveCall(foundation, path, metadata, () => collected(stream));
    succeed(stream, message, headerOf(metadata, 'grpc-accept-encoding') ?? '');
  } catch (error) {
    // What is not a status is a fault of the demo, and is told as one.
    fail(stream, error instanceof Status ? error : new Status(13, String(error)));
  }
}

function succeed(stream: ServerHttp2Stream, message: Buffer, accepted: string): void {
  if (stream.destroyed) return;
  const gzip = accepted.split(',').some((encoding) => encoding.trim() === 'gzip');
  const encoding = gzip ? { 'grpc-encoding': 'gzip' } : {};
  stream.respond({ ':status': 200, ...always, ...encoding }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(framed(gzip ? gzipSync(message, { level: 1 }) : message, gzip));
}

/** Answers with nothing but trailers, in the place of headers. */
function fail(stream: ServerHttp2Stream, { code, message, headers }: Status): void {
  if (stream.destroyed) return;
  const text = message === '' ? {} : { 'grpc-message': percentEncoded(message) };
  const sent = { ':status': 200, ...always, ...headers, 'grpc-status': String(code), ...text };
  stream.respond(sent, { endStream: true });
  // Whatever the client still sends is not waited for.
  stream.resume();
}

function collected(stream: ServerHttp2Stream): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => parts.push(chunk));
    stream.on('end', () => resolve(Buffer.concat(parts)));
    stream.on('close', () => reject(new Status(1, 'The call was cancelled')));
  });
}

function pairsOf(raw: readonly string[]): Metadata {
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    pairs.push([raw[at]?.toLowerCase() ?? '', raw[at + 1] ?? '']);
  }
  return pairs;
}

import { once } from 'node:events';
import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';
import { gunzipSync } from 'node:zlib';
import { type DescMessage, fromBinary, toJson } from '@bufbuild/protobuf';
import { descriptors } from './descriptors.ts';
import { differences } from './difference.ts';
import { unframed } from './frames.ts';
import type { GrpcExchange, SentMessage } from './transcripts.ts';

/** What came back of a call, before it is read. */
interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly trailers: IncomingHttpHeaders;
}

/** Sends a recorded call again. */
export async function sendCall(
  session: ClientHttp2Session,
  exchange: GrpcExchange,
  body: Buffer,
): Promise<Received> {
  const raw = exchange.messages === undefined;
  const stream = session.request(
    {
      ':method': exchange.case === 'GET' ? 'GET' : 'POST',
      ':path': exchange.method,
      ...(raw
        ? { 'api-key': 'secret-admin', 'content-type': 'application/grpc', te: 'trailers' }
        : {}),
      ...exchange.metadata,
      ...(exchange.headers as Record<string, string | string[]> | undefined),
    },
    { endStream: body.length === 0 },
  );
  const answer: { headers: IncomingHttpHeaders; trailers: IncomingHttpHeaders } = {
    headers: {},
    trailers: {},
  };
  const parts: Buffer[] = [];
  stream.on('response', (headers) => Object.assign(answer.headers, headers));
  stream.on('trailers', (trailers) => Object.assign(answer.trailers, trailers));
  stream.on('data', (part: Buffer) => parts.push(part));
  if (body.length > 0) stream.end(body);
  await once(stream, 'close');
  return { ...answer, body: Buffer.concat(parts) };
}

const comparedHeaders = [
  ':status',
  'content-type',
  'content-length',
  'grpc-status',
  'grpc-message',
  'grpc-encoding',
  'grpc-accept-encoding',
] as const;

/** Where the recorded answer of a call and the one received differ. */
export function callDifferences({ method, answer }: GrpcExchange, received: Received): string[] {
  const output = descriptors.get(method.split('?')[0] ?? '');
  const compressed = answer.headers['grpc-encoding'] === 'gzip';
  const expected = answer.messages.map((message) =>
    readMessage(bytesOf(message, compressed), output),
  );
  const actual = unframed(received.body).map((message) => readMessage(message, output));
  return [
    ...comparedHeaders.flatMap((name) =>
      differences(answer.headers[name], received.headers[name], `header ${name}`),
    ),
    ...differences(answer.trailers['grpc-status'], received.trailers['grpc-status'], 'trailer'),
    ...differences(expected, actual, 'messages'),
  ];
}

/** A recorded message, inflated. */
function bytesOf(message: SentMessage, gzip: boolean): Buffer {
  const bytes = Buffer.from(typeof message === 'string' ? message : message.base64, 'base64');
  const compressed = typeof message === 'string' ? gzip : message.compressed === true;
  return compressed ? gunzipSync(bytes) : bytes;
}

/** A message as its descriptor in the official client reads it, or its bytes. */
function readMessage(bytes: Buffer, output: DescMessage | undefined): unknown {
  return output ? toJson(output, fromBinary(output, bytes)) : bytes.toString('hex');
}

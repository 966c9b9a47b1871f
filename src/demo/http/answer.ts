import { once } from 'node:events';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

/** What is sent back for a request. */
export interface Answer {
  readonly status: number;
  readonly headers?: readonly (readonly [string, string])[];
  /** Text, or so many bytes that are made as they are sent. */
  readonly body: string | { readonly length: number; readonly chunks: Iterable<Buffer> };
}

const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  202: 'Accepted',
  206: 'Partial Content',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Payload Too Large',
  422: 'Unprocessable Entity',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
};

/** How an answer travels. */
export interface Travel {
  /** `connection: close`, `keep-alive`, or nothing said. */
  readonly connection: string | undefined;
  readonly gzip: boolean;
}

/** Sends an answer, no faster than the peer takes it. */
export async function sendAnswer(socket: Socket, answer: Answer, travel: Travel): Promise<void> {
  const { body } = answer;
  if (typeof body === 'string') {
    const zipped = travel.gzip && body !== '';
    const bytes = zipped ? gzipSync(body, { level: 1 }) : Buffer.from(body);
    const encoding = zipped ? [['content-encoding', 'gzip'] as const] : [];
    const head = headText(answer, bytes.length, travel, encoding);
    socket.write(Buffer.concat([Buffer.from(head), bytes]));
    return;
  }
  socket.write(headText(answer, body.length, travel, []));
  for (const chunk of body.chunks) {
    if (socket.destroyed) return;
    if (!socket.write(chunk)) await drained(socket);
  }
}

async function drained(socket: Socket): Promise<void> {
  const gone = new AbortController();
  const { signal } = gone;
  await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]).catch(
    () => undefined,
  );
  gone.abort();
}

function headText(
  { status, headers = [] }: Answer,
  length: number,
  { connection, gzip }: Travel,
  encoding: readonly (readonly [string, string])[],
): string {
  const asked = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';
  const fields = [
    ['content-length', String(length)],
    ...(connection === undefined ? [] : [['connection', connection]]),
    ...headers,
    ...encoding,
    ['vary', gzip ? `accept-encoding, ${asked}` : asked],
    ['x-vectorgate-demo', 'in-memory'],
    ['date', new Date().toUTCString()],
  ];
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `HTTP/1.1 ${status} ${reasons[status] ?? 'Unknown'}\r\n${lines}\r\n`;
}

import { createServer, type Server, type Socket } from 'node:net';
import { type Answer, sendAnswer } from './answer.ts';
import { type Body, bodyOf } from './body.ts';
import { type Head, headerOf, readHead, UnreadableHead } from './head.ts';
import { type Input, inputOf } from './input.ts';

/** Answers a request; may leave its body unread. */
export type Handler = (head: Head, body: Body) => Promise<Answer> | Answer;

const longestHead = 128 * 1024;
/** How long a peer that still sends may go on before its connection is cut. */
const lingering = 1000;

/** An HTTP/1.1 server that reads requests as permissively as Qdrant's does. */
export function httpServer(handler: Handler): Server {
  return createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    serve(socket, handler).catch(() => socket.destroy());
  });
}

async function serve(socket: Socket, handler: Handler): Promise<void> {
  const chunks: AsyncIterable<Buffer> = socket.iterator({ destroyOnReturn: false });
  const input = inputOf(chunks);
  while (await serveOne(socket, input, handler));
  socket.end();
  const cut = setTimeout(() => socket.destroy(), lingering);
  socket.once('close', () => clearTimeout(cut));
  // What the peer still sends is dropped, so that it can read the answer before the end.
  while (await input.some(longestHead));
  socket.destroy();
}

/** Serves a request; says whether another one may follow. */
async function serveOne(socket: Socket, input: Input, handler: Handler): Promise<boolean> {
  try {
    const bytes = await input.head(longestHead);
    if (bytes === undefined) return false;
    if (bytes === 'too long') throw new UnreadableHead(431);
    const head = readHead(bytes.subarray(0, lengthWithoutEnd(bytes)));
    const body = bodyOf(head, input);
    if (headerOf(head, 'expect')?.toLowerCase() === '100-continue' && head.minor === 1) {
      socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    }
    const answer = await handler(head, body);
    // A body that was not asked for ends the connection: the answer does not wait for it.
    const keep = keepsAlive(head) && body.state.finished;
    const gzip = (headerOf(head, 'accept-encoding') ?? '').includes('gzip');
    const connection = keep === (head.minor === 1) ? undefined : keep ? 'keep-alive' : 'close';
    await sendAnswer(socket, answer, { connection, gzip });
    return keep && !socket.destroyed;
  } catch (error) {
    if (!(error instanceof UnreadableHead)) throw error;
    const answer = { status: error.status, body: '' };
    await sendAnswer(socket, answer, { connection: 'close', gzip: false });
    return false;
  }
}

function keepsAlive(head: Head): boolean {
  const said = headerOf(head, 'connection')?.toLowerCase();
  return head.minor === 1 ? said !== 'close' : said === 'keep-alive';
}

function lengthWithoutEnd(bytes: Buffer): number {
  return bytes.length - (bytes.toString('latin1', bytes.length - 3) === '\n\r\n' ? 3 : 2);
}

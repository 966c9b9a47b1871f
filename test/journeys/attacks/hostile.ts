import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { frameOf, literals } from '../../proxy/support/frames.ts';

/** A database that answers whatever a test puts in its mouth. */
export interface Hostile {
  readonly http: string;
  readonly grpc: string;
  readonly credential: null;
  /** The bytes of the next answers to what clients ask for over REST. */
  rest: string;
  /** The frames of the next answers to calls. */
  call: (stream: number) => Buffer;
  close(): void;
}

const settings = { type: 4, ack: 1 };
const ping = 6;

/** HEADERS of literals, which end the stream where `last` says so. */
export function head(stream: number, fields: readonly string[], last = false): Buffer {
  return frameOf(1, last ? 5 : 4, stream, literals([...fields]));
}

/** DATA with one empty message. */
export function empty(stream: number): Buffer {
  return frameOf(0, 0, stream, Buffer.alloc(5));
}

const fine = (stream: number) => head(stream, [':status', '200', 'grpc-status', '0'], true);

/** Opens one. It tells truly that its only collection is `pub`. */
export async function openHostile(): Promise<Hostile> {
  const web = createServer((socket) => serveRest(socket, () => hostile.rest));
  const rpc = createServer((socket) => serveCalls(socket, (stream) => hostile.call(stream)));
  const hostile: Hostile = {
    http: await listen(web),
    grpc: await listen(rpc),
    credential: null,
    rest: '',
    call: fine,
    close: () => {
      web.close();
      rpc.close();
    },
  };
  return hostile;
}

async function listen(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const truths: Readonly<Record<string, string>> = {
  '/collections': '{"result":{"collections":[{"name":"pub"}]}}',
  '/aliases': '{"result":{"aliases":[]}}',
  '/': '{"version":"1.19.0"}',
};

function serveRest(socket: Socket, answer: () => string): void {
  socket.on('error', () => undefined).unref();
  socket.on('data', (chunk) => {
    const target = chunk.toString('latin1').split(' ')[1] ?? '';
    const truth = truths[target];
    const length = `content-length: ${truth?.length}`;
    socket.write(truth ? `HTTP/1.1 200 OK\r\n${length}\r\n\r\n${truth}` : answer(), 'latin1');
  });
}

/** Answers each stream once its request has ended, and probes of the gateway truly. */
function serveCalls(socket: Socket, answer: (stream: number) => Buffer): void {
  socket.on('error', () => undefined).unref();
  socket.write(frameOf(settings.type, 0, 0, Buffer.alloc(0)));
  let held: Buffer = Buffer.alloc(0);
  let greeted = false;
  const probes = new Set<number>();
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    if (!greeted && held.length >= 24) {
      held = held.subarray(24);
      greeted = true;
    }
    while (greeted && held.length >= 9 && held.length >= 9 + held.readUIntBE(0, 3)) {
      const end = 9 + held.readUIntBE(0, 3);
      const [type, flag, stream] = [held[3], held[4] ?? 0, held.readUInt32BE(5)];
      const body = held.subarray(9, end);
      held = held.subarray(end);
      if (type === settings.type && !(flag & settings.ack)) {
        socket.write(frameOf(settings.type, settings.ack, 0, Buffer.alloc(0)));
      }
      if (type === ping && !(flag & 1)) socket.write(frameOf(ping, 1, 0, body));
      if (type === 1 && !body.includes('x-request-id')) probes.add(stream);
      if ((type === 0 || type === 1) && flag & 1) {
        socket.write(probes.has(stream) ? fine(stream) : answer(stream));
      }
    }
  });
}

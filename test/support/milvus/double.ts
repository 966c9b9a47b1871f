import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Behind } from '../gateway-folder.ts';
import { decode, encode, methodTypes, type Plain } from './messages.ts';
import { type DoubleCall, methods } from './methods.ts';
import { answerRest } from './rest.ts';
import { emptyDatabase, Failure, type Store, type Touch } from './store.ts';

/** A Milvus in this process, good enough for its clients: what it holds, and what it was asked. */
export interface MilvusDouble extends Behind {
  readonly store: Store;
  /** `ShowCollections`, in the order they came. */
  readonly asked: string[];
  /** Everything that came, as it came. */
  readonly came: Came[];
  /** What was read or written: `write default/products`. */
  readonly touched: string[];
  close(): Promise<void>;
}

/** A request or call as it came. */
export interface Came {
  readonly protocol: 'http' | 'grpc';
  /** With its query. */
  readonly target: string;
  /** The first of a header. */
  readonly field: (name: string) => string | undefined;
  /** A call's message without its frame. */
  readonly body: Buffer;
}

/** What is otherwise with a double. */
export interface DoubleOptions {
  /** Users and their passwords; where there are none, authorisation is off. */
  readonly users?: Users;
  /** What it does not know succeeds, and does nothing. */
  readonly lenient?: boolean;
}

type Users = Readonly<Record<string, string>>;

const root = { root: 'Milvus' };
const service = '/milvus.proto.milvus.MilvusService/';
/** A user that is not root may look at everything, and change nothing that was not granted it. */
const refusedOthers = new Set(['DropCollection', 'CreateCredential']);

/**
 * Opens a double on one port for gRPC and REST, as Milvus 2.3.5 does. It reads as Milvus reads: of a
 * repeated field and of two like metadata the last and the first, the body's database before the
 * metadata's, and `sourceid` before any password.
 */
export async function openMilvusDouble(options: DoubleOptions = {}): Promise<MilvusDouble> {
  const { lenient = false } = options;
  const users: Users = options.users ?? root;
  const store: Store = new Map([['default', emptyDatabase()]]);
  const asked: string[] = [];
  const came: Came[] = [];
  const touched: string[] = [];
  const touch: Touch = (kind, database, name) => touched.push(`${kind} ${database}/${name}`);
  const calls = createHttp2();
  calls.on('stream', (stream, _headers, _flags, raw) => {
    void serve(stream as ServerHttp2Stream, raw as unknown as string[]);
  });
  const admits =
    Object.keys(users).length === 0
      ? null
      : (user: string, password: string) => users[user] === password;
  const rest = createHttp(async (request, answer) => {
    const { method = '', url: target = '', rawHeaders } = request;
    const body = await buffer(request);
    const field = firstOf(rawHeaders.map((each, at) => (at % 2 === 0 ? each.toLowerCase() : each)));
    came.push({ protocol: 'http', target, field, body });
    const told = answerRest({ store, touch, admits, lenient }, { method, target, body, field });
    answer.writeHead(told.status, { ...told.fields }).end(told.body);
  });

  async function serve(stream: ServerHttp2Stream, raw: readonly string[]): Promise<void> {
    stream.on('error', () => undefined);
    const body = await buffer(stream);
    const first = firstOf(raw);
    const target = String(first(':path'));
    const method = target.replace(service, '');
    asked.push(method);
    came.push({ protocol: 'grpc', target, field: first, body: body.subarray(5) });
    try {
      answerTo(stream, perform(method, body.subarray(5), first));
    } catch (error) {
      const { status, details } = error as Partial<CallFailure>;
      if (stream.destroyed) return;
      const fields = [
        'grpc-status',
        String(status ?? 13),
        'grpc-message',
        String(details ?? error),
      ];
      const head = [':status', '200', 'content-type', 'application/grpc', ...fields];
      stream.respond(head as never, { endStream: true });
    }
  }

  function perform(method: string, message: Buffer, first: First): Buffer {
    const user = userOf(users, first);
    const types = methodTypes(method);
    if (!types && lenient) return Buffer.alloc(0);
    if (!types) throw callFailure(12, `unknown method ${method} for service milvus.proto`);
    if (user !== 'root' && refusedOthers.has(method)) {
      throw callFailure(7, `Privilege${method}: permission deny to ${user}`);
    }
    const read = decode(types.request, message);
    const database = String(read['db_name'] || first('dbname') || 'default');
    const call = { store, touch, asked: read, database };
    return encode(types.answer, outcome(types.answer, method, call, lenient));
  }

  const inner = await Promise.all([calls as Server, rest as Server].map(listen));
  const server = createServer((socket) => dispatch(socket, inner[0] ?? 0, inner[1] ?? 0));
  const sockets = new Set<Socket>();
  for (const each of [server, calls as Server, rest as Server]) {
    each.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    });
  }
  const port = await listen(server);
  return {
    ...{ product: 'milvus', http: '', grpc: `http://127.0.0.1:${port}`, store },
    ...{ asked, came, touched },
    credential: 'root' in users ? `root:${users['root']}` : null,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      const all = [server, calls as Server, rest as Server];
      await Promise.all(all.map((each) => new Promise((resolve) => each.close(resolve))));
    },
  };
}

type First = (name: string) => string | undefined;

/** Of names and values in turn, the first value of a name. */
function firstOf(raw: readonly string[]): First {
  return (name) => {
    const at = raw.findIndex((each, at) => at % 2 === 0 && each === name);
    return at === -1 ? undefined : raw[at + 1];
  };
}

interface CallFailure {
  readonly status: number;
  readonly details: string;
}

function callFailure(status: number, details: string): CallFailure {
  return { status, details };
}

/** Both protocols share the port: a connection of HTTP/2 begins with its preface. */
function dispatch(socket: Socket, calls: number, rest: number): void {
  socket.once('data', (chunk: Buffer) => {
    const port = chunk.subarray(0, 3).toString('latin1') === 'PRI' ? calls : rest;
    const onward = connect(port, '127.0.0.1');
    onward.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
    onward.write(chunk);
    socket.pipe(onward).pipe(socket);
  });
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function outcome(type: string, method: string, call: DoubleCall, lenient: boolean): Plain {
  const act = methods[method] ?? (lenient ? () => ({}) : undefined);
  if (!act) throw callFailure(12, `unknown method ${method}`);
  // Where the answer is a bare status, it is told in the answer itself.
  const told = (status: Plain, rest: Plain) =>
    type === 'common.Status' ? status : { status, ...rest };
  try {
    return told({ code: 0 }, act(call));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { code, older, message } = error;
    const { collection_name } = call.asked;
    return told({ code, error_code: older, reason: message, detail: message }, { collection_name });
  }
}

/** Milvus's own reading of a credential, `sourceid` of CVE-2025-64513 and all. Throws `CallFailure`. */
function userOf(users: Users, first: First): string {
  if (Object.keys(users).length === 0) return 'root';
  const shown = first('authorization');
  const member = first('sourceid') === Buffer.from('@@milvus-member@@').toString('base64');
  if (shown === undefined) {
    throw member
      ? callFailure(2, 'fail to get authorization from the md, authorize:[authorization]')
      : callFailure(16, 'missing authorization in header');
  }
  const bytes = Buffer.from(shown, 'base64');
  if (bytes.toString('base64') !== shown) throw callFailure(16, 'invalid token format');
  const text = bytes.toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) throw callFailure(16, 'auth check failure, please check api key is correct');
  const user = text.slice(0, colon);
  if (member || users[user] === text.slice(colon + 1)) return user;
  throw callFailure(16, 'auth check failure, please check username and password are correct');
}

function answerTo(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed) return;
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': '' }));
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.end(Buffer.concat([prefix, message]));
}

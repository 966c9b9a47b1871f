/** A Milvus that costs as little as Node can: fixed answers, gRPC and REST on one port in the clear. */
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { foundBody, foundMessage, insertedBody, insertedMessage } from './milvus-work.ts';
import { field, framed } from './work.ts';

const named = (name: string) => framed(field(2, Buffer.from(name)), false);
const answers = new Map([
  ['ListDatabases', named('default')],
  ['ShowCollections', named('bench')],
  ['GetVersion', named('v2.6.0')],
  ['Insert', insertedMessage],
  ['Search', foundMessage],
]);
const empty = framed(Buffer.alloc(0), false);

const rest = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const answer = request.url?.endsWith('/insert') ? insertedBody : foundBody;
  request.resume().on('end', () => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(answer),
    });
    response.end(answer);
  });
});

const calls = http2.createServer({ settings: { initialWindowSize: 1 << 20 } });
calls.on('session', (session) => session.setLocalWindowSize(16 << 20));
calls.on('stream', (stream: http2.ServerHttp2Stream, headers) => {
  const path = String(headers[':path']);
  const answer = answers.get(path.slice(path.lastIndexOf('/') + 1)) ?? empty;
  stream.on('error', () => undefined);
  stream.resume().on('end', () => {
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(answer);
  });
});

/** Milvus tells both apart by the first bytes of a connection. */
const port = net.createServer((socket) => {
  socket.on('error', () => undefined);
  socket.once('readable', () => {
    const head = socket.read() as Buffer | null;
    if (head === null) return;
    socket.unshift(head);
    (head.toString('latin1', 0, 3) === 'PRI' ? calls : rest).emit('connection', socket);
  });
});
port.listen(0, '127.0.0.1', () => {
  const address = port.address() as net.AddressInfo;
  console.log(JSON.stringify({ http: address.port, grpc: address.port }));
});

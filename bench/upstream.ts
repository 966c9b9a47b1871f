/** A database that costs as little as Node can: fixed answers over HTTP/1.1 and HTTP/2 in the clear. */
import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { searchAnswer, searchMessage } from './work.ts';

const answers = new Map([
  ['/', '{"title":"qdrant - vector search engine","version":"1.18.3","commit":""}'],
  ['/aliases', '{"result":{"aliases":[]},"status":"ok","time":0}'],
  ['/collections', '{"result":{"collections":[{"name":"bench"}]},"status":"ok","time":0}'],
]);
const downloadBytes = 2 * 1024 ** 3;
const block = Buffer.alloc(64 * 1024);

function download(response: http.ServerResponse): void {
  response.writeHead(200, { 'content-length': downloadBytes });
  let left = downloadBytes;
  const more = () => {
    while (left > 0) {
      left -= block.length;
      if (!response.write(block)) return response.once('drain', more);
    }
    return response.end();
  };
  more();
}

const rest = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  if (request.url?.includes('/snapshots/')) return download(response);
  const answer = answers.get(request.url ?? '') ?? searchAnswer;
  const send = () => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(answer),
    });
    response.end(answer);
  };
  if (request.method === 'GET') return send();
  request.resume().on('end', send);
});

const grpc = http2.createServer();
grpc.on('stream', (stream: http2.ServerHttp2Stream) => {
  stream.resume().on('end', () => {
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(searchMessage);
  });
  stream.on('error', () => undefined);
});

rest.listen(0, '127.0.0.1', () => {
  grpc.listen(0, '127.0.0.1', () => {
    const [a, b] = [rest.address(), grpc.address()] as [AddressInfo, AddressInfo];
    console.log(JSON.stringify({ http: a.port, grpc: b.port }));
  });
});

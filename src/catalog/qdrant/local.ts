import type { DatabaseFacts, LocalAnswer, Protocol } from '../operation.ts';
import { delimited } from '../reading/write.ts';

const title = 'qdrant - vector search engine';
const unavailable = 14;

/** What Qdrant says of itself: `GET /` and HealthCheck. The version is the one it told us. */
export function answerRoot(protocol: Protocol, { version }: DatabaseFacts): LocalAnswer {
  if (version === null) return notYet(protocol);
  if (protocol === 'grpc') {
    const body = Buffer.concat([delimited(1, title), delimited(2, version)]);
    return { status: 0, contentType: null, body };
  }
  const body = Buffer.from(JSON.stringify({ title, version }));
  return { status: 200, contentType: 'application/json', body };
}

/** That this process answers: `/healthz`, `/livez` and the gRPC health service. */
export function answerAlive(protocol: Protocol): LocalAnswer {
  if (protocol === 'grpc') {
    return { status: 0, contentType: null, body: Uint8Array.of(0x08, 0x01) };
  }
  return text(200, 'healthz check passed');
}

/** Whether the database has answered us: `/readyz`. */
export function answerReady(protocol: Protocol, { version }: DatabaseFacts): LocalAnswer {
  if (version === null) return notYet(protocol);
  return text(200, 'all shards are ready');
}

function notYet(protocol: Protocol): LocalAnswer {
  const message = 'some shards are not ready';
  if (protocol === 'http') return text(503, message);
  return { status: unavailable, contentType: null, body: new Uint8Array(0), message };
}

function text(status: number, body: string): LocalAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body: Buffer.from(body) };
}

import type { Operation } from '../catalog/operation.ts';
import type { Identity } from '../identity/identity.ts';
import type { Exchange } from './exchange.ts';
import type { Upstream } from './upstream.ts';

const whoamiTarget = '/.vectorgate/whoami';

/** Answers a `public` operation: the database is not asked, no record is made. */
export function answerLocally(exchange: Exchange, upstream: Upstream, operation: Operation): void {
  const made = operation.answer?.(exchange.protocol, upstream.facts);
  if (!made) throw new TypeError(`${operation.name} has no answer of its own`);
  const type = made.contentType === null ? [] : ['content-type', made.contentType];
  exchange.body.discard();
  if (exchange.protocol === 'grpc') {
    answerMessage(exchange, made.status, made.message ?? '', made.body);
  } else {
    exchange.answer.whole(made.status, [...type, 'x-request-id', exchange.id], made.body);
  }
  const { status } = made;
  upstream.passed({ exchange, operation, identity: null, decision: 'local', status, ...nothing });
}

const nothing = { refusal: null, upstreamMs: 0 };

function answerMessage(exchange: Exchange, status: number, told: string, body: Uint8Array): void {
  const fields = ['content-type', 'application/grpc', 'x-request-id', exchange.id];
  const trailers = ['grpc-status', String(status)];
  if (told !== '') trailers.push('grpc-message', encodeURIComponent(told));
  if (status !== 0) return exchange.answer.whole(200, [...fields, ...trailers], new Uint8Array());
  exchange.answer.head(200, fields);
  exchange.answer.write(framed(body));
  exchange.answer.end(trailers);
}

/** One gRPC message with its prefix: not compressed, four bytes of length. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(5 + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}

/** Whether the caller asks the gateway about itself. */
export function isWhoami(exchange: Exchange): boolean {
  return exchange.target === whoamiTarget && exchange.method === 'GET';
}

/** Tells a credential its own principal. */
export function answerWhoami(exchange: Exchange, upstream: Upstream, identity: Identity): void {
  const { kind, id, name, roles, labels, expires } = identity;
  const told = {
    principal: { kind, id, name, labels },
    roles,
    upstream: upstream.name,
    expires: expires === null ? null : new Date(expires).toISOString(),
    now: new Date().toISOString(),
  };
  const fields = ['content-type', 'application/json', 'x-request-id', exchange.id];
  exchange.body.discard();
  exchange.answer.whole(200, fields, Buffer.from(JSON.stringify(told)));
  upstream.passed({
    exchange,
    operation: null,
    identity,
    decision: 'local',
    status: 200,
    ...nothing,
  });
}

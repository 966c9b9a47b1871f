import type { Operation } from '../catalog/operation.ts';
import type { Identity } from '../identity/identity.ts';
import type { Exchange } from './exchange.ts';
import { framed } from './message-frame.ts';
import type { Upstream } from './upstream.ts';

/** Answers what the gateway answers by itself, to whoever asks (`public`) or is known: the database
 * is not asked, no record is made. */
export function answerLocally(
  exchange: Exchange,
  upstream: Upstream,
  operation: Operation,
  identity: Identity | null,
): void {
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
  const none = { identity, refusal: null, upstreamMs: 0 };
  upstream.passed({ exchange, operation, decision: 'local', status, ...none });
}

function answerMessage(exchange: Exchange, status: number, told: string, body: Uint8Array): void {
  const fields = ['content-type', 'application/grpc', 'x-request-id', exchange.id];
  const trailers = ['grpc-status', String(status)];
  if (told !== '') trailers.push('grpc-message', encodeURIComponent(told));
  if (status !== 0) return exchange.answer.whole(200, [...fields, ...trailers], new Uint8Array());
  exchange.answer.head(200, fields);
  exchange.answer.end(trailers, framed(body));
}

import type { Trail } from '../audit/trail.ts';
import type { Usage } from '../limits/lease.ts';
import type { Permit } from '../policy/permit.ts';
import type { Exchange } from './exchange.ts';
import type { UpstreamRequest } from './forwarder.ts';
import { Relay } from './relay.ts';
import type { Upstream } from './upstream.ts';

/**
 * Sends a permitted request to the database and relays its answer. Resolves when the exchange has
 * ended, whichever way. Nothing is forwarded by any other function, or without a `Permit`.
 */
export async function forward(
  exchange: Exchange,
  upstream: Upstream,
  permit: Permit,
  trail: Trail,
  usage: Usage,
): Promise<void> {
  const relay = new Relay(exchange, upstream, permit, { trail, usage });
  const request = rebuilt(exchange, upstream, permit, relay);
  await relay.run(upstream.forwarders[exchange.protocol], request);
}

/** The upstream request: the intent's, our id and our credential; a body that was not held streams
 * through, and is counted as it passes. */
function rebuilt(
  exchange: Exchange,
  upstream: Upstream,
  permit: Permit,
  relay: Relay,
): UpstreamRequest {
  const { method, target, fields, body, tail } = permit.intent.request;
  const { deadline, traceparent } = exchange;
  const all = [...fields, 'x-request-id', exchange.id, ...upstream.credential(exchange.protocol)];
  if (traceparent) all.push('traceparent', traceparent);
  if (body !== null) {
    const request = { method, target, fields: all, body, length: body.length, deadline };
    return tail === undefined ? request : { ...request, tail };
  }
  const length = exchange.body.declared;
  if (length === 0) return { method, target, fields: all, body: null, length, deadline };
  const stream = exchange.body.stream((chunk) => relay.sent(chunk));
  return { method, target, fields: all, body: stream, length, deadline };
}

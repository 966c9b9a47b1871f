import type { Identity } from '../identity/identity.ts';
import type { Exchange } from './exchange.ts';
import type { Upstream } from './upstream.ts';

const target = '/.vectorgate/whoami';

/** Whether the caller asks the gateway about itself. */
export function isWhoami(exchange: Exchange): boolean {
  return exchange.target === target && exchange.method === 'GET';
}

/** Tells a credential its own principal, and the gateway's clock. */
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
  const none = { operation: null, refusal: null, upstreamMs: 0 };
  upstream.passed({ exchange, identity, decision: 'local', status: 200, ...none });
}

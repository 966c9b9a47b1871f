import type { Identity } from '../identity/identity.ts';
import type { Exchange } from './exchange.ts';
import type { Upstream } from './upstream.ts';

const target = '/.vectorgate/whoami';

/** Whether the caller asks the gateway about itself. */
export function isWhoami(exchange: Exchange): boolean {
  return exchange.target === target && exchange.method === 'GET';
}

/** How many limits are told: an identity may have one for each collection it asked for. */
const mostTold = 100;

/** Tells a credential its own principal, what is left of its limits, and the gateway's clock. */
export function answerWhoami(exchange: Exchange, upstream: Upstream, identity: Identity): void {
  const { kind, id, name, roles, labels, expires } = identity;
  const told = {
    principal: { kind, id, name, labels },
    roles,
    upstream: upstream.name,
    expires: expires === null ? null : new Date(expires).toISOString(),
    limits: limitsTold(upstream, identity),
    now: new Date().toISOString(),
  };
  const fields = ['content-type', 'application/json', 'x-request-id', exchange.id];
  exchange.body.discard();
  exchange.answer.whole(200, fields, Buffer.from(JSON.stringify(told)));
  const none = { operation: null, refusal: null, upstreamMs: 0 };
  upstream.passed({ exchange, identity, decision: 'local', status: 200, ...none });
}

function limitsTold({ grantsFor, limiter }: Upstream, identity: Identity) {
  const { limiting } = grantsFor(identity);
  if (!limiting) return [];
  const quotas = [...limiting.quotas, ...limiting.ruleQuotas()].slice(0, mostTold);
  return limiter.standing(quotas).map(({ quota, left, wait }) => ({
    name: quota.name,
    on: quota.scope,
    measure: quota.measure,
    units: quota.units,
    seconds: quota.period === 0 ? null : quota.period / 1000,
    burst: quota.burst,
    left,
    reset: Math.ceil(wait / 1000),
  }));
}

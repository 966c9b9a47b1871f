import { type Failing, Refusal } from '../refusal.ts';
import type { Exchange } from './exchange.ts';
import type { Course } from './pipeline.ts';
import type { Upstream } from './upstream.ts';

/**
 * Says no, once, in the shape the database's clients read. What was not refused on purpose is the
 * gateway's own fault and reads as such. The denial is recorded before the caller hears it.
 */
export async function refuse(
  exchange: Exchange,
  upstream: Upstream,
  course: Course,
  error: unknown,
): Promise<void> {
  const refusal = asRefusal(error);
  try {
    const { identity, operation, needs } = course;
    const denied = upstream.audit.deny({ exchange, refusal, identity, operation, needs });
    if (denied instanceof Promise) await denied;
  } catch {
    // A denial that cannot be recorded is still a denial; the log's own state tells of the failure.
  }
  if (refusal.failing) {
    const slow = slowed(exchange, upstream, refusal.failing);
    if (slow) await slow;
  }
  tell(exchange, upstream, refusal);
  upstream.passed({
    exchange,
    operation: course.operation,
    identity: course.identity,
    decision: 'deny',
    status: exchange.protocol === 'grpc' ? refusal.grpc : refusal.http,
    refusal,
    upstreamMs: 0,
  });
}

/** Keeps whoever shows credentials that do not count waiting, more and more. */
function slowed(
  { peer, answer }: Exchange,
  { failures }: Upstream,
  { key }: Failing,
): Promise<void> | null {
  const delay = failures.fail(peer.address, key);
  if (delay === 0) return null;
  failures.turns.suspect(peer);
  if (answer.gone) return null;
  return failures.hold(delay, (leave) => answer.onGone(leave));
}

/** Writes a refusal as the answer; breaks the answer off where one has begun. */
export function tell(exchange: Exchange, upstream: Upstream, refusal: Refusal): void {
  if (exchange.answer.gone) return;
  if (exchange.answer.started) return exchange.answer.reset();
  const written = upstream.database.writeRefusal(exchange.protocol, refusal);
  exchange.body.discard();
  const fields = [...written.fields, 'x-request-id', exchange.id];
  exchange.answer.whole(written.status, fields, written.body);
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new Refusal('gateway-fault', reason, { cause: error });
}

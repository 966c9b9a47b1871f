import type { Intent, Located, Need, Operation } from '../catalog/operation.ts';
import type { Identity } from '../identity/identity.ts';
import type { HeldLease, Usage } from '../limits/lease.ts';
import type { Permit } from '../policy/permit.ts';
import { Refusal } from '../refusal.ts';
import { answerLocally } from './answer.ts';
import { confine } from './confine.ts';
import type { Exchange } from './exchange.ts';
import { forward } from './forward.ts';
import { refuse } from './refuse.ts';
import type { Upstream } from './upstream.ts';
import { answerWhoami, isWhoami } from './whoami.ts';

/** What is known of an exchange so far, for whoever must say how it ended. */
export interface Course {
  identity: Identity | null;
  operation: Operation | null;
  needs: readonly Need[];
}

/**
 * The path of every request, whatever protocol carries it and whichever database it is for: accept,
 * identify, classify, authorise, limit, audit, forward. Never rejects: every exchange ends in an
 * answer, a refusal or a reset, and in its record. A step that can answer at once gives no promise,
 * and is not awaited.
 */
export async function serve(exchange: Exchange, upstream: Upstream): Promise<void> {
  const course: Course = { identity: null, operation: null, needs: [] };
  let room: HeldLease | null = null;
  try {
    const objection = exchange.objection ?? upstream.database.attackIn?.(exchange);
    if (objection) throw objection;
    const located = locate(exchange, upstream);
    if (!(located instanceof Refusal)) {
      course.operation = located.operation;
      if (located.operation.answer) return answerLocally(exchange, upstream, located.operation);
    }
    const claimed = upstream.authenticate(exchange);
    let identity = claimed instanceof Promise ? await claimed : claimed;
    course.identity = identity;
    if (isWhoami(exchange)) return answerWhoami(exchange, upstream, identity);
    if (located instanceof Refusal) throw located;
    upstream.admit(located.operation.changes);

    const { names } = upstream;
    for (let wait = names.settled(located.names); wait; wait = names.settled(located.names)) {
      await wait;
    }
    course.needs = located.needs(names);
    upstream.judge.screen(upstream.grantsFor(identity), course.needs);
    const { limiting } = upstream.grantsFor(identity);
    if (limiting) upstream.limiter.check(limiting.quotas);

    const cap = located.hold ?? (limiting?.confined ? (located.holdConfined ?? null) : null);
    if (cap !== null) room = upstream.held.open(identity.id);
    const held = room === null ? null : hold(exchange, cap ?? 0, room);
    const read = located.read(held instanceof Promise ? await held : held);
    const reading = read instanceof Promise ? await read : read;
    if (held instanceof Promise) {
      // A body may take its time: whoever was let in by its head may have been shut out since.
      const again = upstream.authenticate(exchange);
      course.identity = identity = again instanceof Promise ? await again : again;
    }
    // Looked at again after each wait, and judged in the same turn: no two changes go by one table.
    for (let wait = names.settled(reading.names); wait; wait = names.settled(reading.names)) {
      await wait;
    }
    const intent = reading.intent(names);
    course.needs = intent.needs;
    const permit = upstream.judge.authorise(identity, upstream.grantsFor(identity), intent);
    confine(exchange, permit);
    await carryOut(exchange, upstream, permit);
  } catch (error) {
    await refuse(exchange, upstream, course, error);
  } finally {
    room?.release();
  }
}

/** Takes what the request is worth of its limits, records the intent, then forwards. What the names of
 * a change mean is unsettled from its judgement on, so that nothing else is judged by what they meant
 * before. */
async function carryOut(exchange: Exchange, upstream: Upstream, permit: Permit): Promise<void> {
  const { operation, needs } = permit.intent;
  // Nothing may come between the judgement and the names' being known as used: no promise is awaited.
  const taken = upstream.limiter.take(permit.quotas, workOf(permit.intent));
  const change = operation.renames ? upstream.names.changing(namesIn(upstream, needs)) : null;
  const used = change ? null : upstream.names.using(reachedBy(upstream, needs));
  let usage: Usage | null = null;
  try {
    usage = taken instanceof Promise ? await taken : taken;
    if (change?.ready) await change.ready;
    const begun = upstream.audit.begin(exchange, permit);
    const trail = begun instanceof Promise ? await begun : begun;
    await forward(exchange, upstream, permit, trail, usage);
  } finally {
    usage?.release();
    used?.();
    change?.done();
  }
}

/** What a request is worth under its limits: what is not known yet is charged on the way. */
function workOf({ work, points }: Intent): number {
  return Math.max(1, work ?? 1, points ?? 1);
}

function namesIn({ database: product }: Upstream, needs: readonly Need[]): string[] {
  return needs.flatMap(({ collection, database }) => {
    if (!collection) return [];
    return [
      product.keyOf(database, collection.named),
      product.keyOf(database, collection.resolved),
    ];
  });
}

function reachedBy({ database: product }: Upstream, needs: readonly Need[]): string[] {
  const names: string[] = [];
  for (const { collection, database } of needs) {
    if (collection) names.push(product.keyOf(database, collection.resolved));
  }
  return names;
}

/** A request that no row matches is still asked who sends it: whoever has no credential learns
 * nothing about which operations exist. */
function locate(exchange: Exchange, upstream: Upstream): Located | Refusal {
  try {
    return upstream.database.locate(exchange);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function hold(exchange: Exchange, cap: number, room: HeldLease): Buffer | Promise<Buffer> {
  return exchange.body.hold(cap, (bytes) => room.grow(bytes));
}

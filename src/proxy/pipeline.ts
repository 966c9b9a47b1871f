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
  /** What its body takes of the memory for bodies. */
  room: HeldLease | null;
}

/**
 * The path of every request, whatever protocol carries it and whichever database it is for: accept,
 * identify, classify, authorise, limit, audit, forward. Never rejects: every exchange ends in an
 * answer, a refusal or a reset, and in its record. A step that can answer at once gives no promise,
 * and is not awaited.
 */
export async function serve(exchange: Exchange, upstream: Upstream): Promise<void> {
  const course: Course = { identity: null, operation: null, needs: [], room: null };
  try {
    const objection = exchange.objection ?? upstream.database.attackIn?.(exchange);
    if (objection) throw objection;
    const located = locate(exchange, upstream);
    if (!(located instanceof Refusal)) {
      course.operation = located.operation;
      if (located.operation.answer && located.operation.action === 'public') {
        return answerLocally(exchange, upstream, located.operation, null);
      }
    }
    const turn = turnOf(exchange, upstream);
    if (turn) await turn;
    const claimed = upstream.authenticate(exchange);
    course.identity = claimed instanceof Promise ? await claimed : claimed;
    upstream.failures.turns.clear(exchange.peer);
    if (isWhoami(exchange)) return answerWhoami(exchange, upstream, course.identity);
    if (located instanceof Refusal) throw located;
    if (located.operation.answer) {
      return answerLocally(exchange, upstream, located.operation, course.identity);
    }
    await pass(exchange, upstream, located, course.identity, course);
  } catch (error) {
    await refuse(exchange, upstream, course, error);
  } finally {
    course.room?.release();
  }
}

/** What follows a credential that did not count on its connection is looked at in turn. */
function turnOf({ peer, answer }: Exchange, { failures }: Upstream): Promise<void> | null {
  const gone = (leave: () => void) => answer.onGone(leave);
  return failures.turns.take(peer, gone, () => answer.last());
}

/** Judges by the head alone, then by what the body says, and carries out what is permitted. */
async function pass(
  exchange: Exchange,
  upstream: Upstream,
  located: Located,
  caller: Identity,
  course: Course,
): Promise<void> {
  const { names } = upstream;
  upstream.admit(located.operation.changes);
  for (let wait = names.settled(located.names); wait; wait = names.settled(located.names)) {
    await wait;
  }
  course.needs = located.needs(names);
  const cap = screen(upstream, located, caller, course.needs);
  if (cap !== null) course.room = upstream.held.open(caller.id);
  const held = course.room === null ? null : hold(exchange, cap ?? 0, course.room);
  const read = located.read(held instanceof Promise ? await held : held);
  const reading = read instanceof Promise ? await read : read;
  // A body may take its time: whoever was let in by its head may have been shut out since.
  const again = held instanceof Promise ? upstream.authenticate(exchange, caller) : caller;
  const identity = again instanceof Promise ? await again : again;
  course.identity = identity;
  // Looked at again after each wait, and judged in the same turn: no two changes go by one table.
  for (let wait = names.settled(reading.names); wait; wait = names.settled(reading.names)) {
    await wait;
  }
  const intent = reading.intent(names);
  course.needs = intent.needs;
  const permit = upstream.judge.authorise(identity, upstream.grantsFor(identity), intent);
  await carryOut(exchange, upstream, confine(exchange, permit));
}

/** Refuses what the head alone forbids. Gives how many bytes of body to hold; null: none. */
function screen(
  upstream: Upstream,
  located: Located,
  caller: Identity,
  needs: readonly Need[],
): number | null {
  const grants = upstream.grantsFor(caller);
  upstream.judge.screen(grants, needs);
  const { limiting } = grants;
  if (limiting) upstream.limiter.check(limiting.quotas);
  return located.hold ?? (limiting?.confined ? (located.holdConfined ?? null) : null);
}

/** Takes what the request is worth of its limits, records the intent, then forwards. What the names
 * of a change mean is unsettled from its judgement on, so that nothing else is judged by what they
 * meant before. */
async function carryOut(exchange: Exchange, upstream: Upstream, permit: Permit): Promise<void> {
  const { operation, needs } = permit.intent;
  // Nothing may come between the judgement and the names' being known as used: no promise is
  // awaited.
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

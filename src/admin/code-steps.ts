import { Refusal } from '../refusal.ts';
import type { Store } from '../store/store.ts';
import { stepAt, type TakeStep } from './one-time-code.ts';

/** A store as codes need it. */
export type StoreOfCodes = Pick<Store, 'run' | 'place' | 'generation'>;

/**
 * The steps that this gateway alone takes, from when on, in milliseconds since 1970. What was taken
 * before is not known, so a code of that time counts for nothing: one is taken a step early at
 * most.
 */
export function stepsSince(start: number): TakeStep {
  return lastOf(stepAt(start) + 1);
}

/** KEYS: the steps by administrator, the generation. ARGV: the administrator, the step, the
 * generation. Gives the step before; nothing where the store is not the one it was. */
const takeScript = `
if redis.call('GET', KEYS[2]) ~= ARGV[3] then return false end
local before = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '-1')
if tonumber(ARGV[2]) > before then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
return before
`;

/**
 * The steps of an administrator that all gateways of a store take. Rejects with `Refusal`
 * store-unavailable where it does not answer, or is not the one it was.
 */
export function sharedSteps(store: StoreOfCodes, administrator: string): TakeStep {
  const keys = [store.place('codes'), store.place('generation')];
  // Holds whatever a store forgets that comes back.
  const own = lastOf(-1);
  return async (step) => {
    const before = own(step);
    const told = await store
      .run(takeScript, keys, [administrator, step, store.generation])
      .catch((cause: unknown) => {
        throw unavailable(`the store does not answer: ${(cause as Error).message}`);
      });
    if (typeof told !== 'number') throw unavailable('the store is not the one it was');
    return Math.max(before, told);
  };
}

function lastOf(begin: number): (step: number) => number {
  let last = begin;
  return (step) => {
    const before = last;
    last = Math.max(last, step);
    return before;
  };
}

function unavailable(reason: string): Refusal {
  return new Refusal('store-unavailable', `a one-time code cannot be taken: ${reason}`, {
    retryAfter: 5,
  });
}

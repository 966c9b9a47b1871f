import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeSharedCounts, type SharedCountsOptions } from '../../src/limits/shared-counts.ts';
import type { Quota } from '../../src/policy/quota.ts';

const quota: Quota = {
  key: 'role.requests',
  name: 'role.requests',
  scope: '',
  measure: 'requests',
  units: 100,
  period: 1000,
  burst: 100,
};

type Place = SharedCountsOptions['store'];

/** A store that does what the script says, in the words of this language, and can be lost. */
function scene(gateways: number) {
  const paid = new Map<string, number>();
  const never = Number.NEGATIVE_INFINITY;
  const state = { now: 0, lost: false, failedAt: never, generation: 'first', asked: 0 };
  const run: Place['run'] = async (
    _script,
    [count = ''],
    [asked, owed, each, burst, generation],
  ) => {
    if (state.lost) throw new Error('the store does not answer');
    if (generation !== state.generation) return [];
    state.asked++;
    const step = Number(each);
    let until = Math.max(paid.get(count) ?? 0, state.now);
    until = Math.max(until + Number(owed) * step, state.now);
    const left = Math.floor(Number(burst) - (until - state.now) / step + 0.001);
    const granted = Math.max(0, Math.min(Number(asked), left));
    paid.set(count, until + granted * step);
    return [granted, left - granted];
  };
  const status = () => ({ state: state.lost ? 'lost' : 'up' }) as Place['status'];
  const store: Place = {
    cluster: false,
    run,
    spread: (name) => name,
    place: (name) => name,
    generation: 'first',
    gateways: Array.from({ length: gateways }, (_, at) => String(at)),
    get status() {
      return status();
    },
    get failedAt() {
      return state.failedAt;
    },
  };
  const make = () => makeSharedCounts({ store, upstream: 'main', now: () => state.now });
  return { state, make, counts: Array.from({ length: gateways }, make) };
}

const steps = { at: fc.nat(2), units: fc.nat(30), lost: fc.boolean() };
const step = fc.record({ ...steps, later: fc.nat(200) });

describe('counts that gateways share', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('grant together what the limit gives, and never more, while the store answers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const { state, counts } = scene(3);
        let granted = 0;
        let over = 0;
        for (const { at, units, later } of steps) {
          state.now += later;
          const [grant] = (await counts[at]?.take([{ quota, units, owed: 0 }])) ?? [];
          granted += grant?.units ?? 0;
          over = Math.max(over, granted - quota.burst - (state.now * quota.units) / quota.period);
        }
        expect(over).toBe(0);
      }),
    );
  });

  it('give each gateway its share of what was left while the store is lost', async () => {
    const { state, counts } = scene(4);
    const [first] = (await counts[0]?.take([{ quota, units: 60, owed: 0 }])) ?? [];
    expect(first).toMatchObject({ units: 60, left: 40 });
    counts[1]?.heard?.(quota.key, { left: 40, paidIn: 600 });
    state.lost = true;
    const grants = await Promise.all(
      counts.map((each) => each.take([{ quota, units: 100, owed: 0 }])),
    );
    // Whoever heard nothing takes half of it for used, as of more it would have heard.
    expect(grants.map(([grant]) => grant?.units)).toEqual([10, 10, 12, 12]);
  });

  it('tell by themselves what was granted while the store was lost, once it is back', async () => {
    const { state, counts, make } = scene(2);
    state.lost = true;
    const [alone] = (await counts[0]?.take([{ quota, units: 40, owed: 0 }])) ?? [];
    expect(alone).toMatchObject({ units: 25, alone: true });
    state.lost = false;
    await vi.advanceTimersByTimeAsync(500);
    const [other] = await make().take([{ quota, units: 100, owed: 0 }]);
    expect(other?.units).toBe(75);
  });

  it('never grant together more than the limit and one batch, however often the store is lost', async () => {
    const hourly = { ...quota, period: 3_600_000 };
    const turn = fc.record({ ...steps, later: fc.constantFrom(0, 1, 200, 700, 4000) });
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { maxLength: 60 }), async (turns) => {
        const { state, counts } = scene(3);
        let granted = 0;
        let over = 0;
        for (const { at, units, later, lost } of turns) {
          state.now += later;
          if (lost || state.lost) state.failedAt = state.now;
          state.lost = lost;
          await vi.advanceTimersByTimeAsync(later);
          const asks = [{ quota: hourly, units, owed: 0 }];
          const [grant] = (await counts[at]?.take(asks)) ?? [];
          granted += grant?.units ?? 0;
          if (grant && !grant.alone && grant.left <= hourly.burst / 2) {
            const paidIn = ((hourly.burst - grant.left) * hourly.period) / hourly.units;
            for (const each of counts) each.heard?.(hourly.key, { left: grant.left, paidIn });
          }
          const most = hourly.burst + (state.now * hourly.units) / hourly.period;
          over = Math.max(over, granted - most - hourly.burst / 16);
        }
        expect(over).toBe(0);
      }),
    );
  });

  it('take a store that is another one for lost', async () => {
    const { state, counts } = scene(2);
    await counts[0]?.take([{ quota, units: 50, owed: 0 }]);
    state.generation = 'emptied';
    const [grant] = (await counts[0]?.take([{ quota, units: 100, owed: 0 }])) ?? [];
    expect(grant?.units).toBe(25);
  });

  it('take back what was not spent', async () => {
    const { counts } = scene(2);
    await counts[0]?.take([{ quota, units: 100, owed: 0 }]);
    counts[0]?.giveBack(quota, 30);
    await Promise.resolve();
    const [other] = (await counts[1]?.take([{ quota, units: 100, owed: 0 }])) ?? [];
    expect(other?.units).toBe(30);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
  const state = { now: 0, lost: false, generation: 'first', asked: 0 };
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
  };
  const make = () => makeSharedCounts({ store, upstream: 'main', now: () => state.now });
  return { state, counts: Array.from({ length: gateways }, make) };
}

const step = fc.record({
  at: fc.nat(2),
  units: fc.nat(30),
  later: fc.nat(200),
  lost: fc.boolean(),
});

describe('counts that gateways share', () => {
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

  it('give each gateway its share while the store is lost, from where it stood', async () => {
    const { state, counts } = scene(4);
    const [first] = (await counts[0]?.take([{ quota, units: 10, owed: 0 }])) ?? [];
    expect(first).toMatchObject({ units: 10, left: 90 });
    state.lost = true;
    const grants = await Promise.all(
      counts.map((each) => each.take([{ quota, units: 100, owed: 0 }])),
    );
    expect(grants.map(([grant]) => grant?.units)).toEqual([15, 25, 25, 25]);
  });

  it('forget nothing that was granted while the store was lost', async () => {
    const { state, counts } = scene(2);
    state.lost = true;
    await counts[0]?.take([{ quota, units: 40, owed: 0 }]);
    state.lost = false;
    const [told] = (await counts[0]?.take([{ quota, units: 0, owed: 0 }])) ?? [];
    expect(told?.left).toBe(60);
    const [other] = (await counts[1]?.take([{ quota, units: 100, owed: 0 }])) ?? [];
    expect(other?.units).toBe(60);
  });

  it('never grant together more than the limit and one burst, however often the store is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const { state, counts } = scene(3);
        let granted = 0;
        let over = 0;
        for (const { at, units, later, lost } of steps) {
          state.now += later;
          state.lost = lost;
          const [grant] = (await counts[at]?.take([{ quota, units, owed: 0 }])) ?? [];
          granted += grant?.units ?? 0;
          const most = 2 * quota.burst + (state.now * quota.units) / quota.period;
          over = Math.max(over, granted - most - counts.length);
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
    expect(grant?.units).toBe(0);
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

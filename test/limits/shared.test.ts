import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Counts, makeCounts } from '../../src/limits/counts.ts';
import type { Usage } from '../../src/limits/lease.ts';
import { makeLimiter } from '../../src/limits/limiter.ts';
import type { Quota } from '../../src/policy/quota.ts';
import { Refusal } from '../../src/refusal.ts';

const hour = 3_600_000;

function quotaOf(units: number, more: Partial<Quota> = {}): Quota {
  const name = 'search.requests';
  return {
    key: name,
    name,
    scope: '',
    measure: 'requests',
    units,
    period: hour,
    burst: units,
    ...more,
  };
}

/** Counts that answer when the test says so, and tell how often they were asked. */
function delayed(counts: Counts, sharers: number) {
  const waiting: (() => void)[] = [];
  const asked = { times: 0 };
  const slow: Counts = {
    take: async (asks) => {
      asked.times++;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return counts.take(asks);
    },
    giveBack: counts.giveBack,
    sharers,
  };
  const answer = async () => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    for (const one of waiting.splice(0)) one();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  return { slow, asked, answer };
}

/** What all gateways may pass without a grant: nothing, where that is no unit for each. */
function batchOf(burst: number, sharers: number): number {
  return burst < 16 * sharers ? 0 : burst / 16;
}

/** Several gateways that share counts. */
function gateways(number: number) {
  const clock = { now: 0 };
  const shared = delayed(
    makeCounts(() => clock.now),
    number,
  );
  const limiters = Array.from({ length: number }, () => {
    return makeLimiter({ now: () => clock.now, shared: shared.slow });
  });
  return { clock, limiters, ...shared };
}

/** Settles a take: true where it was granted. */
async function granted(
  take: () => Usage | Promise<Usage>,
  answer: () => Promise<void>,
): Promise<boolean> {
  try {
    const taken = take();
    if (taken instanceof Promise) {
      const settled = taken.then(
        () => true,
        (error: unknown) => {
          if (error instanceof Refusal) return false;
          throw error;
        },
      );
      await answer();
      return await settled;
    }
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

describe('limits that several gateways share', () => {
  it('allow a hundred identities at three gateways what the limit is, within 1 %', async () => {
    const { limiters, answer } = gateways(3);
    const allowed = new Map<string, number>();
    for (let n = 0; n < 10_000; n++) {
      const key = `k${n % 100}`;
      const limiter = limiters[(n * 7 + Math.floor(n / 100)) % 3];
      const passed = await granted(() => limiter?.take([quotaOf(50, { key })], 1) as Usage, answer);
      if (passed) allowed.set(key, (allowed.get(key) ?? 0) + 1);
      if (n % 10 === 0) await answer();
    }
    const counts = [...allowed.values()];
    expect(counts).toHaveLength(100);
    for (const count of counts) expect(count).toBeLessThanOrEqual(50);
    const sum = counts.reduce((total, count) => total + count, 0);
    expect(Math.abs(sum - 5000)).toBeLessThanOrEqual(50);
  });

  it('ask nobody on the way while less than half is used, and once for each request after', async () => {
    const { limiters, answer } = gateways(1);
    const [limiter] = limiters;
    let promised = 0;
    let passed = 0;
    for (let n = 0; n < 300; n++) {
      const take = () => {
        const taken = limiter?.take([quotaOf(200)], 1) as Usage;
        if (taken instanceof Promise) promised++;
        return taken;
      };
      const before = promised;
      if (await granted(take, answer)) passed++;
      if (n < 95) expect(promised).toBe(0);
      expect(promised - before).toBeLessThanOrEqual(1);
      await answer();
    }
    expect(passed).toBe(200);
  });

  it('never give more than the limit and one batch, however many gateways there are', async () => {
    const deed = fc.record({
      gateway: fc.nat(2),
      work: fc.constantFrom(1, 1, 1, 5, 30),
      answered: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(deed, { maxLength: 150 }),
        fc.constantFrom(16, 100, 320),
        async (deeds, most) => {
          const { limiters, answer } = gateways(3);
          let spent = 0;
          let largest = 1;
          const pending: Promise<unknown>[] = [];
          for (const { gateway, work, answered } of deeds) {
            try {
              const taken = limiters[gateway]?.take([quotaOf(most)], work);
              const count = () => {
                spent += work;
                largest = Math.max(largest, work);
              };
              if (taken instanceof Promise) pending.push(taken.then(count, () => undefined));
              else count();
            } catch (error) {
              expect(error).toBeInstanceOf(Refusal);
            }
            if (answered) await answer();
          }
          for (let turn = 0; turn < 5; turn++) await answer();
          await Promise.all(pending);
          const owing = largest > most / 2 ? 3 * (largest - most / 2) : 0;
          expect(spent).toBeLessThanOrEqual(most + batchOf(most, 3) + owing);
        },
      ),
    );
  });

  it('stop a sweep over three gateways within a page of the budget', async () => {
    const { limiters, answer } = gateways(3);
    const budget = quotaOf(1000, { measure: 'points', name: 'search.points', key: 'p' });
    let seen = 0;
    for (let page = 0; page < 60; page++) {
      let usage: Usage | null = null;
      const take = async () => {
        usage = (await limiters[page % 3]?.take([budget], 1)) ?? null;
        return usage as unknown as Usage;
      };
      if (!(await granted(take, answer))) continue;
      (usage as Usage | null)?.charge('points', 50);
      seen += 50;
      await answer();
    }
    expect(seen).toBeGreaterThanOrEqual(1000);
    expect(seen).toBeLessThanOrEqual(1050);
  });

  it('owe again what could not be told', async () => {
    const counts = makeCounts(() => 0);
    let lost = true;
    const limiter = makeLimiter({
      now: () => 0,
      shared: {
        take: (asks) => (lost ? Promise.reject(new Error('gone')) : counts.take(asks)),
        giveBack: counts.giveBack,
      },
    });
    const quota = quotaOf(100);
    const usage = (await limiter.take([quota], 1)) as Usage;
    usage.charge('requests', 20);
    await Promise.resolve();
    lost = false;
    await new Promise((resolve) => setImmediate(resolve));
    usage.charge('requests', 1);
    await new Promise((resolve) => setImmediate(resolve));
    const [grant] = await counts.take([{ quota, units: 0, owed: 0 }]);
    expect(grant?.left).toBeLessThanOrEqual(78);
    expect(grant?.left).toBeGreaterThanOrEqual(78 - 6);
  });

  it('of which nobody took anything are forgotten, so that none has to share one', async () => {
    const { limiters, clock } = gateways(1);
    const limiter = limiters[0];
    for (let at = 0; at < 1000; at++) {
      clock.now++;
      (await limiter?.take([quotaOf(5, { key: `caller ${at}`, measure: 'points' })], 1))?.release();
    }
    expect(limiter?.counts).toBeLessThan(10);
  });

  it('are told what was taken under one that was forgotten meanwhile', async () => {
    const clock = { now: 0 };
    const counts = makeCounts(() => clock.now);
    const limiter = makeLimiter({ now: () => clock.now, shared: counts });
    const budget = (key: string) => quotaOf(100, { key, measure: 'points' });
    const usage = (await limiter.take([budget('slow')], 1)) as Usage;
    for (clock.now = 1; clock.now < 50; clock.now++) {
      await limiter.take([budget(`other ${clock.now}`)], 1);
    }
    usage.charge('points', 60);
    await new Promise((resolve) => setImmediate(resolve));
    const [grant] = await counts.take([{ quota: budget('slow'), units: 0, owed: 0 }]);
    expect(grant?.left).toBe(40);
  });
});

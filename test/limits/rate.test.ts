import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeCounts } from '../../src/limits/counts.ts';
import { leftOf, paidAfter, waitFor } from '../../src/limits/rate.ts';
import type { Quota } from '../../src/policy/quota.ts';

function quotaOf(units: number, period: number, burst: number): Quota {
  return {
    key: 'k',
    name: 'search.requests',
    scope: '',
    measure: 'requests',
    units,
    period,
    burst,
  };
}

const quotas = fc
  .tuple(
    fc.integer({ min: 1, max: 5000 }),
    fc.constantFrom(1000, 60_000, 3_600_000),
    fc.integer({ min: 1, max: 5000 }),
  )
  .map(([units, period, burst]) => quotaOf(units, period, burst));

/** Steps of a clock that stands still, runs and leaps, each with what is wanted then. */
const steps = fc.array(
  fc.record({
    pause: fc.oneof(
      fc.constant(0),
      fc.integer({ max: 50, min: 1 }),
      fc.constantFrom(1e3, 1e5, 1e9),
    ),
    cost: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 6000 })),
  }),
  { maxLength: 200 },
);

describe('a rate', () => {
  it('gives the same as a bucket that is filled evenly, however the clock leaps', () => {
    fc.assert(
      fc.property(quotas, steps, (quota, taken) => {
        const { units, period, burst } = quota;
        let now = 0;
        let paid = 0;
        let bucket = burst;
        for (const { pause, cost } of taken) {
          now += pause;
          bucket = Math.min(burst, bucket + (pause * units) / period);
          const missing = Math.min(cost, burst) - bucket;
          expect(leftOf(quota, paid, now)).toBeCloseTo(bucket, 3);
          // Where adding up fractions decides, either is right.
          if (Math.abs(missing) < 0.002) return;
          expect(waitFor(quota, paid, now, cost) === 0).toBe(missing < 0);
          if (missing > 0) continue;
          paid = paidAfter(quota, paid, now, cost);
          bucket -= cost;
        }
      }),
    );
  });

  it('gives as soon as it said that it would, and not before', () => {
    fc.assert(
      fc.property(quotas, fc.integer({ min: 1, max: 6000 }), (quota, cost) => {
        const paid = paidAfter(quota, 0, 0, quota.burst + cost);
        const wait = waitFor(quota, paid, 0, cost);
        expect(wait).toBeGreaterThan(0);
        expect(waitFor(quota, paid, wait * 1.000001, cost)).toBe(0);
        const oneLess = wait - (1.1 * quota.period) / quota.units;
        if (oneLess > 0) expect(waitFor(quota, paid, oneLess, cost)).toBeGreaterThan(0);
      }),
    );
  });
});

describe('counts of one process', () => {
  it('never grant more than the burst and what time brings, whoever asks', async () => {
    await fc.assert(
      fc.asyncProperty(quotas, steps, async (quota, taken) => {
        let now = 0;
        const counts = makeCounts(() => now);
        let granted = 0;
        for (const { pause, cost } of taken) {
          now += pause;
          const [grant] = await counts.take([{ quota, units: cost, owed: 0 }]);
          granted += grant?.units ?? 0;
          const most = quota.burst + (now * quota.units) / quota.period;
          expect(granted).toBeLessThanOrEqual(most + 0.01 * taken.length);
        }
      }),
    );
  });

  it('count a debt whatever is left, and give again what was given back', async () => {
    const quota = quotaOf(10, 1000, 10);
    const counts = makeCounts(() => 0);
    expect(await counts.take([{ quota, units: 4, owed: 0 }])).toMatchObject([
      { units: 4, left: 6 },
    ]);
    expect(await counts.take([{ quota, units: 4, owed: 20 }])).toMatchObject([
      { units: 0, left: -14 },
    ]);
    counts.giveBack(quota, 16);
    expect(await counts.take([{ quota, units: 4, owed: 0 }])).toMatchObject([
      { units: 2, left: 0 },
    ]);
  });
});

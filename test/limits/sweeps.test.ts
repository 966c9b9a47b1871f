import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeCounts } from '../../src/limits/counts.ts';
import type { Usage } from '../../src/limits/lease.ts';
import { makeLimiter } from '../../src/limits/limiter.ts';
import type { Others } from '../../src/limits/others.ts';
import { tellScarcity } from '../../src/limits/scarce.ts';
import { makeSizes } from '../../src/limits/sizes.ts';
import type { Quota } from '../../src/policy/quota.ts';
import { Refusal } from '../../src/refusal.ts';

const hour = 3_600_000;

/** A share of one collection in an hour, in parts of 10,000. */
function sweep(collection: string, units: number, exceed: 'alarm' | 'stop' = 'stop'): Quota {
  const key = `search.sweep ${collection} ${exceed}`;
  return {
    ...{ key, name: 'search.sweep', scope: collection, measure: 'sweep', units, burst: units },
    period: hour,
    sweep: { of: { database: null, collection }, holder: 'key:search', exceed },
  };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await Promise.resolve();
}

/** A limiter before a database that tells sizes when the test says so; null: it does not tell. */
function beforeSizes(sizes: Record<string, number | null>) {
  const clock = { now: 0 };
  const asked: string[] = [];
  const alarms: (number | null)[] = [];
  const slow = { waits: false, go: (): void => undefined };
  const limiter = makeLimiter({
    now: () => clock.now,
    sweeping: {
      alarm: (_quota, units) => alarms.push(units),
      sizes: makeSizes({
        now: () => clock.now,
        after: () => new Promise(() => undefined),
        sizeOf: async ({ collection }) => {
          asked.push(collection);
          if (slow.waits) {
            await new Promise<void>((resolve) => {
              slow.go = resolve;
            });
          }
          const size = sizes[collection];
          if (size === null || size === undefined) throw new Error('it does not tell');
          return size;
        },
      }),
    },
  });
  const take = async (...quotas: Quota[]): Promise<Usage | Refusal> => {
    try {
      return await limiter.take(quotas, 1);
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  };
  /** One request whose answer carries so many points. Whether it passed. */
  const read = async (points: number, ...quotas: Quota[]): Promise<boolean> => {
    const usage = await take(...quotas);
    await turns();
    if (usage instanceof Refusal) return false;
    usage.charge('points', points);
    usage.release();
    await turns();
    return true;
  };
  return { clock, asked, alarms, slow, limiter, sizes, take, read };
}

describe('a sweep that is to stop', () => {
  it('stops within one page of its share, whatever the pages are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 100, max: 100_000 }),
        async (pages, size) => {
          const { read } = beforeSizes({ products: size });
          const quota = sweep('products', 2000);
          let [carried, last, stopped] = [0, 0, false];
          for (const page of pages) {
            const passed = await read(page, quota);
            expect(passed && stopped).toBe(false);
            if (!passed) stopped = true;
            else [carried, last] = [carried + page, page];
          }
          expect(carried - last).toBeLessThanOrEqual(size * 0.2);
          if (stopped) expect(carried).toBeGreaterThanOrEqual(Math.floor(size * 0.1999));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is not gone round by reading single points, or the same ones again', async () => {
    const { read } = beforeSizes({ products: 1000 });
    const passed = [];
    for (let at = 0; at < 300; at++) passed.push(await read(1, sweep('products', 2000)));
    expect(passed.filter(Boolean)).toHaveLength(200);
  });

  it('counts each collection by itself', async () => {
    const { read } = beforeSizes({ products: 1000, docs: 1000 });
    const [products, docs] = [sweep('products', 2000), sweep('docs', 2000)];
    expect([await read(200, products), await read(1, products)]).toEqual([true, false]);
    expect([await read(100, docs), await read(100, docs), await read(1, docs)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('goes on as time pays for it', async () => {
    const { clock, read } = beforeSizes({ products: 1000 });
    const quota = sweep('products', 2000);
    await read(200, quota);
    expect(await read(10, quota)).toBe(false);
    clock.now += hour / 2;
    expect([await read(100, quota), await read(1, quota)]).toEqual([true, false]);
  });

  it('tells whoever is stopped when to come back, and alerts once in each period', async () => {
    const { read, take } = beforeSizes({ products: 1000 });
    await read(200, sweep('products', 2000));
    const refusals = [
      await take(sweep('products', 2000)),
      await take(sweep('products', 2000)),
    ] as Refusal[];
    expect(refusals.map(({ alert }) => alert)).toEqual(['sweep', undefined]);
    expect(refusals[0]).toMatchObject({ code: 'over-limit', http: 429, grpc: 8, retryAfter: 2 });
    expect(refusals[0]?.limits).toMatchObject([{ measure: 'sweep', units: 2000, left: 0 }]);
  });

  it('counts what an export carries as all of it', async () => {
    const { take, read } = beforeSizes({ products: 1_000_000 });
    const quota = sweep('products', 2000);
    const usage = await take(quota);
    if (usage instanceof Refusal) throw usage;
    usage.charge('sweep', 10_000);
    expect(await read(1, quota)).toBe(false);
  });
});

describe('the size that a share is of', () => {
  it('is asked behind the request, once for many, and again after some seconds', async () => {
    const { clock, asked, read } = beforeSizes({ products: 1000 });
    for (let at = 0; at < 50; at++) await read(1, sweep('products', 2000));
    expect(asked).toEqual(['products']);
    clock.now += 6000;
    await read(1, sweep('products', 2000));
    expect(asked).toEqual(['products', 'products']);
  });

  it('counts what was carried before it was told, so that nothing passes while it is awaited', async () => {
    const { slow, take } = beforeSizes({ products: 1000 });
    slow.waits = true;
    const quota = sweep('products', 2000);
    const first = await take(quota);
    if (first instanceof Refusal) throw first;
    first.charge('points', 500);
    const second = take(quota);
    await turns();
    slow.go();
    expect(await second).toBeInstanceOf(Refusal);
  });

  it('is what the collection has now: one that was made anew and smaller is sooner read', async () => {
    const { clock, sizes, read } = beforeSizes({ products: 100_000 });
    const quota = sweep('products', 2000);
    expect(await read(100, quota)).toBe(true);
    sizes['products'] = 500;
    clock.now += 6000;
    expect([await read(100, quota), await read(1, quota)]).toEqual([true, false]);
  });

  it('is a hundred at least, so that a collection of none stops nobody at the first point', async () => {
    const { read } = beforeSizes({ empty: 0 });
    const quota = sweep('empty', 2000);
    expect([await read(10, quota), await read(10, quota), await read(1, quota)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('stops whoever carried points of it where it cannot be had, until it can', async () => {
    const { clock, sizes, read } = beforeSizes({ products: null });
    const quota = sweep('products', 2000);
    expect([await read(10, quota), await read(10, quota)]).toEqual([true, false]);
    clock.now += 2000;
    expect(await read(10, quota)).toBe(false);
    sizes['products'] = 1000;
    clock.now += 2000;
    expect(await read(190, quota)).toBe(true);
    expect(await read(1, quota)).toBe(false);
  });

  it('is the last that was told where the database is silent for a while', async () => {
    const { clock, sizes, read } = beforeSizes({ products: 1000 });
    const quota = sweep('products', 2000);
    await read(100, quota);
    sizes['products'] = null;
    clock.now += 10_000;
    expect([await read(100, quota), await read(50, quota), await read(1, quota)]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('very many collections whose size cannot be had', () => {
  it('cost nobody else the share of a collection that is known', async () => {
    const { clock, sizes, limiter } = beforeSizes({ products: 100_000 });
    const quota = sweep('products', 2000);
    const read = async (of: Quota, points: number) => {
      const usage = await limiter.take([of], 1);
      usage.charge('points', points);
      usage.release();
      return usage;
    };
    await read(quota, 1);
    for (let at = 0; at < 10_000; at++) {
      await read({ ...sweep(`gone-${at % 5000}`, 2000), key: `caller ${at}` }, 1);
    }
    await turns();
    clock.now += 10_000;
    sizes['products'] = null;
    await read(quota, 100);
    await turns();
    expect(limiter.standing([quota])[0]?.left).toBeGreaterThan(1900);
    // What nobody knows counts as small, and stops.
    const more = sweep('gone-more', 2000);
    await read(more, 100);
    await turns();
    expect(() => limiter.check([more])).toThrow(Refusal);
  });
});

describe('a sweep that only alarms', () => {
  it('passes, is told once in each period, and is hidden from the caller', async () => {
    const { clock, alarms, limiter, read } = beforeSizes({ products: 1000 });
    const quota = sweep('products', 2000, 'alarm');
    for (let at = 0; at < 10; at++) expect(await read(50, quota)).toBe(true);
    expect(alarms).toEqual([2000]);
    expect(limiter.standing([quota])).toEqual([]);
    clock.now += hour + 1;
    await read(500, quota);
    expect(alarms).toEqual([2000, 2000]);
  });

  it('says once that it cannot see where no size is told, and lets pass', async () => {
    const { alarms, read } = beforeSizes({});
    for (let at = 0; at < 5; at++) {
      expect(await read(50, sweep('products', 2000, 'alarm'))).toBe(true);
    }
    expect(alarms).toEqual([null]);
  });

  it('never refuses beside one that does, nor stands among what is told of it', async () => {
    const { read, take } = beforeSizes({ products: 1000 });
    const both = [sweep('products', 1000, 'alarm'), sweep('products', 2000)];
    expect([await read(150, ...both), await read(50, ...both)]).toEqual([true, true]);
    expect((await take(...both)) as Refusal).toMatchObject({ limits: [{ units: 2000 }] });
  });
});

describe('a sweep through several gateways', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Gateways that share counts and hear each other at once. */
  function gateways(count: number) {
    const clock = { now: 0 };
    const shared = makeCounts(() => clock.now);
    const ears: ((message: string) => void)[] = [];
    const alarms: string[] = [];
    const limiters = Array.from({ length: count }, (_, id) => {
      const others: Others = {
        id: String(id),
        present: [],
        tell: async (_topic, message) => {
          for (const ear of ears) ear(message);
        },
        hear: (_topic, listener) => ears.push(listener),
      };
      return makeLimiter({
        now: () => clock.now,
        shared,
        scarcity: tellScarcity(others, 'main'),
        sweeping: {
          alarm: () => alarms.push(String(id)),
          sizes: makeSizes({
            now: () => clock.now,
            after: () => new Promise(() => undefined),
            sizeOf: async () => 1000,
          }),
        },
      });
    });
    const read = async (at: number, points: number, quota: Quota) => {
      try {
        const usage = await limiters[at]?.take([quota], 1);
        usage?.charge('points', points);
        await vi.advanceTimersByTimeAsync(10);
        return points;
      } catch (error) {
        if (error instanceof Refusal) return 0;
        throw error;
      }
    };
    return { read, alarms };
  }

  it('stops within one page, in whatever order they are used', async () => {
    const orders = [
      (at: number) => at % 3,
      (at: number) => (at < 15 ? 0 : at % 3),
      // One that was never asked, and one that heard of it long ago, are kept for the end.
      (at: number) => (at === 0 ? 1 : at < 20 ? 0 : 1 + (at % 2)),
    ];
    for (const order of orders) {
      const { read } = gateways(3);
      let carried = 0;
      for (let at = 0; at < 30; at++) carried += await read(order(at), 11, sweep('products', 2000));
      expect(carried).toBeLessThanOrEqual(200 + 11);
      expect(carried).toBeGreaterThanOrEqual(200 - 11);
    }
  });

  it('is told where it only alarms, though no gateway saw a whole share', async () => {
    const { read, alarms } = gateways(3);
    for (let at = 0; at < 24; at++) {
      expect(await read(at % 3, 10, sweep('products', 2000, 'alarm'))).toBe(10);
    }
    expect(alarms.length).toBeGreaterThan(0);
    expect(alarms.length).toBeLessThanOrEqual(3);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Usage } from '../../src/limits/lease.ts';
import { makeLimiter } from '../../src/limits/limiter.ts';
import type { Measure, Quota } from '../../src/policy/quota.ts';
import { Refusal } from '../../src/refusal.ts';

function quota(measure: Measure, units: number, more: Partial<Quota> = {}): Quota {
  const period = measure === 'concurrent' ? 0 : 1000;
  const name = `search.${measure}`;
  return { key: name, name, scope: '', measure, units, period, burst: units, ...more };
}

type Limiter = ReturnType<typeof makeLimiter>;

/** What was taken; the refusal where nothing was. */
function tried(limiter: Limiter, quotas: readonly Quota[], work = 1): Usage | Refusal {
  try {
    const taken = limiter.take(quotas, work);
    if (taken instanceof Promise) throw new TypeError('a count of this process needs no promise');
    return taken;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function taken(limiter: Limiter, quotas: readonly Quota[], work = 1): Usage {
  const usage = tried(limiter, quotas, work);
  if (usage instanceof Refusal) throw usage;
  return usage;
}

function refused(limiter: Limiter, quotas: readonly Quota[], work = 1): Refusal {
  const refusal = tried(limiter, quotas, work);
  if (refusal instanceof Refusal) return refusal;
  throw new Error('it was not refused');
}

/** A limiter whose clock stands where the test says. */
function limiterAt(most?: number) {
  const clock = { now: 0 };
  const options = { now: () => clock.now };
  return { clock, limiter: makeLimiter(most === undefined ? options : { ...options, most }) };
}

/** What somebody does with two limits of one kind each. */
const deeds = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 12 }), who: fc.nat(2) }) },
    { weight: 3, arbitrary: fc.record({ release: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.record({ charge: fc.integer({ min: 1, max: 9 }), of: fc.nat(20) }) },
    { weight: 3, arbitrary: fc.record({ jump: fc.constantFrom(-5000, 1, 99, 100, 1000, 1e7) }) },
  ),
  { maxLength: 120 },
);

/** A bucket of ten that gains one each 100 ms, and two places; in whole numbers. */
function modelOf() {
  return { bucket: 10_000, places: 2 };
}

describe('the limiter', () => {
  it('gives what a plain model gives, though the clock jumps, to each holder by itself', () => {
    fc.assert(
      fc.property(deeds, (done) => {
        const { clock, limiter } = limiterAt();
        const models = [modelOf(), modelOf(), modelOf()];
        const quotasOf = (who: number) => [
          quota('requests', 10, { key: `r${who}` }),
          quota('concurrent', 2, { key: `c${who}` }),
        ];
        const held: { usage: Usage; who: number; there: boolean }[] = [];
        let latest = 0;
        for (const deed of done) {
          if ('jump' in deed) {
            clock.now = Math.max(0, clock.now + deed.jump);
            // A clock that leaps ahead and back again is seen where it is looked at.
            limiter.standing([]);
            const passed = Math.max(0, clock.now - latest);
            latest += passed;
            for (const each of models) each.bucket = Math.min(10_000, each.bucket + passed * 10);
          } else if ('take' in deed) {
            const model = models[deed.who] as ReturnType<typeof modelOf>;
            const fits = model.bucket >= Math.min(deed.take, 10) * 1000 && model.places > 0;
            const usage = tried(limiter, quotasOf(deed.who), deed.take);
            expect(usage instanceof Refusal).toBe(!fits);
            if (usage instanceof Refusal) continue;
            model.bucket -= deed.take * 1000;
            model.places--;
            held.push({ usage, who: deed.who, there: true });
          } else {
            const one = held['release' in deed ? deed.release : deed.of];
            if (!one) continue;
            const model = models[one.who] as ReturnType<typeof modelOf>;
            if ('charge' in deed) {
              one.usage.charge('requests', deed.charge);
              model.bucket -= deed.charge * 1000;
            } else {
              one.usage.release();
              if (one.there) model.places++;
              one.there = false;
            }
          }
        }
      }),
    );
  });

  it('takes of all limits or of none', () => {
    const { limiter } = limiterAt();
    const [wide, tight] = [quota('requests', 100, { key: 'wide' }), quota('requests', 2)];
    taken(limiter, [wide, tight]);
    taken(limiter, [wide, tight]);
    const place = quota('concurrent', 1);
    refused(limiter, [place, wide, tight]);
    expect(limiter.standing([wide, place])).toMatchObject([{ left: 98 }, { left: 1 }]);
  });

  it('lets pass what is larger than the burst only when all of it is there, and makes it pay', () => {
    const { clock, limiter } = limiterAt();
    const ten = quota('requests', 10);
    taken(limiter, [ten]);
    expect(refused(limiter, [ten], 50).retryAfter).toBe(1);
    clock.now = 100;
    taken(limiter, [ten], 50);
    clock.now = 4100;
    expect(refused(limiter, [ten])).toMatchObject({ code: 'over-limit', http: 429, grpc: 8 });
    clock.now = 4200;
    taken(limiter, [ten]);
  });

  it('counts what answers carry afterwards, and cuts at the next request', () => {
    const { clock, limiter } = limiterAt();
    const points = quota('points', 100, { period: 3_600_000 });
    const first = taken(limiter, [points]);
    const second = taken(limiter, [points]);
    first.charge('points', 99);
    first.charge('bytes', 1e9);
    taken(limiter, [points]);
    second.charge('points', 51);
    expect(refused(limiter, [points]).retryAfter).toBe((51 * 3600) / 100);
    clock.now = 1835_000;
    refused(limiter, [points]);
    clock.now = 1837_000;
    taken(limiter, [points]);
  });

  it('tells once in each period that a budget is used up, of nothing else', () => {
    const { clock, limiter } = limiterAt();
    const [points, rate] = [quota('points', 5, { period: 3_600_000 }), quota('requests', 1)];
    taken(limiter, [points, rate]).charge('points', 500);
    const alerts = (quotas: readonly Quota[]) => refused(limiter, quotas).alert;
    expect([alerts([rate]), alerts([points]), alerts([points])]).toEqual([
      undefined,
      'egress',
      undefined,
    ]);
    clock.now = 3_600_001;
    expect([alerts([points]), alerts([points])]).toEqual(['egress', undefined]);
  });

  it('gives a place back once, however often it is released', () => {
    const { limiter } = limiterAt();
    const two = quota('concurrent', 2);
    const first = taken(limiter, [two]);
    taken(limiter, [two]);
    const refusal = refused(limiter, [two]);
    expect(refusal.limits).toEqual([
      { name: two.name, measure: 'concurrent', units: 2, window: null, left: 0, reset: 1 },
    ]);
    first.release();
    first.release();
    taken(limiter, [two]);
    refused(limiter, [two]);
  });

  it('goes on counting where a reload changed the limit', () => {
    const { limiter } = limiterAt();
    for (let n = 0; n < 8; n++) taken(limiter, [quota('requests', 10)]);
    expect(limiter.standing([quota('requests', 5)])[0]?.left).toBe(1);
    expect(limiter.standing([quota('requests', 20)])[0]?.left).toBe(4);
  });

  it('tells a caller every limit that counts, and when to come back', () => {
    const { limiter } = limiterAt();
    const quotas = [quota('requests', 100), quota('points', 60, { period: 60_000 })];
    taken(limiter, quotas).charge('points', 70);
    const { limits, retryAfter, message, told } = refused(limiter, quotas);
    expect(retryAfter).toBe(11);
    expect(limits).toMatchObject([
      { name: 'search.requests', units: 100, window: 1, left: 99, reset: 0 },
      { name: 'search.points', units: 60, window: 60, left: 0, reset: 11 },
    ]);
    expect(message).toBe('over the limit search.points 60 in 60 s');
    expect(told).toBe('Too many requests');
  });

  it('keeps no count that is paid for, once others come', () => {
    const { clock, limiter } = limiterAt();
    for (let n = 0; n < 10_000; n++) {
      clock.now += 50;
      taken(limiter, [quota('requests', 10, { key: `k${n}` })]).release();
    }
    expect(limiter.counts).toBeLessThan(20);
  });

  it('gives nobody more where there are too many counts to keep', () => {
    const { limiter } = limiterAt(100);
    const one = (key: string) => [
      quota('requests', 3, { key }),
      quota('concurrent', 5, { key: `c${key}` }),
    ];
    let passed = 0;
    for (let n = 0; n < 1000; n++) {
      const usage = tried(limiter, one(`k${n % 300}`));
      if (usage instanceof Refusal) continue;
      usage.release();
      passed++;
    }
    expect(passed).toBeLessThanOrEqual(300);
    expect(passed).toBeGreaterThan(100);
    expect(limiter.counts).toBeLessThanOrEqual(102);
    expect(limiter.standing([quota('concurrent', 5)])[0]?.left).toBe(5);
  });
});

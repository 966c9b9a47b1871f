import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stamps } from '../../src/audit/timestamp.ts';
import { config, lines, opened, seconds } from './scene.ts';

describe('time stamps', () => {
  it('follow the wall clock to the microsecond', () => {
    let monotonic = 0;
    const { next } = stamps({
      wall: () => 1_795_359_845_123 + Math.floor(monotonic),
      monotonic: () => monotonic,
    });
    expect(next()).toBe('2026-11-22T15:04:05.123000Z');
    monotonic = 0.456;
    expect(next()).toMatch(/^2026-11-22T15:04:05\.12345[56]Z$/);
    monotonic = 1000;
    expect(next()).toBe('2026-11-22T15:04:06.123000Z');
  });

  it('never go backwards, whatever is done to the wall clock', () => {
    const step = fc.record({
      passed: fc.double({ min: 0, max: 5000, noNaN: true }),
      set: fc.oneof(fc.constant(0), fc.integer({ min: -4e10, max: 4e10 })),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 20 }), (steps) => {
        let wall = 1_795_359_845_123;
        let monotonic = 77;
        const { next } = stamps({ wall: () => Math.floor(wall), monotonic: () => monotonic });
        let last = next();
        for (const { passed, set } of steps) {
          monotonic += passed;
          wall += passed + set;
          const stamp = next();
          expect(stamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
          expect(stamp >= last).toBe(true);
          last = stamp;
        }
      }),
    );
  });

  it('run on when the clock is set back, and tell by how much', () => {
    let wall = 1_795_359_845_123;
    let monotonic = 0;
    const { next, behind } = stamps({ wall: () => wall, monotonic: () => monotonic });
    next();
    wall -= 3_600_000;
    monotonic += 1000;
    expect(next()).toBe('2026-11-22T15:04:06.123000Z');
    expect(behind()).toBeCloseTo(3_601_000);
  });
});

it('a clock that is set back is told in the log, once', async () => {
  const of = config();
  const second = seconds();
  let set = 0;
  const clock = { wall: () => Date.now() + set, monotonic: () => performance.now() };
  const log = await opened(of, { clock, ...second });
  set = -3_600_000;
  second.pass();
  second.pass();
  await log.close();
  const told = lines(of).filter(({ event }) => event === 'clock.behind');
  expect(told).toEqual([expect.objectContaining({ kind: 'fault' })]);
  expect(Math.round(Number(told[0]?.['behindMs']) / 60_000)).toBe(60);
});

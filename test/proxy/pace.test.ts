import { describe, expect, it } from 'vitest';
import { makePace, type Paced } from '../../src/proxy/pace.ts';

const bounds = { idle: 1000, bodyRate: 100 };
const body = (made: Partial<Paced>) => {
  const slow: number[] = [];
  const paced = { since: 0, lastAt: 0, received: 0, held: false, ...made };
  return { slow, paced: { ...paced, tooSlow: () => slow.push(1) } };
};
const isSlow = (made: Partial<Paced>, now: number) => {
  const pace = makePace(bounds);
  const { slow, paced } = body(made);
  pace.watch(paced);
  pace.sweep(now);
  return slow.length === 1;
};

describe('a body that is waited for', () => {
  it.each([
    ['stands still a little', { lastAt: 9000 }, 10_000, false],
    ['stands still for long', { lastAt: 8999 }, 10_000, true],
    ['streams slowly', { lastAt: 9999, received: 1 }, 10_000, false],
    ['is held and comes slowly', { lastAt: 9999, received: 899, held: true }, 10_000, true],
    ['is held and comes fast enough', { lastAt: 9999, received: 900, held: true }, 10_000, false],
    ['is held and has only begun', { lastAt: 999, received: 0, held: true }, 1000, false],
  ] as const)('and %s', (_name, made, now, slow) => {
    expect(isSlow(made, now)).toBe(slow);
  });

  it('is not looked at once it is forgotten', () => {
    const pace = makePace(bounds);
    const { slow, paced } = body({});
    pace.watch(paced);
    pace.forget(paced);
    pace.sweep(1e9);
    expect(slow).toEqual([]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeTakings } from '../../src/limits/takings.ts';

const hour = 3_600_000;
const someone = (name: string) => ({ kind: 'key', name });

describe('what was taken', () => {
  it('is told by caller, the greatest first', () => {
    const takings = makeTakings({ now: () => hour * 5 + 17 });
    takings.add('key:a', someone('a'), { points: 1, bytes: 10 });
    takings.add('key:b', someone('b'), { points: 2, bytes: 300 });
    takings.add('key:a', someone('a'), { points: 3, bytes: 20 });
    expect(takings.hours).toEqual([
      {
        since: '1970-01-01T05:00:00.000Z',
        points: 6,
        bytes: 330,
        top: [
          { kind: 'key', name: 'b', points: 2, bytes: 300, uncounted: 0 },
          { kind: 'key', name: 'a', points: 4, bytes: 30, uncounted: 0 },
        ],
      },
    ]);
  });

  it('begins anew each hour, and the last is still told', () => {
    let time = hour;
    const takings = makeTakings({ now: () => time });
    takings.add('a', someone('a'), { points: 1, bytes: 1 });
    time += hour;
    expect(takings.hours.map(({ bytes }) => bytes)).toEqual([0, 1]);
    time += 2 * hour;
    expect(takings.hours.map(({ bytes }) => bytes)).toEqual([0]);
  });

  it('is told of ten at most', () => {
    const takings = makeTakings({ now: () => 0 });
    for (let at = 0; at < 50; at++)
      takings.add(`${at}`, someone(`${at}`), { points: 1, bytes: at });
    expect(takings.hours[0]?.top.map(({ bytes }) => bytes)).toEqual([
      49, 48, 47, 46, 45, 44, 43, 42, 41, 40,
    ]);
  });

  it('never misses who took more than its part, and never tells too much of anybody', () => {
    const taking = fc.record({ who: fc.nat({ max: 20 }), bytes: fc.nat({ max: 1000 }) });
    fc.assert(
      fc.property(fc.array(taking, { maxLength: 200 }), (list) => {
        const takings = makeTakings({ now: () => 0, most: 5 });
        const truth = new Map<string, number>();
        for (const { who, bytes } of list) {
          takings.add(`${who}`, someone(`${who}`), { points: 0, bytes });
          truth.set(`${who}`, (truth.get(`${who}`) ?? 0) + bytes);
        }
        const [{ top, bytes: all } = { top: [], bytes: 0 }] = takings.hours;
        expect(top.length).toBeLessThanOrEqual(5);
        for (const { name, bytes, uncounted } of top) {
          expect(bytes).toBeLessThanOrEqual(truth.get(name) ?? 0);
          expect(bytes + uncounted).toBeGreaterThanOrEqual(truth.get(name) ?? 0);
        }
        const greatest = [...truth].filter(([, bytes]) => bytes > all / 5);
        for (const [name] of greatest) expect(top.map((each) => each.name)).toContain(name);
      }),
    );
  });
});

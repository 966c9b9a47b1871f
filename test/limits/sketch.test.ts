import fc from 'fast-check';
import { expect, it } from 'vitest';
import xxhash from 'xxhash-wasm';
import { makeSketch } from '../../src/limits/sketch.ts';

const { h32 } = await xxhash();
const hash = (text: string) => h32(text, 7);

/** What is counted of each name, without a bound on memory. */
function model(forget: number) {
  const known = new Map<string, { level: number; at: number }>();
  return (name: string, now: number) => {
    const { level, at } = known.get(name) ?? { level: 0, at: now };
    const next = Math.max(0, level - Math.max(0, now - at) / forget) + 1;
    known.set(name, { level: next, at: now });
    return next;
  };
}

it('counts as many as there were of few names, and fades as they do', () => {
  const names = fc.constantFrom('a', 'b', 'c');
  const steps = fc.array(fc.tuple(names, fc.integer({ min: 0, max: 5000 })), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (all) => {
      const sketch = makeSketch({ hash, forget: 1000 });
      const plain = model(1000);
      let now = 0;
      for (const [name, later] of all) {
        now += later;
        expect(sketch.add(name, now)).toBeCloseTo(plain(name, now), 6);
      }
    }),
  );
});

it('never counts too few, however many names are thrown at it to make it forget one', () => {
  const sketch = makeSketch({ hash, forget: 1e12, columns: 256 });
  for (let at = 0; at < 20; at++) sketch.add('guesser', 0);
  for (let at = 0; at < 50_000; at++) sketch.add(`flood ${at}`, 0);
  expect(sketch.add('guesser', 0)).toBeGreaterThanOrEqual(20.99);
});

it('gives nothing back when the clock is set back', () => {
  const sketch = makeSketch({ hash, forget: 1000 });
  for (let at = 0; at < 5; at++) sketch.add('one', 10_000);
  expect(sketch.add('one', 0)).toBeCloseTo(6, 6);
});

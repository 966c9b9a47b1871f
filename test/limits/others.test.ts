import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import xxhash from 'xxhash-wasm';
import { limitsSection } from '../../src/limits/config.ts';
import { makeFailures } from '../../src/limits/failures.ts';
import { makeLimiter } from '../../src/limits/limiter.ts';
import type { Others } from '../../src/limits/others.ts';
import { makePlaces } from '../../src/limits/places.ts';
import type { Quota } from '../../src/policy/quota.ts';
import { Refusal } from '../../src/refusal.ts';

const { h32 } = await xxhash();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Processes that hear each other, and one that is gone nobody. */
function crew() {
  const present: string[] = [];
  const ears: { id: string; topic: string; listener: (message: string) => void }[] = [];
  const join = (id: string): Others => {
    present.push(id);
    return {
      id,
      present,
      tell: async (topic, message) => {
        for (const ear of ears) if (ear.topic === topic) ear.listener(message);
      },
      hear: (topic, listener) => ears.push({ id, topic, listener }),
    };
  };
  const leave = (id: string) => present.splice(present.indexOf(id), 1);
  return { join, leave };
}

const two: Quota = {
  ...{ key: 'search.concurrent', name: 'search.concurrent', scope: '' },
  ...{ measure: 'concurrent', units: 2, period: 0, burst: 2 },
};

function limiterOf(others: Others) {
  const limiter = makeLimiter({ now: () => 0, places: makePlaces(others, 'main') });
  const take = () => {
    try {
      const usage = limiter.take([two], 1);
      if (usage instanceof Promise) throw new TypeError('a place needs no promise');
      return usage;
    } catch (error) {
      if (error instanceof Refusal) return null;
      throw error;
    }
  };
  const left = () => limiter.standing([two])[0]?.left;
  return { take, left };
}

describe('places that processes count together', () => {
  it('are taken and given back for all of them', async () => {
    const { join } = crew();
    const [one, other] = [limiterOf(join('w1')), limiterOf(join('w2'))];
    const first = one.take();
    one.take();
    await vi.advanceTimersByTimeAsync(20);
    expect([other.left(), other.take()]).toEqual([0, null]);
    first?.release();
    await vi.advanceTimersByTimeAsync(20);
    expect(other.left()).toBe(1);
    expect(other.take()).not.toBeNull();
    await vi.advanceTimersByTimeAsync(20);
    expect([one.take(), other.take()]).toEqual([null, null]);
  });

  it('are free again when the process that had them is gone', async () => {
    const { join, leave } = crew();
    const [one, other] = [limiterOf(join('w1')), limiterOf(join('w2'))];
    one.take();
    one.take();
    await vi.advanceTimersByTimeAsync(20);
    expect(other.take()).toBeNull();
    leave('w1');
    await vi.advanceTimersByTimeAsync(1000);
    expect(other.take()).not.toBeNull();
  });

  it('are free again where another process has come in its place meanwhile', async () => {
    const { join, leave } = crew();
    const [one, other] = [limiterOf(join('w1')), limiterOf(join('w2'))];
    one.take();
    one.take();
    await vi.advanceTimersByTimeAsync(20);
    leave('w1');
    const successor = limiterOf(join('w1'));
    await vi.advanceTimersByTimeAsync(20);
    expect(other.left()).toBe(2);
    successor.take();
    await vi.advanceTimersByTimeAsync(1000);
    expect(other.left()).toBe(1);
  });

  it('are heard of by whoever comes later', async () => {
    const { join } = crew();
    const one = limiterOf(join('w1'));
    one.take();
    one.take();
    await vi.advanceTimersByTimeAsync(20);
    const late = limiterOf(join('w2'));
    await vi.advanceTimersByTimeAsync(1000);
    expect(late.take()).toBeNull();
  });
});

describe('failures that processes count together', () => {
  const failuresOf = (others: Others) =>
    makeFailures({
      config: limitsSection.parse({}).failures,
      hash: (text) => h32(text, 1),
      isKey: () => false,
      alarm: () => undefined,
      now: () => 0,
      others,
    });

  it('make an answer wait wherever the next of them comes', async () => {
    const { join } = crew();
    const [one, other] = [failuresOf(join('w1')), failuresOf(join('w2'))];
    for (let at = 0; at < 6; at++) expect(one.fail('10.0.0.7', null)).toBe(0);
    for (let at = 0; at < 4; at++) expect(other.fail('10.0.0.7', null)).toBe(0);
    await vi.advanceTimersByTimeAsync(60);
    expect([one.fail('10.0.0.7', null), other.fail('10.0.0.7', null)]).toEqual([100, 100]);
    expect(other.fail('10.0.0.8', null)).toBe(0);
  });
});

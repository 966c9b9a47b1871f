import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseKeySet } from '../../../src/identity/jwks.ts';
import { keepKeys, makeRefresher } from '../../../src/identity/jwks-refresh.ts';
import { keySetOf } from './mint.ts';
import { keys } from './scene.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A refresher of each minute whose fetches go as they are told. */
function scene(answers: readonly boolean[] = []) {
  const times: number[] = [];
  const begun = performance.now();
  const refresher = makeRefresher({
    every: 60_000,
    fetch: async () => {
      times.push(Math.round(performance.now() - begun));
      return answers[times.length - 1] ?? true;
    },
  });
  return { times, refresher };
}

describe('keys', () => {
  test('are fetched at their own pace', async () => {
    const { times, refresher } = scene();
    await refresher.now();
    await vi.advanceTimersByTimeAsync(180_000);
    expect(times).toEqual([0, 60_000, 120_000, 180_000]);
  });

  test('are fetched again soon after a failure, each time later, then at their own pace', async () => {
    const { times, refresher } = scene([false, false, false, false, false, false, false, true]);
    await refresher.now();
    await vi.advanceTimersByTimeAsync(200_000);
    expect(times).toEqual([0, 1000, 3000, 7000, 15_000, 31_000, 61_000, 91_000, 151_000]);
  });

  test('are fetched once for any number of tokens that miss one, and not within five seconds', async () => {
    const { times, refresher } = scene();
    await refresher.now();
    for (let count = 0; count < 1000; count++) refresher.soon();
    await vi.advanceTimersByTimeAsync(4999);
    expect(times).toEqual([0]);
    await vi.advanceTimersByTimeAsync(1);
    for (let count = 0; count < 1000; count++) refresher.soon();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(times).toEqual([0, 5000, 10_000]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(times).toEqual([0, 5000, 10_000, 70_000]);
  });

  test('are fetched at once where the last time is long ago', async () => {
    const { times, refresher } = scene();
    await refresher.now();
    await vi.advanceTimersByTimeAsync(30_000);
    refresher.soon();
    await vi.advanceTimersByTimeAsync(0);
    expect(times).toEqual([0, 30_000]);
  });

  test('are fetched once for all who ask for it now', async () => {
    const { times, refresher } = scene();
    await Promise.all([refresher.now(), refresher.now()]);
    expect(times).toEqual([0]);
  });

  test('are fetched no more once it is closed', async () => {
    const { times, refresher } = scene();
    await refresher.now();
    refresher.close();
    refresher.soon();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(times).toEqual([0]);
  });

  test('that are confirmed stay the same object; others take their place', () => {
    const kept = keepKeys(1000, () => 0);
    expect(kept.current()).toBeNull();
    const set = parseKeySet(keySetOf(keys.rsa));
    kept.confirm(set);
    kept.confirm(parseKeySet(keySetOf(keys.rsa)));
    expect(kept.current()).toBe(set);
    kept.confirm(parseKeySet(keySetOf(keys.ec)));
    expect(kept.current()).not.toBe(set);
  });

  test('that were confirmed too long ago are last, and not current', () => {
    let now = 0;
    const kept = keepKeys(1000, () => now);
    kept.confirm(parseKeySet(keySetOf(keys.rsa)));
    now = 1000;
    expect(kept.current()).not.toBeNull();
    now = 1001;
    expect(kept.current()).toBeNull();
    expect(kept.last()).not.toBeNull();
  });
});

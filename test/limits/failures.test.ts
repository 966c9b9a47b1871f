import { beforeEach, describe, expect, it, vi } from 'vitest';
import xxhash from 'xxhash-wasm';
import { limitsSection } from '../../src/limits/config.ts';
import { type FailureAlarm, type Failures, makeFailures } from '../../src/limits/failures.ts';

const { h32 } = await xxhash();

let now = 0;
let alarms: FailureAlarm[] = [];
let failures: Failures;

beforeEach(() => {
  now = 0;
  alarms = [];
  failures = makeFailures({
    config: limitsSection.parse({}).failures,
    hash: (text) => h32(text, 1),
    isKey: (id) => id === 'known',
    alarm: (alarm) => alarms.push(alarm),
    now: () => now,
  });
});

const fail = (times: number, address: string, key: string | null = null) =>
  Array.from({ length: times }, () => failures.fail(address, key));

describe('failing credentials of one source', () => {
  it('are answered at once ten times, then later and later, at most after two seconds', () => {
    expect(fail(17, '10.0.0.7').slice(9)).toEqual([0, 100, 200, 400, 800, 1600, 2000, 2000]);
  });

  it('wait no longer once they are forgotten', () => {
    fail(15, '10.0.0.7');
    now = 30_000;
    expect(failures.fail('10.0.0.7', null)).toBe(100);
    now += 120_000;
    expect(failures.fail('10.0.0.7', null)).toBe(0);
  });

  it('make no other source wait', () => {
    fail(100, '10.0.0.7');
    expect(failures.fail('10.0.0.8', null)).toBe(0);
  });

  it('count together from all hosts of one IPv6 network', () => {
    for (let host = 1; host <= 12; host++) failures.fail(`2001:db8::${host}`, null);
    expect(failures.fail('2001:db8::ffff', null)).toBe(400);
  });
});

describe('failing credentials that call themselves one key', () => {
  it('wait from wherever they come', () => {
    for (let host = 1; host <= 12; host++) failures.fail(`10.0.${host}.1`, 'known');
    expect(failures.fail('10.1.0.1', 'known')).toBe(400);
    expect(alarms).toEqual([]);
  });

  it('are not counted for a key that is none: ids cost nothing to invent', () => {
    for (let host = 1; host <= 50; host++) failures.fail(`10.0.${host}.1`, 'invented');
    expect(failures.fail('10.1.0.1', 'invented')).toBe(0);
  });
});

describe('the alarm', () => {
  it('is raised once for a source that goes on, and again after ten minutes', () => {
    fail(200, '10.0.0.7');
    expect(alarms).toEqual([{ by: 'source', name: '10.0.0.7/32', count: 21 }]);
    now = 600_000;
    fail(200, '10.0.0.7');
    expect(alarms).toHaveLength(2);
    expect(failures.alarms).toBe(2);
  });

  it('names the key that is tried from many sources', () => {
    for (let host = 1; host <= 30; host++) failures.fail(`10.0.${host}.1`, 'known');
    expect(alarms).toEqual([{ by: 'key', name: 'known', count: 21 }]);
  });

  it('is bounded, however many sources there are', () => {
    for (let host = 0; host < 1000; host++) fail(30, `10.0.${host >> 8}.${host & 255}`);
    expect(alarms).toHaveLength(256);
  });
});

describe('an answer that is held', () => {
  beforeEach(() => void vi.useFakeTimers());

  it('goes out after its time', async () => {
    const held = failures.hold(500, () => undefined);
    expect(failures.held).toBe(1);
    await vi.advanceTimersByTimeAsync(500);
    await held;
    expect(failures.held).toBe(0);
  });

  it('gives its place back at once where nobody waits for it any more', async () => {
    let leave = () => undefined as unknown;
    const held = failures.hold(500, (left) => {
      leave = left;
    });
    leave();
    await held;
    expect([failures.held, vi.getTimerCount()]).toEqual([0, 0]);
    leave();
    expect(failures.held).toBe(0);
  });

  it('is not held where a thousand are: a flood costs no memory', () => {
    const places = Array.from({ length: 1100 }, () => failures.hold(500, () => undefined));
    expect(places.filter((place) => place === null)).toHaveLength(76);
    expect(failures.held).toBe(1024);
  });
});

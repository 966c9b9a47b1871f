import { beforeEach, describe, expect, it, vi } from 'vitest';
import { makeTurns, type Turns } from '../../src/limits/turns.ts';

const burst = 50;
const most = 4096;
const nobody = () => undefined;

let now = 0;
let turns: Turns;
let had: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  now = 0;
  had = [];
  turns = makeTurns({ carriesMany: (address) => address === '10.9.9.9', now: () => now });
});

const suspect = (address = '10.0.0.7') => {
  const connection = { address };
  turns.suspect(connection);
  return connection;
};

/** Asks for so many turns; each that waited says so by name. */
function ask(connection: { address: string }, times: number, name = 'flood'): void {
  for (let at = 0; at < times; at++) {
    turns.take(connection, nobody, nobody)?.then(
      () => had.push(name),
      (error) => had.push(error.code),
    );
  }
}

/** Lets time pass, a beat at a time. */
async function pass(milliseconds: number): Promise<void> {
  for (let at = 0; at < milliseconds; at += 4) {
    now += 4;
    await vi.advanceTimersByTimeAsync(4);
  }
}

describe('requests of a connection whose last credential did not count', () => {
  it('wait past the first few, and are looked at so many a second', async () => {
    ask(suspect(), 1000);
    expect(turns.waiting).toBe(1000 - burst);
    await pass(1000);
    expect(had).toHaveLength(500);
  });

  it('are looked at so many a second over all connections together', async () => {
    for (let at = 0; at < 40; at++) ask(suspect(), 95);
    await pass(1000);
    expect(had).toHaveLength(500);
  });

  it('wait for one of each other connection, not for all of its', async () => {
    ask(suspect(), 1000);
    ask(suspect('10.0.0.8'), 1, 'other');
    await pass(8);
    expect(had.indexOf('other')).toBe(1);
  });

  it('wait no longer once it has shown one that counts', async () => {
    const connection = suspect();
    ask(connection, 100);
    turns.clear(connection);
    await Promise.resolve();
    expect([turns.waiting, had.length]).toEqual([0, 100 - burst]);
    expect(turns.take(connection, nobody, nobody)).toBeNull();
  });

  it('give up their places when their connection ends', async () => {
    const connection = suspect();
    ask(connection, burst);
    const leaves: (() => void)[] = [];
    const waits = Array.from({ length: 90 }, () =>
      turns.take(connection, (leave) => leaves.push(leave), nobody),
    );
    const ends = Promise.allSettled(waits);
    for (const leave of leaves) leave();
    for (const leave of leaves) leave();
    expect(turns.waiting).toBe(0);
    for (const end of await ends) {
      expect(end).toMatchObject({ reason: { code: 'not-authenticated' } });
    }
    await pass(4);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('end their connection where very many wait: memory is bounded', () => {
    const lasts: string[] = [];
    ask(suspect(), burst + most);
    const connection = suspect();
    expect(() => turns.take(connection, nobody, () => lasts.push('last'))).toThrow(
      expect.objectContaining({ code: 'overloaded' }),
    );
    expect([turns.waiting, lasts]).toEqual([most, ['last']]);
  });
});

describe('requests of every other connection', () => {
  it('wait for nothing, however many wait', () => {
    ask(suspect(), burst + most);
    expect(turns.take({ address: '10.0.0.7' }, nobody, nobody)).toBeNull();
  });

  it('of a peer that carries many callers wait for nothing either', () => {
    ask(suspect(), burst + 1);
    const proxy = suspect('10.9.9.9');
    for (let at = 0; at < 1000; at++) expect(turns.take(proxy, nobody, nobody)).toBeNull();
  });
});

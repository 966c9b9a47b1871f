import { describe, expect, it } from 'vitest';
import { sharedSteps, stepsSince } from '../../src/admin/code-steps.ts';
import { makeCodeBook, oneTimeCode, type TakeStep } from '../../src/admin/one-time-code.ts';
import { Refusal } from '../../src/refusal.ts';
import { totp } from './scene.ts';

const start = 1_700_000_017_000;
const step = 30_000;
/** The begin of the step in which everything starts. */
const begin = Math.floor(start / step) * step;
const codeAt = (time: number) => oneTimeCode(totp, time);
const bookSince = (time: number) => makeCodeBook(totp, stepsSince(time));
const wrongCode = (time: number) => {
  const near = [-1, 0, 1].map((off) => codeAt(time + off * step));
  return ['000000', '000001', '000002', '000003'].find((code) => !near.includes(code)) ?? '';
};

/** A store as the script sees it. */
function codeStore(life = 'this one') {
  const steps = new Map<string, number>();
  const run = async (_: string, __: readonly string[], values: readonly (string | number)[]) => {
    const [name, taken, generation] = values as [string, number, string];
    if (generation !== life) return null;
    const before = steps.get(name) ?? -1;
    steps.set(name, Math.max(before, taken));
    return before;
  };
  return { run, place: (name: string) => name, generation: 'this one', steps };
}

describe('a one-time code', () => {
  it('counts once, and says when the next one does', () => {
    const takes = bookSince(0);
    expect(takes(codeAt(start), start)).toBeNull();
    const left = Math.ceil((begin + step - start) / 1000);
    expect(takes(codeAt(start), start)).toMatch(`shown in ${left} seconds`);
    expect(takes(codeAt(begin + step), begin + step)).toBeNull();
  });

  it('counts no more once a later one was taken', () => {
    const takes = bookSince(0);
    expect(takes(codeAt(start + step), start)).toBeNull();
    for (const off of [-step, 0]) expect(takes(codeAt(start + off), start)).toMatch('no more');
  });

  it('of the last step, while that of this one is not taken, is told that this one counts', () => {
    const takes = bookSince(0);
    expect(takes(codeAt(start - step), start)).toBeNull();
    expect(takes(codeAt(start - step), start)).toMatch('is shown now');
    expect(takes(codeAt(start), start)).toBeNull();
  });

  it.each([-1, 0, 1])('taken before a restart, %d steps off, counts at no time after it', (off) => {
    const code = codeAt(start + off * step);
    expect(bookSince(0)(code, start)).toBeNull();
    const restarted = bookSince(start);
    for (let time = start; time < start + 10 * step; time += 1000) {
      expect(restarted(code, time)).not.toBeNull();
    }
  });

  it('counts again from the second step after a start on', () => {
    const takes = bookSince(start);
    expect(takes(codeAt(start), start)).toMatch('counts no more');
    expect(takes(codeAt(begin + step), begin + step)).toMatch('shown in 30 seconds');
    expect(takes(codeAt(begin + 2 * step), begin + 2 * step)).toBeNull();
  });

  it('that counts no more takes back no wrong one: nobody guesses between two of them', () => {
    const takes = bookSince(0);
    const seen = codeAt(start);
    expect(takes(seen, start)).toBeNull();
    for (let at = 0; at < 5; at++) {
      takes(wrongCode(start), start);
      takes(seen, start);
    }
    expect(takes(codeAt(start + step), start)).toMatch('is needed');
  });

  it('that was wrong is not told from one that comes while it is closed', () => {
    const takes = bookSince(0);
    const first = takes(wrongCode(start), start);
    for (let at = 0; at < 4; at++) takes(wrongCode(start), start);
    expect(takes(codeAt(start), start)).toBe(first);
  });
});

describe('one-time codes of gateways that share a store', () => {
  const book = (take: TakeStep) => makeCodeBook(totp, take);

  it('count at one of them, once, right after its start', async () => {
    const store = codeStore();
    const one = book(sharedSteps(store, 'kim'));
    const other = book(sharedSteps(store, 'kim'));
    const code = codeAt(start);
    const told = await Promise.all([one(code, start), other(code, start), one(code, start)]);
    expect(told.filter((objection) => objection === null)).toHaveLength(1);
    const restarted = book(sharedSteps(store, 'kim'));
    expect(await restarted(code, start)).toMatch('counts no more');
    expect(await other(codeAt(start - step), start)).toMatch('counts no more');
  });

  it('of one administrator take none of another', async () => {
    const store = codeStore();
    expect(await book(sharedSteps(store, 'kim'))(codeAt(start), start)).toBeNull();
    expect(await book(sharedSteps(store, 'lee'))(codeAt(start), start)).toBeNull();
  });

  it('are not forgotten where the store forgets them', async () => {
    const store = codeStore();
    const takes = book(sharedSteps(store, 'kim'));
    expect(await takes(codeAt(start), start)).toBeNull();
    store.steps.clear();
    expect(await takes(codeAt(start), start)).toMatch('counts no more');
  });

  it.each([
    ['is another one now', codeStore('another')],
    [
      'does not answer',
      { ...codeStore(), run: () => Promise.reject(new Error('Connection is closed.')) },
    ],
  ])('count nowhere where it %s', async (_, store) => {
    const refused = book(sharedSteps(store, 'kim'))(codeAt(start), start);
    await expect(refused).rejects.toBeInstanceOf(Refusal);
    await expect(refused).rejects.toMatchObject({ code: 'store-unavailable' });
  });
});

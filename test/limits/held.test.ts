import { totalmem } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeHeldBytes } from '../../src/limits/held.ts';
import type { HeldLease } from '../../src/limits/lease.ts';
import { availableMemory } from '../../src/limits/memory.ts';
import { Refusal } from '../../src/refusal.ts';

const MiB = 1024 * 1024;

function fits(lease: HeldLease, bytes: number): boolean {
  try {
    lease.grow(bytes);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    expect((error as Refusal).code).toBe('overloaded');
    return false;
  }
}

/** Takes all it can get, in pieces of `piece` bytes, over many leases. */
function grab(budget: ReturnType<typeof makeHeldBytes>, holder: string, piece: number): number {
  const before = budget.held;
  while (fits(budget.open(holder), piece));
  return budget.held - before;
}

describe('the budget of held bytes', () => {
  it('is a quarter of the memory this process may use', () => {
    expect(makeHeldBytes().capacity).toBe(Math.floor(availableMemory() / 4));
    expect(availableMemory()).toBeGreaterThan(0);
    expect(availableMemory()).toBeLessThanOrEqual(totalmem());
  });

  it('takes nothing until a lease grows', () => {
    const budget = makeHeldBytes({ capacity: 16 * MiB });
    budget.open('a');
    expect(budget.held).toBe(0);
  });

  it('counts what a lease is grown to, not how often', () => {
    const budget = makeHeldBytes({ capacity: 16 * MiB });
    const lease = budget.open('a');
    lease.grow(1000);
    lease.grow(3000);
    lease.grow(2000);
    expect(budget.held).toBe(3000);
  });

  it('gets everything back, once', () => {
    const budget = makeHeldBytes({ capacity: 16 * MiB });
    const one = budget.open('a');
    const other = budget.open('a');
    one.grow(2 * MiB);
    other.grow(10);
    one.release();
    one.release();
    expect(budget.held).toBe(10);
    other.release();
    expect(budget.held).toBe(0);
  });

  it('does not let a released lease grow, so that nothing is lost to a late chunk', () => {
    const budget = makeHeldBytes({ capacity: 16 * MiB });
    const lease = budget.open('a');
    lease.release();
    expect(() => lease.grow(1)).toThrow(/released/);
    expect(budget.held).toBe(0);
  });

  it('keeps what a lease had when it is refused more', () => {
    const budget = makeHeldBytes({ capacity: 16 * MiB });
    const lease = budget.open('a');
    lease.grow(MiB);
    expect(fits(lease, 100 * MiB)).toBe(false);
    expect(budget.held).toBe(MiB);
    expect(fits(lease, 2 * MiB)).toBe(true);
  });

  it('tells when to come back', () => {
    const budget = makeHeldBytes({ capacity: 16 });
    expect(() => budget.open('a').grow(17)).toThrow(
      expect.objectContaining({ code: 'overloaded', http: 503, grpc: 8, retryAfter: 1 }),
    );
  });
});

describe('a greedy holder', () => {
  it.each([1, 1000, MiB, 3 * MiB])('in pieces of %i gets no more than its share', (piece) => {
    const budget = makeHeldBytes({ capacity: 64 * MiB, first: 64 * 1024 });
    const pieces = piece === 1 ? 64 * 1024 : piece;
    expect(grab(budget, 'greedy', pieces)).toBeLessThanOrEqual(24 * MiB + 64 * 1024);
  });

  it('never starves the first MiB of others, nor do several', () => {
    const budget = makeHeldBytes({ capacity: 64 * MiB });
    for (let index = 0; index < 8; index++) grab(budget, `greedy ${index}`, 64 * 1024);
    for (let index = 0; index < 8; index++) {
      expect(fits(budget.open(`small ${index}`), MiB)).toBe(true);
    }
  });

  it('leaves room for the next who wants a large body', () => {
    const budget = makeHeldBytes({ capacity: 64 * MiB });
    grab(budget, 'greedy', 64 * 1024);
    expect(fits(budget.open('next'), 12 * MiB)).toBe(true);
  });

  it('keeps what it holds when others come, and gets no more until it gives back', () => {
    const budget = makeHeldBytes({ capacity: 64 * MiB });
    const greedy = budget.open('greedy');
    greedy.grow(20 * MiB);
    budget.open('other').grow(10 * MiB);
    expect(fits(greedy, 21 * MiB)).toBe(false);
    expect(budget.held).toBe(30 * MiB);
    greedy.release();
    expect(fits(budget.open('greedy'), 10 * MiB)).toBe(true);
  });
});

interface Step {
  readonly lease: number;
  readonly grow: number | null;
}

const first = 10;
const capacity = 400;
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ lease: fc.nat(19), grow: fc.option(fc.nat(150), { freq: 3 }) }),
  { maxLength: 80 },
);

/** Every lease and what it holds, added up anew each time. Lease n belongs to holder n % 6. */
function model() {
  const taken = new Map<number, number>();
  const sumOf = (holder: number) =>
    [...taken].reduce((sum, [lease, bytes]) => sum + (lease % 6 === holder ? bytes : 0), 0);
  const beyond = (bytes: number) => Math.max(0, bytes - first);
  return {
    taken,
    total: () => [...taken.values()].reduce((sum, bytes) => sum + bytes, 0),
    allows(lease: number, bytes: number): boolean {
      const more = bytes - (taken.get(lease) ?? 0);
      if (more <= 0) return true;
      if (this.total() + more > capacity) return false;
      const before = beyond(sumOf(lease % 6));
      const mine = beyond(sumOf(lease % 6) + more);
      const others = [0, 1, 2, 3, 4, 5].filter((holder) => holder !== lease % 6);
      const left = (capacity * 3) / 4 - others.reduce((sum, each) => sum + beyond(sumOf(each)), 0);
      return mine === before || mine <= left - mine;
    },
  };
}

describe('for any order of growing and releasing', () => {
  it('the budget does what adding everything up anew would', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const budget = makeHeldBytes({ capacity, first });
        const leases = new Map<number, HeldLease>();
        const expected = model();
        for (const { lease, grow } of taken) {
          const open = leases.get(lease) ?? budget.open(`holder ${lease % 6}`);
          leases.set(lease, open);
          if (grow === null) {
            open.release();
            leases.delete(lease);
            expected.taken.delete(lease);
          } else {
            const allowed = expected.allows(lease, grow);
            expect(fits(open, grow)).toBe(allowed);
            const before = expected.taken.get(lease) ?? 0;
            if (allowed) expected.taken.set(lease, Math.max(before, grow));
          }
          expect(budget.held).toBe(expected.total());
          expect(budget.held).toBeLessThanOrEqual(capacity);
        }
        for (const lease of leases.values()) lease.release();
        expect(budget.held).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('whoever holds nothing gets its first bytes while fewer than nine others hold any', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const budget = makeHeldBytes({ capacity, first });
        for (const { lease, grow } of taken) {
          fits(budget.open(`holder ${lease % 6}`), grow ?? 0);
          const newcomer = budget.open('newcomer');
          expect(fits(newcomer, first)).toBe(true);
          newcomer.release();
        }
      }),
      { numRuns: 500 },
    );
  });
});

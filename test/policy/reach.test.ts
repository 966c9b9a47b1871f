import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../src/policy/glob.ts';
import { covers, overlaps } from '../../src/policy/reach.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 6 });
const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 });

function matches(pattern: string, each: string): boolean {
  return matchesGlob({ text: pattern, barred: '', plain: !/[*?]/.test(pattern) }, each);
}

describe('one pattern covers another', () => {
  it.each([
    ['*', 'products', true],
    ['docs-*', 'docs-*-eu', true],
    ['docs-*', 'docs-{claims.lang}', true],
    ['doc?', 'docs', true],
    ['doc?', 'doc*', false],
    ['*claims*', '{claims.tenant}-*', false],
    ['{claims.a}-*', '{claims.a}-*', true],
    ['{claims.a}-*', '{claims.b}-*', false],
    ['docs-*-eu', 'docs-*', false],
  ])('%s over %s: %s', (wide, narrow, expected) => {
    expect(covers(wide, narrow)).toBe(expected);
  });

  it('only where it matches every name of the other', () => {
    fc.assert(
      fc.property(text, text, name, (wide, narrow, each) => {
        fc.pre(covers(wide, narrow));
        if (matches(narrow, each)) expect(matches(wide, each)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('two patterns overlap', () => {
  it.each([
    ['docs-*', '*-pii', true],
    ['docs-*', 'hr-*', false],
    ['{claims.tenant}-*', 'hr-pii', true],
    ['doc?', 'docs', true],
    ['a', 'b', false],
    ['*', '', true],
  ])('%s and %s: %s', (one, other, expected) => {
    expect(overlaps(one, other)).toBe(expected);
    expect(overlaps(other, one)).toBe(expected);
  });

  it('where any name is matched by both', () => {
    fc.assert(
      fc.property(text, text, name, (one, other, each) => {
        if (matches(one, each) && matches(other, each)) expect(overlaps(one, other)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });
});

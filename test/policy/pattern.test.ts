import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../src/policy/glob.ts';
import { fillPattern, parsePattern } from '../../src/policy/pattern.ts';

type Claims = Readonly<Record<string, string | readonly string[]>>;

function reaches(pattern: string, claims: Claims, name: string): boolean {
  return fillPattern(parsePattern(pattern), claims).some((glob) => matchesGlob(glob, name));
}

describe('a placeholder', () => {
  it('stands for the value of a claim', () => {
    expect(reaches('{claims.tenant}-*', { tenant: 'acme' }, 'acme-docs')).toBe(true);
    expect(reaches('{claims.tenant}-*', { tenant: 'acme' }, 'other-docs')).toBe(false);
  });

  it('stands for each value of a list', () => {
    const claims = { tenant: ['acme', 'beta'] };
    expect(reaches('{claims.tenant}-*', claims, 'beta-docs')).toBe(true);
    expect(reaches('{claims.tenant}-*', claims, 'gamma-docs')).toBe(false);
  });

  it('does not let tenant acme reach the collections of tenant acme-eu', () => {
    expect(reaches('{claims.tenant}-*', { tenant: 'acme' }, 'acme-eu-docs')).toBe(false);
    expect(reaches('{claims.tenant}-*', { tenant: 'acme-eu' }, 'acme-eu-docs')).toBe(false);
    expect(reaches('{claims.tenant}-*', { tenant: ['acme', 'eu'] }, 'acme-eu-docs')).toBe(false);
  });

  it.each([
    ['empty', ''],
    ['a star', '*'],
    ['a question mark', 'acm?'],
    ['a path', '../acme'],
    ['dots', '..'],
    ['a leading dash', '-acme'],
    ['a line break', 'acme\n'],
    ['a NUL', 'acme\0'],
    ['a letter that looks like another', 'аcme'],
    ['a full-width letter', 'ａcme'],
    ['a placeholder', '{claims.other}'],
    ['256 characters', 'a'.repeat(256)],
    ['the separator', 'acme-docs'],
    ['nothing but the separator', '-'],
  ])('matches nothing where the value is %s', (_what, tenant) => {
    const claims = { tenant, other: 'acme' };
    expect(fillPattern(parsePattern('{claims.tenant}-*'), claims)).toEqual([]);
  });

  it('skips the bad values of a list and keeps the good', () => {
    const globs = fillPattern(parsePattern('{claims.t}-*'), { t: ['*', '', 'acme', 'a-b'] });
    expect(globs.map((glob) => glob.text)).toEqual(['acme-*']);
  });

  it.each<[string, Claims]>([
    ['absent', {}],
    ['an empty list', { tenant: [] }],
    ['a number', { tenant: 7 as unknown as string }],
    ['an object', { tenant: { length: 1, 0: 'acme' } as unknown as string }],
    ['a nested list', { tenant: [['acme']] as unknown as string[] }],
  ])('matches nothing where the claim is %s', (_what, claims) => {
    expect(fillPattern(parsePattern('{claims.tenant}'), claims)).toEqual([]);
  });

  it('reads own claims only', () => {
    const inherited = Object.create({ tenant: 'acme' }) as Claims;
    expect(fillPattern(parsePattern('{claims.tenant}'), inherited)).toEqual([]);
    expect(fillPattern(parsePattern('{claims.constructor}'), {})).toEqual([]);
  });

  it('at the end takes the rest of the name and no more', () => {
    expect(reaches('docs-{claims.tenant}', { tenant: 'a-b' }, 'docs-a-b')).toBe(true);
    expect(reaches('docs-{claims.tenant}', { tenant: 'a' }, 'docs-a-b')).toBe(false);
  });

  it('after a wildcard takes nothing of what another value begins with', () => {
    expect(reaches('*-{claims.tenant}', { tenant: 'b' }, 'docs-b')).toBe(true);
    expect(reaches('*-{claims.tenant}', { tenant: 'b' }, 'docs-a-b')).toBe(false);
  });

  it('is as sensitive to case as the name', () => {
    expect(reaches('{claims.tenant}-*', { tenant: 'Acme' }, 'acme-docs')).toBe(false);
  });

  it('matches nothing where the values make more globs than are worth trying', () => {
    const many = Array.from({ length: 40 }, (_, index) => `t${index}`);
    const pattern = parsePattern('{claims.a}-{claims.b}');
    expect(fillPattern(pattern, { a: many, b: many })).toEqual([]);
    expect(fillPattern(pattern, { a: many, b: 'x' })).toHaveLength(40);
  });
});

describe('parsing refuses', () => {
  it.each([
    ['{claims.tenant}*', /wildcard beside/],
    ['*{claims.tenant}', /wildcard beside/],
    ['{claims.tenant}?x', /wildcard beside/],
    ['{claims.a}{claims.b}', /touch/],
    ['{claims.}', /not a placeholder/],
    ['{claim.tenant}-*', /not a placeholder/],
    ['{labels.app}-*', /not a placeholder/],
    ['{}', /not a placeholder/],
    ['{claims.a b}', /not a placeholder/],
    ['a{b', /cannot be in/],
    ['{{claims.a}}', /cannot be in/],
    ['docs/*', /cannot be in/],
    ['[ab]', /cannot be in/],
    ['döcs', /cannot be in/],
    ['products ', /cannot be in/],
    ['', /1 to 255/],
    ['a'.repeat(256), /1 to 255/],
  ])('%s', (text, message) => {
    expect(() => parsePattern(text)).toThrow(message);
  });
});

describe('a pattern with placeholders', () => {
  const part = fc.constantFrom('{claims.x}', '{claims.y}', '*', '?', 'a', '-');
  const text = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
  const valid = text.filter((each) => each.includes('{') && parses(each));
  const value = fc.constantFrom('a', 'b', 'a-b', 'a-a', 'aa', 'a-');
  const who = fc.record({ x: value, y: value });
  const run = fc.constantFrom('', 'a', '-', 'a-', '-a', 'b-a', 'a-b');

  it('never matches one name for two callers whose values differ', () => {
    fc.assert(
      fc.property(valid, who, who, run, (pattern, one, other, each) => {
        fc.pre(named(pattern, one) !== named(pattern, other));
        const name = named(pattern, one).replaceAll('*', each).replaceAll('?', 'a');
        expect(reaches(pattern, one, name) && reaches(pattern, other, name)).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });
});

function parses(text: string): boolean {
  try {
    return parsePattern(text) !== null;
  } catch {
    return false;
  }
}

function named(pattern: string, claims: { x: string; y: string }): string {
  return pattern.replaceAll('{claims.x}', claims.x).replaceAll('{claims.y}', claims.y);
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../src/policy/glob.ts';

function glob(text: string, barred = '') {
  return { text, barred, plain: !/[*?]/.test(text) };
}

/** The definition, tried every way there is. */
function everyWay(text: string, barred: string, name: string): boolean {
  if (text === '') return name === '';
  const rest = text.slice(1);
  const free = name !== '' && !barred.includes(name.charAt(0));
  if (text.startsWith('*')) {
    return everyWay(rest, barred, name) || (free && everyWay(text, barred, name.slice(1)));
  }
  if (text.startsWith('?')) return free && everyWay(rest, barred, name.slice(1));
  return name.startsWith(text.charAt(0)) && everyWay(rest, barred, name.slice(1));
}

describe('a glob', () => {
  it.each([
    ['products', 'products', true],
    ['products', 'Products', false],
    ['products', 'products2', false],
    ['docs-*', 'docs-', true],
    ['docs-*', 'docs', false],
    ['*-pii', 'hr-pii', true],
    ['*-pii', 'hr-pii-2', false],
    ['a*b*c', 'a-b-b-c', true],
    ['doc?', 'docs', true],
    ['doc?', 'doc', false],
    ['*', '', true],
    ['?', '', false],
  ])('%s against %s: %s', (text, name, expected) => {
    expect(matchesGlob(glob(text), name)).toBe(expected);
  });

  it('never reads a name as a pattern', () => {
    expect(matchesGlob(glob('products'), '*')).toBe(false);
    expect(matchesGlob(glob('pub'), 'pu?')).toBe(false);
  });

  it('agrees with its definition, barred characters and all', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '-', '*', '?'), maxLength: 9 });
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '*'), maxLength: 9 });
    const barred = fc.constantFrom('', '-', 'a', '-a');
    fc.assert(
      fc.property(text, barred, name, (pattern, bar, each) => {
        expect(matchesGlob(glob(pattern, bar), each)).toBe(everyWay(pattern, bar, each));
      }),
      { numRuns: 5000 },
    );
  });

  it('takes at most name × glob steps, however hard the glob', () => {
    let steps = 0;
    const text = `${'*a'.repeat(120)}b`;
    const name = {
      length: 255,
      charCodeAt(at: number) {
        steps++;
        return 'a'.repeat(255).charCodeAt(at);
      },
    } as unknown as string;
    expect(matchesGlob(glob(text), name)).toBe(false);
    expect(steps).toBeLessThan(255 * text.length * 2);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isName } from '../../../src/catalog/reading/name.ts';
import { grammars } from '../../../src/catalog/reading/parameter.ts';
import { readTarget } from '../../../src/catalog/reading/path.ts';
import { readQuery } from '../../../src/catalog/reading/query.ts';
import { Refusal } from '../../../src/refusal.ts';

function refused(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal && error.code === 'unreadable-request') return error.message;
    throw error;
  }
  throw new Error('it was read');
}

describe('a request target', () => {
  it('is decoded once, segment by segment, and written anew', () => {
    const { segments, path, query } = readTarget('/%63ollections/p%C3%BCb/points?wait=true');
    expect(segments).toEqual(['collections', 'püb', 'points']);
    expect(path).toBe('/collections/p%C3%BCb/points');
    expect(query).toBe('wait=true');
  });

  it('is left as it is where it is plain', () => {
    expect(readTarget('/collections/docs-a.b_c/points').path).toBe(
      '/collections/docs-a.b_c/points',
    );
    expect(readTarget('/')).toEqual({ segments: [], path: '/', query: '' });
  });

  const attacks = [
    '',
    '*',
    'collections',
    'http://other.example/collections/sec',
    '//collections/sec',
    '/collections//sec',
    '/collections/sec/',
    '/collections/pub/../sec',
    '/collections/pub/%2e%2e/sec',
    '/collections/pub/.%2E/sec',
    '/collections/./sec',
    '/collections/%2e/sec',
    '/collections/pub%2fsec',
    '/collections/pub%2Fsec',
    '/collections/pub%5csec',
    '/collections\\sec',
    '/collections/%2573ec',
    '/collections/se%00c',
    '/collections/se%0ac',
    '/collections/se%0d%0ac',
    '/collections/se%7fc',
    '/collections/se\tc',
    '/collections/se c',
    '/collections/sec#x',
    '/collections/sec%',
    '/collections/sec%2',
    '/collections/sec%zz',
    '/collections/%ff',
    '/collections/%c0%ae%c0%ae/sec',
    '/collections/%ed%a0%80',
    '/collections/séc',
    '/collections/{sec}',
    '/collections/sec?',
    `/${'a/'.repeat(20)}a`,
    `/${'a'.repeat(9000)}`,
  ];

  it.each(attacks)('is refused where readers differ: %j', (target) => {
    expect(refused(() => readTarget(target))).not.toBe('');
  });

  it('has one reading: reading what was written gives the same segments', () => {
    const any = fc.string({
      unit: fc.constantFrom(...'/ab.%2eF5cü?#\\;+:@[]{}0 \t'),
      maxLength: 24,
    });
    fc.assert(
      fc.property(fc.oneof(any, fc.string()), (text) => {
        let read: ReturnType<typeof readTarget>;
        try {
          read = readTarget(`/${text}`);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
          return;
        }
        expect(readTarget(read.path).segments).toEqual(read.segments);
        expect(readTarget(read.path).path).toBe(read.path);
        const upstream = read.path.slice(1).split('/').map(decodeURIComponent);
        expect(upstream).toEqual(read.segments.length === 0 ? [''] : read.segments);
        for (const segment of read.segments) expect(segment).not.toMatch(/^\.{0,2}$|[/\\%]/);
      }),
      { numRuns: 1000 },
    );
  });

  it('that WHATWG would normalise is refused or read the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('.', '..', 'a', '%2e', '%2E.', ''), { maxLength: 6 }),
        (parts) => {
          const target = `/${parts.join('/')}`;
          try {
            expect(new URL(`http://h${readTarget(target).path}`).pathname).toBe(target);
          } catch (error) {
            expect(error).toBeInstanceOf(Refusal);
          }
        },
      ),
    );
  });
});

describe('a query string', () => {
  const allowed = ['wait', 'timeout', 'with'];

  it('may hold each allowed parameter once', () => {
    expect(readQuery('', allowed)).toBe('');
    expect(readQuery('wait=true&timeout=3', allowed)).toBe('?wait=true&timeout=3');
    expect(readQuery('with=a,b%2Cc', allowed)).toBe('?with=a,b%2Cc');
  });

  const attacks = [
    'wait',
    'wait=',
    '=true',
    '&',
    'wait=true&',
    'wait=true&&timeout=1',
    'wait=true&wait=false',
    'api-key=x',
    'wai%74=true',
    'wait=tr%75e',
    'wait=a+b',
    'wait=a=b',
    'wait=a;timeout=2',
    'wait=a%00',
    'wait=%',
    'wait=ü',
    'wait=a#b',
    'WAIT=true',
    '__proto__=1',
    Array.from({ length: 20 }, () => 'wait=1').join('&'),
  ];

  it.each(attacks)('is refused otherwise: %j', (query) => {
    expect(refused(() => readQuery(query, allowed))).not.toBe('');
  });
});

describe('the grammar of names', () => {
  it('is the one it says it is', () => {
    const grammar = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 300 }),
          fc.string({ unit: fc.constantFrom(...'aZ09_.-/ ~ü\n'), maxLength: 8 }),
        ),
        (text) => {
          expect(isName(text)).toBe(grammar.test(text) && !text.includes('\n'));
        },
      ),
      { numRuns: 1000 },
    );
    for (const length of [1, 255, 256]) expect(isName('a'.repeat(length))).toBe(length <= 255);
  });
});

describe('the grammars of other parameters', () => {
  it('take points by number or UUID', () => {
    const { fits } = grammars.point;
    for (const id of [
      '0',
      '9007199254740993',
      '18446744073709551615',
      '11111111-2222-3333-4444-555555555555',
      'ABCDEFabcdef00001111222233334444',
    ])
      expect(fits(id)).toBe(true);
    for (const id of [
      '',
      '-1',
      '+1',
      '1.0',
      '18446744073709551616',
      '99999999999999999999',
      'abc',
      '11111111-2222-3333-4444-55555555555g',
      '11111111 2222-3333-4444-555555555555',
    ])
      expect(fits(id)).toBe(false);
  });

  it('take paths of payload fields', () => {
    for (const text of ['city', 'a.b', 'tags[]', 'a[0].b', '"x.y"', 'größe'])
      expect(grammars.text.fits(text)).toBe(true);
    expect(grammars.text.fits('x'.repeat(513))).toBe(false);
  });
});

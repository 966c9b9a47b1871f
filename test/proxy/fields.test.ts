import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerNames, oneField } from '../../src/proxy/fields.ts';
import { Refusal } from '../../src/refusal.ts';

describe('a header field', () => {
  it('is found whatever the case of its name', () => {
    expect(oneField(lowerNames(['Api-KEY', 'Secret', 'Host', 'a']), 'api-key')).toBe('Secret');
  });

  it('that is absent is undefined', () => {
    expect(oneField(['host', 'a'], 'api-key')).toBeUndefined();
  });

  it('is never taken for a value of its name', () => {
    expect(oneField(['host', 'api-key', 'api-key', 'x'], 'api-key')).toBe('x');
    expect(oneField(['host', 'api-key'], 'api-key')).toBeUndefined();
  });

  it('that is repeated is refused, in any case and any order', () => {
    const spelling = fc.constantFrom('api-key', 'Api-Key', 'API-KEY');
    const others = fc.array(fc.constantFrom('host', 'accept', 'x-api-key'), { maxLength: 5 });
    fc.assert(
      fc.property(spelling, spelling, others, fc.nat(), (one, two, more, seed) => {
        const names = [one, ...more];
        names.splice(seed % (names.length + 1), 0, two);
        const fields = lowerNames(names.flatMap((name) => [name, 'v']));
        expect(() => oneField(fields, 'api-key')).toThrow(Refusal);
      }),
    );
  });
});

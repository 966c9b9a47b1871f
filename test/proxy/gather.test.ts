import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gathered } from '../../src/proxy/gather.ts';
import { Refusal } from '../../src/refusal.ts';

const cap = 1_000_000;
const chunksOf = fc.array(
  fc.uint8Array({ minLength: 1, maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 50 },
);

describe('chunks that are put together', () => {
  it('are the bytes that came, whether their length was told or not', () => {
    fc.assert(
      fc.property(chunksOf, fc.boolean(), (chunks, told) => {
        const whole = Buffer.concat(chunks);
        const gathered = new Gathered({ cap, grow: () => undefined }, told ? whole.length : null);
        for (const chunk of chunks) gathered.push(chunk);
        expect(gathered.take().equals(whole)).toBe(true);
      }),
    );
  });

  it('never take room that was not asked for first', () => {
    fc.assert(
      fc.property(chunksOf, fc.option(fc.nat(20_000)), (chunks, expected) => {
        let granted = 0;
        const grow = (bytes: number) => {
          granted = bytes;
        };
        const gathered = new Gathered({ cap, grow }, expected);
        for (const chunk of chunks) {
          gathered.push(chunk);
          expect(granted).toBeGreaterThanOrEqual(gathered.length);
        }
      }),
    );
  });

  it('that come whole and in one piece are not copied', () => {
    const chunk = Buffer.from('abc');
    const gathered = new Gathered({ cap, grow: () => undefined }, 3);
    gathered.push(chunk);
    expect(gathered.take().buffer).toBe(chunk.buffer);
  });

  it.each([
    ['told', cap + 1],
    ['not told', null],
  ])('are refused past the cap, where their length is %s', (_name, expected) => {
    const gather = () => {
      const gathered = new Gathered({ cap, grow: () => undefined }, expected);
      for (let at = 0; at < 11; at++) gathered.push(Buffer.alloc(100_000));
    };
    expect(gather).toThrow(Refusal);
    expect(gather).toThrow('exceeds 1000000 bytes');
  });

  it('are refused before they are read, where there is no room for them', () => {
    const grow = () => {
      throw new Refusal('overloaded', 'no room');
    };
    expect(() => new Gathered({ cap, grow }, 10)).toThrow('no room');
  });
});

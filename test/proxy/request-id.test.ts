import { describe, expect, it } from 'vitest';
import { makeRequestId } from '../../src/proxy/request-id.ts';

describe('a request id', () => {
  it('is 26 digits of base 32 without look-alikes', () => {
    expect(makeRequestId()).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  it('begins with its time, as a ULID does', () => {
    const far = Date.UTC(2100, 0, 1);
    let value = 0;
    for (const digit of makeRequestId(far).slice(0, 10)) {
      value = value * 32 + '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(digit);
    }
    expect(value).toBe(far);
  });

  it('rises with every request, also where the clock goes back', () => {
    const far = Date.UTC(2101, 0, 1);
    const ids = Array.from({ length: 10_000 }, (_, at) => makeRequestId(far - (at % 7) * 1000));
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
  });
});

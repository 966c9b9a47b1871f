import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apiKeyId, digestOf, makeApiKey } from '../../src/identity/api-key.ts';

const published = /^vg_[1-9A-HJ-NP-Za-km-z]{4,16}_[0-9A-Za-z]{49}$/;

describe('a key of our own making', () => {
  test('has the published shape, of one length, and tells its id', () => {
    for (let count = 0; count < 200; count++) {
      const { id, key } = makeApiKey();
      expect(key).toMatch(published);
      expect(key).toHaveLength(61);
      expect(key.startsWith(`vg_${id}_`)).toBe(true);
      expect(apiKeyId(key)).toBe(id);
    }
  });

  test('is never made twice', () => {
    const keys = Array.from({ length: 500 }, makeApiKey);
    expect(new Set(keys.map(({ id }) => id)).size).toBe(500);
    expect(new Set(keys.map(({ key }) => key.slice(12, 55))).size).toBe(500);
  });

  test('uses every letter that its secret may have', () => {
    const secrets = Array.from({ length: 300 }, () => makeApiKey().key.slice(12, 55)).join('');
    expect(new Set(secrets).size).toBe(62);
  });

  test('with one letter changed, anywhere, is none', () => {
    const letters = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-'];
    const { key } = makeApiKey();
    fc.assert(
      fc.property(fc.nat(key.length - 1), fc.constantFrom(...letters), (at, letter) => {
        fc.pre(key[at] !== letter);
        expect(apiKeyId(key.slice(0, at) + letter + key.slice(at + 1))).toBeNull();
      }),
    );
  });

  test('with two neighbours swapped, or cut short, or lengthened, is none', () => {
    const { key } = makeApiKey();
    for (let at = 0; at < key.length - 1; at++) {
      const swapped = `${key.slice(0, at)}${key[at + 1]}${key[at]}${key.slice(at + 2)}`;
      if (swapped !== key) expect(apiKeyId(swapped)).toBeNull();
      expect(apiKeyId(key.slice(0, at))).toBeNull();
    }
    for (const more of ['0', ' ', '\n', key]) expect(apiKeyId(key + more)).toBeNull();
  });

  test('is never read into anything else', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary-ascii' }), (text) => apiKeyId(text) === null));
    expect(apiKeyId('vg_'.padEnd(1_000_000, 'a'))).toBeNull();
  });

  test('is kept as its SHA-256', () => {
    const digest = createHash('sha256').update('vg_x').digest();
    expect(digestOf('vg_x').equals(digest)).toBe(true);
  });
});

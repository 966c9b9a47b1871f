import * as crypto from 'node:crypto';
import fc from 'fast-check';
import { LRUCache } from 'lru-cache';
import { describe, expect, test, vi } from 'vitest';
import { digestOf } from '../../../src/identity/api-key.ts';
import { makeKeyring, makeQuickHash } from '../../../src/identity/keys/keyring.ts';
import { minted } from '../claimant.ts';

vi.mock('node:crypto', { spy: true });

const mine = minted();
const yours = minted();
const entries = [mine.entry, yours.entry];

describe('a keyring', () => {
  test('finds each key, and nothing else', () => {
    const ring = makeKeyring(entries, (credential) => credential.length);
    for (let round = 0; round < 3; round++) {
      expect(ring.find(mine.key)?.identity.id).toBe(mine.entry.id);
      expect(ring.find(yours.key)?.identity.id).toBe(yours.entry.id);
      expect(ring.find(minted().key)).toBeNull();
      expect(ring.find('')).toBeNull();
    }
  });

  test('where every quick hash collides, each is still found as itself', () => {
    const ring = makeKeyring(entries, () => 7);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(mine, yours, minted(), minted())), (asked) => {
        for (const { key, entry } of asked) {
          const known = entries.includes(entry);
          expect(ring.find(key)?.identity.id ?? null).toBe(known ? entry.id : null);
        }
      }),
    );
  });

  test('proves a remembered key by comparing digests of one length in constant time', () => {
    const compare = vi.mocked(crypto.timingSafeEqual);
    const ring = makeKeyring(entries, () => 7);
    ring.find(mine.key);
    compare.mockClear();
    ring.find(mine.key);
    ring.find('something much shorter');
    expect(compare.mock.calls.length).toBe(2);
    for (const [one, other] of compare.mock.calls) {
      expect([one.byteLength, other.byteLength]).toEqual([32, 32]);
    }
  });

  test('does not believe a remembered slot whose digest is not the same', () => {
    const compare = vi.mocked(crypto.timingSafeEqual);
    const ring = makeKeyring([mine.entry], () => 7);
    ring.find(mine.key);
    compare.mockReturnValue(false);
    expect(ring.find(mine.key)).toBeNull();
    compare.mockRestore();
    expect(ring.find(mine.key)).not.toBeNull();
  });

  test('a flood of wrong credentials leaves nothing behind, and pushes no key out', () => {
    const remember = vi.spyOn(LRUCache.prototype, 'set');
    const ring = makeKeyring([mine.entry], Number);
    for (let count = 0; count < 20_000; count++) expect(ring.find(`${count}`)).toBeNull();
    expect(remember).not.toHaveBeenCalled();
    ring.find(mine.key);
    ring.find(mine.key);
    expect(remember).toHaveBeenCalledTimes(1);
    remember.mockRestore();
  });

  test('remembers no more than it has room for, however many keys there are', () => {
    const many = Array.from({ length: 5000 }, (_, count) => {
      return { ...mine.entry, id: `${count}`, hash: digestOf(`key ${count}`).toString('hex') };
    });
    const ring = makeKeyring(many, (credential) => Number(credential.slice(4)));
    const dropped = vi.spyOn(LRUCache.prototype, 'set');
    for (const { id } of many) expect(ring.find(`key ${id}`)?.identity.id).toBe(id);
    const [cache] = dropped.mock.contexts as LRUCache<number, object>[];
    dropped.mockRestore();
    expect(cache?.size).toBe(4096);
  });

  test('forgets at once what a reload takes away', () => {
    const ring = makeKeyring(entries, (credential) => credential.length);
    expect(ring.find(mine.key)).not.toBeNull();
    ring.replace([yours.entry]);
    expect(ring.find(mine.key)).toBeNull();
    expect(ring.byId(mine.entry.id)).toBeUndefined();
    expect(ring.find(yours.key)).not.toBeNull();
  });

  test('takes what a reload changes of a key', () => {
    const ring = makeKeyring(entries, () => 7);
    ring.find(mine.key);
    ring.replace([{ ...mine.entry, roles: ['other'], revoked: 5 }]);
    expect(ring.find(mine.key)).toMatchObject({ revoked: 5, identity: { roles: ['other'] } });
  });

  test('goes on with the old keys where the new ones cannot be taken', () => {
    const ring = makeKeyring([mine.entry], () => 7);
    const unreadable = { ...yours.entry, sources: null as unknown as string[] };
    expect(() => ring.replace([yours.entry, unreadable])).toThrow();
    expect(ring.find(mine.key)?.identity.id).toBe(mine.entry.id);
    expect(ring.byId(mine.entry.id)).toBeDefined();
  });
});

describe('the quick hash', () => {
  test('is the same for the same credential, and differs between processes', async () => {
    const [one, other] = [await makeQuickHash(), await makeQuickHash()];
    expect(one(mine.key)).toBe(one(mine.key));
    const texts = ['a', 'b', 'c', mine.key];
    expect(texts.map(one)).not.toEqual(texts.map(other));
  });
});

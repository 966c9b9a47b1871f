import { describe, expect, test } from 'vitest';
import { expiredBetween, keyEvents } from '../../../src/identity/keys/difference.ts';
import type { KeyEntry } from '../../../src/identity/keys/entry.ts';
import { minted } from '../claimant.ts';

const a = minted({ id: 'a', name: 'A' }).entry;
const b = minted({ id: 'b', name: 'B' }).entry;
const told = (before: readonly KeyEntry[], after: readonly KeyEntry[]) =>
  keyEvents(before, after, 1000).map(({ event, key }) => `${event} ${key.id}`);

describe('what became of keys', () => {
  test.each<[string, readonly KeyEntry[], readonly KeyEntry[], readonly string[]]>([
    ['nothing', [a, b], [b, a], []],
    ['one made', [a], [a, b], ['key.created b']],
    ['one taken over from elsewhere', [], [{ ...b, imported: true }], ['key.imported b']],
    ['one revoked', [a], [{ ...a, revoked: 1000 }], ['key.revoked a']],
    ['one that was revoked before', [{ ...a, revoked: 5 }], [{ ...a, revoked: 5 }], []],
    ['one that will be revoked', [a], [{ ...a, revoked: 1001 }], []],
    ['one made and revoked', [], [{ ...a, revoked: 1000 }], ['key.created a', 'key.revoked a']],
    ['one removed', [a, b], [b], ['key.revoked a']],
    ['one removed that was revoked', [{ ...a, revoked: 5 }], [], []],
    [
      'one whose secret is another',
      [a],
      [{ ...a, hash: b.hash }],
      ['key.revoked a', 'key.created a'],
    ],
    [
      'one rotated',
      [a],
      [
        { ...a, expires: 9 },
        { ...b, replaces: 'a' },
      ],
      ['key.rotated a', 'key.created b'],
    ],
    ['the user of a command alone', [a], [{ ...a, createdBy: 'bob' }], []],
    ['other roles alone', [a], [{ ...a, roles: ['x'] }], []],
  ])('%s', (_what, before, after, events) => {
    expect(told(before, after)).toEqual(events);
  });

  test('a key that ends by itself is told of once, in the span in which it does', () => {
    const entries = [{ ...a, expires: 1000 }, { ...b, expires: 2000 }, minted().entry];
    const ids = (from: number, to: number) =>
      expiredBetween(entries, from, to).map(({ event, key }) => `${event} ${key.id}`);
    expect(ids(0, 999)).toEqual([]);
    expect(ids(999, 1000)).toEqual(['key.expired a']);
    expect(ids(1000, 1999)).toEqual([]);
    expect(ids(1999, 3000)).toEqual(['key.expired b']);
    expect(expiredBetween([{ ...a, expires: 5, revoked: 3 }], 0, 10)).toEqual([]);
  });

  test('is the doing of the user whose command the entry tells of', () => {
    const made = { ...b, replaces: 'a', createdBy: 'bob' };
    const by = (before: readonly KeyEntry[], after: readonly KeyEntry[]) =>
      keyEvents(before, after, 1000).map((event) => `${event.event} ${event.by ?? 'nobody'}`);
    expect(by([a], [a, made])).toEqual(['key.rotated bob', 'key.created bob']);
    const revoked = { ...made, revoked: 1000, revokedBy: 'eve' };
    expect(by([made], [revoked])).toEqual(['key.revoked eve']);
    expect(by([made], [{ ...made, revoked: 1000 }])).toEqual(['key.revoked nobody']);
    expect(by([made], [])).toEqual(['key.revoked nobody']);
  });

  test('no event tells more of a key than its id and name', () => {
    expect(keyEvents([], [a], 0)).toEqual([{ event: 'key.created', key: { id: 'a', name: 'A' } }]);
  });
});

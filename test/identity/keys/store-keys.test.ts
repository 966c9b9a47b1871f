import { describe, expect, it } from 'vitest';
import { entryRecord } from '../../../src/identity/keys/entry.ts';
import { mintKey } from '../../../src/identity/keys/mint.ts';
import { sharedKeys } from '../../../src/identity/keys/store-keys.ts';

const order = { name: 'n', roles: ['r'], upstream: null, expires: null, sources: [], labels: {} };

/** A store that answers what keys are read with, and notes about how many it was asked at once. */
function storeOf(texts: ReadonlyMap<string, string>, life = 'this one') {
  const asked: number[] = [];
  const run = async (script: string, _keys: readonly string[], values: readonly unknown[]) => {
    asked.push(values.length);
    if (script.includes('HKEYS')) return [life, '7', [...texts.keys()], []];
    if (script.includes('HMGET')) return values.map((id) => texts.get(String(id)) ?? null);
    throw new Error(`no answer to ${script}`);
  };
  return { asked, store: { run, place: (name: string) => name, generation: 'this one' } };
}

function entries(count: number): Map<string, string> {
  const made = Array.from({ length: count }, () => mintKey(order, 0).entry);
  return new Map(made.map((entry) => [entry.id, JSON.stringify(entryRecord(entry))]));
}

describe('the keys of a store', () => {
  it('are read in parts, however many there are: no answer takes longer than a store may', async () => {
    const texts = entries(2500);
    const { asked, store } = storeOf(texts);
    const read = await sharedKeys(store).read();
    expect(read.entries.map(({ id }) => id)).toEqual([...texts.keys()].sort());
    expect(asked).toEqual([0, 1000, 1000, 500]);
  });

  it('are not read from a store that is another one now', async () => {
    const { store } = storeOf(new Map(), 'another');
    await expect(sharedKeys(store).read()).rejects.toThrow('not the one it was');
  });

  describe('where the store tells of each change', () => {
    /** A store of keys that remembers its changes, and notes what it was asked about. */
    function remembering(texts: Map<string, string>) {
      const changes = ['1 begun none'];
      let asked: string[] = [];
      const run = async (script: string, _: readonly string[], values: readonly unknown[]) => {
        const version = changes.length;
        const told = (from: number) => changes.slice(from - 1).filter((change) => change !== '');
        if (script.includes('HKEYS')) {
          return ['this one', String(version), [...texts.keys()], told(version)];
        }
        if (script.includes('ZRANGEBYSCORE')) {
          return ['this one', String(version), [], told(Number(values[0]))];
        }
        if (script.includes('HMGET')) {
          asked.push(...values.map(String));
          return values.map((id) => texts.get(String(id)) ?? null);
        }
        const [, nonce, id, before, after] = values as string[];
        if ((texts.get(id ?? '') ?? '') !== before) return 'changed';
        if (after === '') texts.delete(id ?? '');
        else texts.set(id ?? '', after ?? '');
        changes.push(`${version + 1} ${nonce} ${id}`);
        return 'done';
      };
      return {
        store: { run, place: (name: string) => name, generation: 'this one' },
        changes,
        asked: () => {
          const before = asked;
          asked = [];
          return before;
        },
      };
    }

    async function scene() {
      const texts = entries(3);
      const [id = '', other = '', third = ''] = [...texts.keys()].sort();
      const double = remembering(texts);
      const gateway = sharedKeys(double.store);
      const first = await gateway.read();
      double.asked();
      return { texts, id, other, third, gateway, first, ...double, desk: sharedKeys(double.store) };
    }

    it('reads no more than what changed, and nothing where nothing did', async () => {
      const { gateway, first, desk, id, asked } = await scene();
      expect(await gateway.read()).toBe(first);
      expect(asked()).toEqual([]);
      await desk.revoke(id, 5);
      expect(asked()).toEqual([id]);
      const next = await gateway.read();
      expect(asked()).toEqual([id]);
      expect(next.entries.map(({ revoked }) => revoked)).toEqual([5, null, null]);
      expect(next.entries.slice(1)).toEqual(first.entries.slice(1));
      expect(next.digest).not.toBe(first.digest);
    });

    it.each([
      ['is not told', (changes: string[]) => void changes.push('')],
      [
        'was another than the one that is known',
        (changes: string[]) => void changes.splice(0, 1, '1 x y'),
      ],
    ])('reads all where a change %s', async (_, spoil) => {
      const { texts, gateway, id, changes, asked } = await scene();
      texts.delete(id);
      spoil(changes);
      expect((await gateway.read()).entries).toHaveLength(2);
      expect(asked()).toHaveLength(2);
    });

    it.each(['{"id":"secret-hash"', '{}', '"secret-hash"', '[]'])(
      'lets a revocation count beside %s, which is named, keeps what it was, and is not repeated',
      async (text) => {
        const { texts, gateway, first, desk, id, other, changes } = await scene();
        texts.set(other, text);
        changes.push(`2 nonce ${other}`);
        await desk.revoke(id, 5);
        const { entries: now, problem, digest } = await gateway.read();
        expect(now.map(({ revoked }) => revoked)).toEqual([5, null, null]);
        expect(now[1]).toBe(first.entries[1]);
        expect(problem?.message).toContain(`keys.${other}: the store holds an entry`);
        expect(problem?.message).not.toContain('secret-hash');
        expect((await desk.read()).entries.map(({ id }) => id)).not.toContain(other);
        const rotation = desk.rotate(other, { now: 1, ends: 9 }, () => mintKey(order, 0).entry);
        await expect(rotation).rejects.toThrow('cannot be read');
        // Mended by hand, without a word.
        texts.delete(other);
        const mended = await gateway.read();
        expect(mended).toMatchObject({ problem: null });
        expect(mended.entries).toHaveLength(2);
        expect(mended.digest).not.toBe(digest);
      },
    );

    it('revokes what cannot be read by taking it out: what was known of it ends too', async () => {
      const { texts, gateway, desk, id, other, changes } = await scene();
      texts.set(other, '{"id":"secret-hash"');
      changes.push(`2 nonce ${other}`);
      expect((await gateway.read()).entries).toHaveLength(3);
      expect(await desk.revoke(other, 5)).toMatchObject({ id: other, roles: [], revoked: 5 });
      expect(texts.has(other)).toBe(false);
      const now = await gateway.read();
      expect(now.problem).toBeNull();
      expect(now.entries.map((entry) => entry.id)).not.toContain(other);
      expect(now.entries.map((entry) => entry.id)).toContain(id);
      await expect(desk.revoke(other, 6)).rejects.toThrow('no key');
    });

    it('knows every id, of what cannot be read too, and repeats none that it does not', async () => {
      const { texts, desk, id, other, asked } = await scene();
      texts.set(other, '{"id":"secret-hash"');
      expect([await desk.knows(id), await desk.knows(other)]).toEqual([true, true]);
      const canary = 'canaryOfTheFormThatIdsOfKeysHave';
      expect(await desk.knows(canary)).toBe(false);
      expect(asked()).toEqual([]);
      const tries = [
        desk.revoke(canary, 5),
        desk.rotate(canary, { now: 1, ends: 9 }, () => mintKey(order, 0).entry),
      ];
      for (const tried of tries) {
        const error: unknown = await tried.catch((error: unknown) => error);
        expect(String(error)).toContain('no key of that id');
        expect(String(error)).not.toContain(canary);
      }
    });

    it('takes no entry for that of another key', async () => {
      const { texts, gateway, id, other, changes } = await scene();
      texts.set(id, texts.get(other) ?? '');
      changes.push(`2 nonce ${id}`);
      expect((await gateway.read()).problem?.message).toContain(`keys.${id}`);
    });

    it('adds no key twice, and rotates one that is written in its own way', async () => {
      const { texts, gateway, desk, id, first } = await scene();
      texts.set(id, ` ${texts.get(id)}`);
      const [entry] = first.entries;
      if (!entry) throw new Error('no key');
      await expect(desk.add(entry)).rejects.toThrow('the key is there already');
      await desk.rotate(id, { now: 1, ends: 9 }, () => mintKey(order, 0).entry);
      expect((await gateway.read()).entries.find((each) => each.id === id)?.expires).toBe(9);
    });
  });
});

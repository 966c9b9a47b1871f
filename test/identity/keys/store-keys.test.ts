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
    if (script.includes('HKEYS')) return [life, '7', [...texts.keys()]];
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

  it.each(['{"id":"secret-hash"', '{}', '"secret-hash"', '[]'])(
    'are refused whole where %s stands among them, which is not repeated',
    async (text) => {
      const { store } = storeOf(new Map([...entries(1), ['bad', text]]));
      const read = sharedKeys(store).read();
      await expect(read).rejects.toThrow('cannot be read');
      await expect(read).rejects.not.toThrow('secret-hash');
    },
  );
});

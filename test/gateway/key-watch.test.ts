import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keysOfFile } from '../../src/gateway/key-source.ts';
import { watchKeys } from '../../src/gateway/key-watch.ts';
import type { KeyEntry } from '../../src/identity/keys/entry.ts';
import { makeKeyring } from '../../src/identity/keys/keyring.ts';
import { lastUsePath, readLastUse, writeLastUse } from '../../src/identity/keys/last-use.ts';
import { minted } from '../identity/claimant.ts';
import { temporaryFolder } from '../tls/folder.ts';

const minute = 60_000;

function scene(entries: readonly KeyEntry[], path = join(temporaryFolder(), 'keys.yaml')) {
  const keyring = makeKeyring(entries, () => 0);
  const told: string[] = [];
  const state = { time: 1000, keys: { entries, digest: 'sha256:a' }, failures: 0 };
  const watch = watchKeys({
    source: keysOfFile(path),
    keys: () => state.keys,
    keyring,
    audit: { configured: ({ event, key }) => told.push(`${event} ${key?.id}`) },
    unwritable: () => {
      state.failures += 1;
    },
    now: () => state.time,
  });
  const replace = (next: readonly KeyEntry[]) => {
    keyring.replace(next);
    state.keys = { entries: next, digest: 'sha256:b' };
  };
  return { watch, told, state, keyring, replace, path };
}

const a = minted({ id: 'a', expires: 5000 }).entry;
const b = minted({ id: 'b' }).entry;

describe('the watch over keys', () => {
  test('tells what a new version of the file did, once', () => {
    const { watch, told, replace } = scene([a]);
    replace([{ ...a, revoked: 900 }, b]);
    watch.tick();
    watch.tick();
    expect(told).toEqual(['key.revoked a', 'key.created b']);
  });

  test('tells of a key that ends by itself, once, also where the file changes meanwhile', () => {
    const { watch, told, state, replace } = scene([a, b]);
    state.time = 4999;
    watch.tick();
    expect(told).toEqual([]);
    state.time = 5000;
    replace([a]);
    watch.tick();
    state.time = 9000;
    watch.tick();
    expect(told).toEqual(['key.expired a', 'key.revoked b']);
  });

  test('writes last use at most each minute, and at the end', () => {
    const { watch, state, keyring, path } = scene([a, b]);
    const use = (id: string) => {
      const key = keyring.byId(id);
      if (key) key.lastUsed = state.time;
    };
    use('a');
    watch.tick();
    expect(readLastUse(path).size).toBe(0);
    state.time += minute;
    use('a');
    watch.tick();
    expect([...readLastUse(path)]).toEqual([['a', 1000 + minute]]);
    state.time += 1;
    use('b');
    watch.tick();
    expect(readLastUse(path).has('b')).toBe(false);
    watch.close();
    expect([...readLastUse(path).keys()]).toEqual(['a', 'b']);
    expect(readFileSync(lastUsePath(path), 'utf8')).not.toContain(a.hash);
  });

  test('begins with what the run before has written', () => {
    const path = join(temporaryFolder(), 'keys.yaml');
    writeLastUse(path, new Map([['a', 77]]));
    expect(scene([a], path).keyring.byId('a')?.lastUsed).toBe(77);
  });

  test('says once that it cannot write', () => {
    const folder = join(temporaryFolder(), 'gone');
    mkdirSync(folder);
    chmodSync(folder, 0o500);
    const { watch, state, keyring } = scene([a], join(folder, 'none', 'keys.yaml'));
    for (let round = 0; round < 2; round++) {
      state.time += minute;
      const key = keyring.byId('a');
      if (key) key.lastUsed = state.time;
      watch.tick();
    }
    expect(state.failures).toBe(1);
  });
});

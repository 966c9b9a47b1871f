import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { addKey, revokeKey } from '../../../src/identity/keys/change.ts';
import { entryText } from '../../../src/identity/keys/entry-text.ts';
import { parseKeyFile, readKeyFile } from '../../../src/identity/keys/file.ts';
import { withLock } from '../../../src/identity/keys/lock.ts';
import { Misconfigured } from '../../../src/problem.ts';
import { temporaryFolder } from '../../tls/folder.ts';
import { minted } from '../claimant.ts';

const newFile = () => join(temporaryFolder(), 'keys.yaml');

describe('adding a key', () => {
  test('makes a file that only its owner reads, and leaves nothing beside it', async () => {
    const path = newFile();
    const { entry } = minted({ labels: { app: 'rag' }, sources: ['10.0.0.0/8'], expires: 5 });
    await addKey(path, entry);
    expect(readKeyFile(path)).toEqual([entry]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, '..'))).toEqual(['keys.yaml']);
  });

  test('never writes the key', async () => {
    const path = newFile();
    const { key, entry } = minted();
    await addKey(path, entry);
    const text = readFileSync(path, 'utf8');
    expect(text).not.toContain(key);
    expect(text).not.toContain(key.slice(12, 30));
  });

  test('keeps comments, order and what else was written', async () => {
    const path = newFile();
    const first = minted().entry;
    const written = `# who may do what\n\nkeys:\n  # the search service\n${entryText(first)}`;
    writeFileSync(path, written, { mode: 0o600 });
    const second = minted().entry;
    await addKey(path, second);
    expect(readFileSync(path, 'utf8')).toBe(written + entryText(second));
  });

  test.each(['', '# none yet\n', 'keys: []\n', 'null\n'])('to %j works', async (text) => {
    const path = newFile();
    writeFileSync(path, text, { mode: 0o600 });
    const { entry } = minted();
    await addKey(path, entry);
    expect(readKeyFile(path)).toEqual([entry]);
    if (text.startsWith('#')) expect(readFileSync(path, 'utf8')).toContain('# none yet');
  });

  test('twice is refused, and the file stays as it was', async () => {
    const path = newFile();
    const { entry } = minted();
    await addKey(path, entry);
    const before = readFileSync(path, 'utf8');
    await expect(addKey(path, entry)).rejects.toThrow(Misconfigured);
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(readdirSync(join(path, '..'))).toEqual(['keys.yaml']);
  });

  test('to a file that is not good, or open to others, changes nothing', async () => {
    const path = newFile();
    for (const [text, mode] of [
      ['keys: 7\n', 0o600],
      ['keys: []\n', 0o644],
    ] as const) {
      writeFileSync(path, text);
      chmodSync(path, mode);
      await expect(addKey(path, minted().entry)).rejects.toThrow(Misconfigured);
      expect(readFileSync(path, 'utf8')).toBe(text);
    }
  });

  test('through a symbolic link changes what it leads to', async () => {
    const folder = temporaryFolder();
    const [link, target] = [join(folder, 'keys.yaml'), join(folder, 'real.yaml')];
    writeFileSync(target, 'keys: []\n', { mode: 0o600 });
    symlinkSync(target, link);
    await addKey(link, minted().entry);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readKeyFile(target)).toHaveLength(1);
  });

  test('replaces the file: whoever had it open still reads the old one whole', async () => {
    const path = newFile();
    writeFileSync(path, 'keys: []\n', { mode: 0o600 });
    const before = statSync(path).ino;
    await addKey(path, minted().entry);
    expect(statSync(path).ino).not.toBe(before);
  });

  test('in a folder that does not exist says so', async () => {
    await expect(addKey('/nowhere/keys.yaml', minted().entry)).rejects.toThrow(
      '/nowhere does not exist; make the folder first',
    );
  });

  test('from many at once, also from other processes, loses none', {
    timeout: 60_000,
  }, async () => {
    const path = newFile();
    const change = join(import.meta.dirname, '../../../src/identity/keys/change.ts');
    const mint = join(import.meta.dirname, '../../../src/identity/keys/mint.ts');
    const script = `
      const { addKey } = await import(${JSON.stringify(change)});
      const { mintKey } = await import(${JSON.stringify(mint)});
      const { entry } = mintKey({ name: 'n', roles: ['r'] }, 0);
      for (let count = 0; count < 5; count++) {
        await addKey(${JSON.stringify(path)}, mintKey({ name: 'n', roles: ['r'] }, 0).entry);
      }`;
    const other = () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    const own = Array.from({ length: 5 }, () => addKey(path, minted().entry));
    await Promise.all([other(), other(), ...own]);
    expect(readKeyFile(path)).toHaveLength(15);
  });
});

describe('revoking a key', () => {
  test('marks its entry and keeps the rest', async () => {
    const path = newFile();
    const [one, other] = [minted().entry, minted().entry];
    await addKey(path, one);
    await addKey(path, other);
    expect(await revokeKey(path, one.id, 1000)).toEqual({ ...one, revoked: 1000 });
    expect(readKeyFile(path)).toEqual([{ ...one, revoked: 1000 }, other]);
  });

  test('again keeps the earlier time, and a time to come is brought forward', async () => {
    const path = newFile();
    const { entry } = minted();
    await addKey(path, entry);
    await revokeKey(path, entry.id, 2000);
    expect(await revokeKey(path, entry.id, 3000)).toMatchObject({ revoked: 2000 });
    expect(await revokeKey(path, entry.id, 1000)).toMatchObject({ revoked: 1000 });
    expect(readKeyFile(path)).toMatchObject([{ revoked: 1000 }]);
  });

  test('of an unknown id says so', async () => {
    const path = newFile();
    await addKey(path, minted().entry);
    await expect(revokeKey(path, 'nobody', 0)).rejects.toThrow(`${path} has no key of that id`);
  });
});

describe('an entry to paste', () => {
  test('is an item of the list', () => {
    const { entry } = minted({ upstream: 'main', expires: 10, labels: { env: 'prod' } });
    expect(parseKeyFile('keys.yaml', `keys:\n${entryText(entry)}`)).toEqual([entry]);
  });

  test('keeps names that YAML would read as something else', () => {
    const { entry } = minted({ name: 'true', roles: ['null', '1e3', 'a: b', '# c', '*'] });
    expect(parseKeyFile('keys.yaml', `keys:\n${entryText(entry)}`)).toEqual([entry]);
  });
});

describe('the lock', () => {
  test('that another holds is waited for, and then complained of', async () => {
    const lock = join(temporaryFolder(), 'keys.yaml.lock');
    writeFileSync(lock, '4711\n');
    await expect(withLock(lock, () => 'done', 40)).rejects.toThrow(
      `${lock} is held by process 4711; if it is gone, rm ${lock}`,
    );
    expect(existsSync(lock)).toBe(true);
  });

  test('is given back where the work fails', async () => {
    const lock = join(temporaryFolder(), 'keys.yaml.lock');
    const fail = () => {
      throw new Error('no');
    };
    await expect(withLock(lock, fail)).rejects.toThrow('no');
    expect(await withLock(lock, () => 'done', 0)).toBe('done');
    expect(existsSync(lock)).toBe(false);
  });
});

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { compressSegment } from '../../src/audit/compress.ts';
import { directory } from './scene.ts';

const meanwhile = vi.hoisted(() => ({ steps: [] as string[], spoiled: false }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const noted = <R>(step: string, path: unknown, act: () => R): R => {
    meanwhile.steps.push(`${step} ${basename(String(path))}`);
    return act();
  };
  const open: typeof real.open = async (path, ...how) => {
    const file = await real.open(path, ...how);
    const sync = file.sync.bind(file);
    file.sync = () => noted('sync', path, sync);
    return file;
  };
  const rename: typeof real.rename = (from, to) =>
    noted('rename', from, () => real.rename(from, to));
  const rm: typeof real.rm = (path, how) => noted('rm', path, () => real.rm(path, how));
  return { ...real, open, rename, rm };
});

vi.mock('node:zlib', async (original) => {
  const real = await original<typeof import('node:zlib')>();
  const deflateRaw = (raw: Buffer, done: (error: Error | null, deflated: Buffer) => void) =>
    real.deflateRaw(meanwhile.spoiled ? Buffer.alloc(raw.length, 'x') : raw, done);
  return { ...real, deflateRaw };
});

const text = 'a record\n'.repeat(1000);
let path: string;

beforeEach(() => {
  path = join(directory(), 'w1-1.jsonl');
  writeFileSync(path, text);
  meanwhile.steps = [];
  meanwhile.spoiled = false;
});

describe('a segment that is compressed', () => {
  it('is on the disk, and so is its name, before the plain file goes', async () => {
    await compressSegment(path, new AbortController().signal);
    const folder = basename(join(path, '..'));
    expect(meanwhile.steps).toEqual([
      'sync w1-1.jsonl.gz.tmp',
      'rename w1-1.jsonl.gz.tmp',
      `sync ${folder}`,
      'rm w1-1.jsonl',
    ]);
  });

  it('stays as it is where what comes out is not what went in', async () => {
    meanwhile.spoiled = true;
    const compressed = compressSegment(path, new AbortController().signal);
    await expect(compressed).rejects.toThrow('compressing changed the segment');
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect([existsSync(`${path}.gz`), existsSync(`${path}.gz.tmp`)]).toEqual([false, false]);
  });
});

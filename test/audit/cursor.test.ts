import { appendFileSync, copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compressSegment } from '../../src/audit/compress.ts';
import { cursorBefore } from '../../src/audit/cursor.ts';
import { directory } from './scene.ts';

function logOf(...segments: string[]) {
  const folder = directory();
  const path = (number: number) => join(folder, `w1-${number}.jsonl`);
  for (const [index, text] of segments.entries()) writeFileSync(path(index + 1), text);
  return { folder, path };
}

function read(cursor: ReturnType<typeof cursorBefore>): string[] {
  const lines: string[] = [];
  cursor.read((line) => lines.push(line));
  return lines;
}

it('shows each record once, as it comes, over every segment in order', () => {
  const { folder, path } = logOf('a\nb\n', 'c\n');
  const cursor = cursorBefore(folder, 1000);
  expect(read(cursor)).toEqual(['a', 'b', 'c']);
  appendFileSync(path(2), 'd\ne');
  expect(read(cursor)).toEqual(['d']);
  appendFileSync(path(2), 'f\n');
  writeFileSync(path(10), 'g\n');
  expect(read(cursor)).toEqual(['ef', 'g']);
  expect(read(cursor)).toEqual([]);
});

it('begins with as many of the newest segments as hold the bytes asked for', () => {
  const { folder } = logOf('a\n', 'b\n', 'c\n');
  expect(read(cursorBefore(folder, 3))).toEqual(['b', 'c']);
  expect(read(cursorBefore(folder, 0))).toEqual([]);
});

it('shows a record that is longer than what is read at once', () => {
  const long = 'x'.repeat(3_000_000);
  const { folder } = logOf(`a\n${long}\nb\n`);
  expect(read(cursorBefore(folder, 1))).toEqual(['a', long, 'b']);
});

it('goes on in the middle of a segment that was compressed', async () => {
  const { folder, path } = logOf('a\nb\n', 'c\n');
  const cursor = cursorBefore(folder, 1000);
  expect(read(cursor)).toEqual(['a', 'b', 'c']);
  appendFileSync(path(2), 'd\n');
  writeFileSync(path(3), 'e\n');
  await compressSegment(path(1), new AbortController().signal);
  await compressSegment(path(2), new AbortController().signal);
  expect(read(cursor)).toEqual(['d', 'e']);
  expect(read(cursor)).toEqual([]);
});

it('reads on where a segment is compressed or deleted under its hands', async () => {
  const { folder, path } = logOf('a\n', 'b\n', 'c\n', 'd\n');
  const packed = `${path(2)}.aside`;
  copyFileSync(path(2), packed);
  await compressSegment(packed, new AbortController().signal);
  const seen: string[] = [];
  const cursor = cursorBefore(folder, 1000);
  cursor.read((line) => {
    seen.push(line);
    if (line !== 'a') return;
    renameSync(`${packed}.gz`, `${path(2)}.gz`);
    rmSync(path(2));
    rmSync(path(3));
  });
  expect(seen).toEqual(['a', 'b', 'd']);
  expect(read(cursor)).toEqual([]);
});

it('reads every writer, each in its own order', () => {
  const { folder } = logOf('a\n', 'b\n');
  writeFileSync(join(folder, 'w2-1.jsonl'), 'x\n');
  writeFileSync(join(folder, 'w10-1.jsonl'), 'y\n');
  expect(read(cursorBefore(folder, 1000))).toEqual(['a', 'b', 'x', 'y']);
});

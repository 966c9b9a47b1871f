import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { watchFiles } from '../../src/tls/reload.ts';
import { temporaryFolder } from './folder.ts';

const second = 1000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function watched(paths: readonly string[]) {
  const onChange = vi.fn();
  const watch = watchFiles(paths, onChange);
  return { onChange, watch };
}

describe('a watch', () => {
  test('tells a change once, within a second', () => {
    const file = join(temporaryFolder(), 'keys.yaml');
    writeFileSync(file, 'one');
    const { onChange } = watched([file]);
    vi.advanceTimersByTime(second);
    expect(onChange).not.toHaveBeenCalled();
    writeFileSync(file, 'other');
    vi.advanceTimersByTime(second);
    vi.advanceTimersByTime(10 * second);
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  test("sees Kubernetes' link to the data swapped", () => {
    const folder = temporaryFolder();
    for (const version of ['..1', '..2']) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'tls.crt'), 'same length');
      utimesSync(join(folder, version, 'tls.crt'), 1, 1);
    }
    symlinkSync('..1', join(folder, '..data'));
    symlinkSync(join('..data', 'tls.crt'), join(folder, 'tls.crt'));
    const { onChange } = watched([join(folder, 'tls.crt')]);
    symlinkSync('..2', join(folder, '..new'));
    renameSync(join(folder, '..new'), join(folder, '..data'));
    vi.advanceTimersByTime(second);
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  test('sees a file replaced by one of the same size and time', () => {
    const folder = temporaryFolder();
    const [file, fresh] = [join(folder, 'a'), join(folder, 'b')];
    for (const path of [file, fresh]) {
      writeFileSync(path, 'same');
      utimesSync(path, 1, 1);
    }
    const { onChange } = watched([file]);
    renameSync(fresh, file);
    vi.advanceTimersByTime(second);
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  test('sees permissions change, a file vanish and come back', () => {
    const file = join(temporaryFolder(), 'key.pem');
    writeFileSync(file, 'x', { mode: 0o600 });
    const { onChange } = watched([file]);
    const changes = [
      () => chmodSync(file, 0o644),
      () => rmSync(file),
      () => writeFileSync(file, 'x'),
    ];
    for (const [index, change] of changes.entries()) {
      change();
      vi.advanceTimersByTime(second);
      expect(onChange).toHaveBeenCalledTimes(index + 1);
    }
  });

  test('sees files appear, change and vanish in a folder', () => {
    const folder = temporaryFolder();
    const { onChange } = watched([folder]);
    const file = join(folder, 'search.yaml');
    const changes = [
      () => writeFileSync(file, 'role: a'),
      () => writeFileSync(file, 'role: search'),
      () => rmSync(file),
    ];
    for (const [index, change] of changes.entries()) {
      change();
      vi.advanceTimersByTime(second);
      expect(onChange).toHaveBeenCalledTimes(index + 1);
    }
  });

  test('waits until a file is written to its end', () => {
    const file = join(temporaryFolder(), 'keys.yaml');
    writeFileSync(file, '');
    const seen: number[] = [];
    let size = 0;
    watchFiles([file], () => seen.push(size));
    for (size = 1; size <= 3; size++) {
      writeFileSync(file, 'x'.repeat(size));
      vi.advanceTimersToNextTimer();
    }
    size = 3;
    expect(seen).toEqual([]);
    vi.advanceTimersToNextTimer();
    expect(seen).toEqual([3]);
  });

  test('is not held back by one who never stops writing', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'keys.yaml');
    writeFileSync(file, '');
    const { onChange } = watched([file]);
    for (let size = 1; size <= 20; size++) {
      writeFileSync(file, 'x'.repeat(size));
      vi.advanceTimersToNextTimer();
    }
    expect(onChange.mock.calls.length).toBeGreaterThanOrEqual(4);
  });

  test('tells nothing once closed', () => {
    const file = join(temporaryFolder(), 'a');
    const { onChange, watch } = watched([file]);
    writeFileSync(file, 'x');
    vi.advanceTimersToNextTimer();
    watch.close();
    vi.advanceTimersByTime(second);
    expect(onChange).not.toHaveBeenCalled();
  });

  test('sees what changed between the call and the first look', () => {
    const file = join(temporaryFolder(), 'a');
    writeFileSync(file, 'one');
    const { onChange } = watched([file]);
    writeFileSync(file, 'three');
    vi.advanceTimersByTime(second);
    expect(onChange).toHaveBeenCalledTimes(1);
  });
});

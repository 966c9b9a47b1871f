import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type FileOperations, systemFiles } from '../../src/audit/files.ts';

/** What may fail. */
export const fragile = [
  'create',
  'write',
  'datasync',
  'syncDirectory',
  'truncate',
  'remove',
] as const;

/** A disk that fails as told, and knows what a loss of power would leave of it. */
export interface FragileDisk extends FileOperations {
  /** Calls of this kind fail until `mend`; a write takes this many bytes before it does. */
  fail(call: (typeof fragile)[number], taken: number): void;
  mend(): void;
  /** Copies what the kernel holds, as the death of the process leaves it. */
  afterKill(from: string, to: string): void;
  /** Copies what was synced, and of the first file that was not a part of the rest. */
  afterPowerLoss(from: string, to: string, part: number): void;
}

export function fragileDisk(): FragileDisk {
  const failing = new Map<string, number>();
  const open = new Map<number, { readonly name: string; written: number }>();
  const synced = new Map<string, number>();
  const created = new Set<string>();
  const named = new Set<string>();
  const broken = (call: string) => (failing.has(call) ? new Error(`EIO: ${call}`) : null);
  const tried = (call: string) => {
    const error = broken(call);
    if (error) throw error;
  };
  const later = (call: string, done: (error: Error | null) => void, well: () => void) => {
    setImmediate(setImmediate, () => {
      const error = broken(call);
      if (!error) well();
      done(error);
    });
  };
  return {
    ...systemFiles,
    fail: (call, taken) => void failing.set(call, taken),
    mend: () => failing.clear(),
    create: (path) => {
      tried('create');
      const file = systemFiles.create(path);
      open.set(file, { name: basename(path), written: 0 });
      created.add(basename(path));
      synced.set(basename(path), 0);
      return file;
    },
    write: (file, bytes, offset, length) => {
      const left = failing.get('write');
      if (left === 0) tried('write');
      const taken = systemFiles.write(file, bytes, offset, Math.min(length, left ?? length));
      if (left !== undefined) failing.set('write', left - taken);
      const opened = open.get(file);
      if (opened) opened.written += taken;
      return taken;
    },
    datasync: (file, done) => {
      const { name, written } = open.get(file) ?? { name: '', written: 0 };
      later('datasync', done, () => synced.set(name, written));
    },
    syncDirectory: (_, done) => {
      const now = [...created];
      later('syncDirectory', done, () => {
        for (const name of now) named.add(name);
      });
    },
    truncate: (path, bytes) => {
      tried('truncate');
      systemFiles.truncate(path, bytes);
    },
    remove: (path) => {
      tried('remove');
      systemFiles.remove(path);
      created.delete(basename(path));
      named.delete(basename(path));
    },
    syncPath: () => {},
    stands: () => true,
    afterKill: (from, to) => {
      for (const name of logs(from)) writeFileSync(join(to, name), readFileSync(join(from, name)));
      copyManifest(from, to);
    },
    afterPowerLoss: (from, to, part) => {
      let whole = true;
      for (const name of logs(from)) {
        const bytes = readFileSync(join(from, name));
        const sure = Math.min(synced.get(name) ?? 0, bytes.length);
        const more = whole ? Math.floor((bytes.length - sure) * part) : 0;
        whole &&= sure === bytes.length;
        if (named.has(name)) writeFileSync(join(to, name), bytes.subarray(0, sure + more));
      }
      copyManifest(from, to);
    },
  };
}

/** It is in place only once it is on the disk. */
function copyManifest(from: string, to: string): void {
  const path = join(from, 'w1.manifest.json');
  if (existsSync(path)) copyFileSync(path, join(to, 'w1.manifest.json'));
}

function logs(directory: string): string[] {
  const number = (name: string) => Number(/-(\d+)\./.exec(name)?.[1]);
  const names = readdirSync(directory).filter((name) => name.endsWith('.jsonl'));
  return names.sort((a, b) => number(a) - number(b));
}

import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** How full the room of a log is: from 70 % on it warns, from 85 % on somebody must act, from 95 %
 * on no operation is taken. */
export type SpaceLevel = 'enough' | 'warning' | 'alarm' | 'full';

/** How much room a log takes, and how much it has. */
export interface Space {
  readonly level: SpaceLevel;
  /** On the disk, of every writer in the directory. */
  readonly bytes: number;
  /** What it may come to: the budget, or what it has and its volume has left where that is less. */
  readonly limit: number;
}

const levels: readonly (readonly [number, SpaceLevel])[] = [
  [0.95, 'full'],
  [0.85, 'alarm'],
  [0.7, 'warning'],
];

/** What a log of so many bytes may come to. `budget` is null where only its volume bounds it. */
export function spaceOf(bytes: number, budget: number | null, volumeFree: number): Space {
  const limit = Math.min(budget ?? Number.POSITIVE_INFINITY, bytes + volumeFree);
  const share = limit === 0 ? 1 : bytes / limit;
  const level = levels.find(([least]) => share >= least)?.[1] ?? 'enough';
  return { level, bytes, limit };
}

/** Bytes that whoever runs this process may still take on a directory's volume. Rejects with the
 * file system's error. */
export async function freeOn(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** What the files of a directory take, in bytes; one that goes meanwhile takes none. Rejects with
 * the file system's error. */
export async function bytesOf(directory: string): Promise<number> {
  const names = await readdir(directory);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(directory, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

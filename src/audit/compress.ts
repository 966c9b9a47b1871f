import { type FileHandle, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { memberBytes, memberOf } from './members.ts';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/**
 * Puts a compressed segment in the place of a sealed one, off the event loop: whole and on the disk
 * under its own name before the plain file goes, so that at every moment one of them counts. What
 * was compressed is inflated again and compared first. Rejects with the file system's error, or
 * that of `stopping`; the plain file then stands.
 */
export async function compressSegment(path: string, stopping: AbortSignal): Promise<void> {
  const packed = `${path}.gz`;
  const unfinished = `${packed}.tmp`;
  const { size, atime, mtime } = await stat(path);
  try {
    await copyCompressed(path, unfinished, { total: size, stopping });
    await utimes(unfinished, atime, mtime);
    await rename(unfinished, packed);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await rm(path);
}

interface Copying {
  readonly total: number;
  readonly stopping: AbortSignal;
}

async function copyCompressed(path: string, to: string, copying: Copying): Promise<void> {
  const source = await open(path, 'r');
  try {
    const target = await open(to, 'w', 0o600);
    try {
      await copyMembers(source, target, copying);
      await target.sync();
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function copyMembers(
  source: FileHandle,
  target: FileHandle,
  { total, stopping }: Copying,
): Promise<void> {
  for (let at = 0; at < total; at += memberBytes) {
    stopping.throwIfAborted();
    const raw = Buffer.allocUnsafe(Math.min(memberBytes, total - at));
    const { bytesRead } = await source.read(raw, 0, raw.length, at);
    if (bytesRead < raw.length) throw new Error('the segment was cut while it was compressed');
    const deflated = await deflate(raw);
    if (!raw.equals(await inflate(deflated))) throw new Error('compressing changed the segment');
    await target.writeFile(memberOf(deflated, raw, total));
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  await directory.sync().finally(() => directory.close());
}

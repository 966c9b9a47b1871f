import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { isFileError } from '../secret-file.ts';
import { openMembers } from './members.ts';

/** The bytes of a segment as they were written, whether it is compressed by now or not. */
export interface SegmentBytes {
  /** Copies bytes from a place in the segment; gives how many, 0 at its end. */
  read(into: Buffer, at: number, length: number, position: number): number;
  close(): void;
}

/** Opens a segment, also where it was compressed since its path was read. Throws the file system's
 * error, or `Error` for people where it is damaged. */
export function openBytes(path: string): SegmentBytes {
  if (path.endsWith('.gz')) return openMembers(path);
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (!isFileError(error, 'ENOENT')) throw error;
    return openMembers(`${path}.gz`);
  }
  return {
    read: (into, at, length, position) => readSync(file, into, at, length, position),
    close: () => closeSync(file),
  };
}

/** How many bytes were written to a segment; null where it is gone. */
export function bytesIn(path: string): number | null {
  const file = statSync(path, { throwIfNoEntry: false });
  if (file && !path.endsWith('.gz')) return file.size;
  const packed = file ? path : `${path}.gz`;
  if (!statSync(packed, { throwIfNoEntry: false })) return null;
  const members = openMembers(packed);
  members.close();
  return members.total;
}

import { dirname } from 'node:path';
import type { OpenSegment } from './appender.ts';
import type { FileOperations } from './files.ts';

/**
 * Makes a new segment, `fill`s it, and tells once what it holds and its name are on the disk. One
 * that fails is removed, so that no half of a segment stays. `done` hears the file system's error.
 */
export function openSegment(
  files: FileOperations,
  segment: Omit<OpenSegment, 'file' | 'bytes'>,
  fill: (segment: OpenSegment) => void,
  done: (error: Error | null, opened: OpenSegment | null) => void,
): void {
  let opened: OpenSegment | null = null;
  const end = (error: Error | null): void => {
    if (error && opened) discardSegment(files, opened);
    done(error, error ? null : opened);
  };
  try {
    opened = { ...segment, file: files.create(segment.path), bytes: 0 };
    fill(opened);
  } catch (error) {
    return end(error instanceof Error ? error : new Error(String(error)));
  }
  files.datasync(opened.file, (error) => {
    if (error) end(error);
    else files.syncDirectory(dirname(segment.path), end);
  });
}

/** Syncs segments one after the other, up to the first that fails. */
export function syncSegments(
  files: FileOperations,
  segments: readonly OpenSegment[],
  done: (error: Error | null) => void,
): void {
  const [first, ...rest] = segments;
  if (!first) return done(null);
  files.datasync(first.file, (error) => {
    if (error) done(error);
    else syncSegments(files, rest, done);
  });
}

/** Closes and removes a segment that never counted; what cannot be done stays undone. */
export function discardSegment(files: FileOperations, segment: OpenSegment): void {
  for (const step of [() => files.close(segment.file), () => files.remove(segment.path)]) {
    try {
      step();
    } catch {
      // The disk is failing already, and the next segment takes another name.
    }
  }
}

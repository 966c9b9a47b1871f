import { openBytes } from './segment-bytes.ts';

const chunkBytes = 1024 * 1024;
const newline = 10;

/** A stretch of a segment, compressed or not, in bytes of what was written; `from` is where a line
 * begins. */
export interface Stretch {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Shows every whole line of a stretch, newline included, until `visit` answers false. The bytes are
 * only lent. Gives the offset behind the last line that was shown and accepted. Throws the file
 * system's error.
 */
export function eachLine(
  { path, from, to: limit }: Stretch,
  visit: (line: Buffer, offset: number) => boolean,
): number {
  const file = openBytes(path);
  try {
    let buffer = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(limit - from, 1)));
    let held = 0;
    let offset = from;
    while (offset + held < limit) {
      if (held === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
      const wanted = Math.min(buffer.length - held, limit - offset - held);
      const got = file.read(buffer, held, wanted, offset + held);
      if (got === 0) return offset;
      const full = held + got;
      const taken = shownLines(buffer.subarray(0, full), held, offset, visit);
      if (taken < 0) return offset + ~taken;
      buffer.copyWithin(0, taken, full);
      held = full - taken;
      offset += taken;
    }
    return offset;
  } finally {
    file.close();
  }
}

/** How many bytes were taken; where `visit` said no, their complement. */
function shownLines(
  bytes: Buffer,
  scanned: number,
  offset: number,
  visit: (line: Buffer, offset: number) => boolean,
): number {
  let start = 0;
  let end = bytes.indexOf(newline, scanned);
  while (end >= 0) {
    if (!visit(bytes.subarray(start, end + 1), offset + start)) return ~start;
    start = end + 1;
    end = bytes.indexOf(newline, start);
  }
  return start;
}

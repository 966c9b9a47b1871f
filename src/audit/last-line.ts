import { openBytes } from './segment-bytes.ts';

const newline = 10;
const firstLook = 16_384;

/** The last line of the first so many bytes of a segment, newline included; null where these do not
 * end with a line. Throws the file system's error. */
export function lastLine(path: string, bytes: number): Buffer | null {
  const file = openBytes(path);
  try {
    for (let look = Math.min(firstLook, bytes); look > 0; look = Math.min(look * 4, bytes)) {
      const end = Buffer.allocUnsafe(look);
      let got = 0;
      for (let more = -1; more !== 0 && got < look; got += more) {
        more = file.read(end, got, look - got, bytes - look + got);
      }
      if (got < look || end[look - 1] !== newline) return null;
      const before = end.lastIndexOf(newline, look - 2);
      if (before >= 0 || look === bytes) return end.subarray(before + 1);
    }
    return null;
  } finally {
    file.close();
  }
}

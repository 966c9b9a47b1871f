import { isFileError } from '../secret-file.ts';
import { eachLine, type Stretch } from './lines.ts';
import { logIn, type Segment, segmentsIn } from './segment.ts';

/** A place in a directory of logs, which moves on as records are read. */
export interface Cursor {
  /** Shows every record since the last call, in each writer's order, without its newline: once, or
   * twice where a failed write had it written anew. */
  read(visit: (line: string) => void): void;
}

/** A cursor before the newest `bytes` of a directory, rounded up to whole segments. Throws
 * `Error` for people where it holds no log. */
export function cursorBefore(directory: string, bytes: number): Cursor {
  const offsets = new Map<string, number>();
  const segments = logIn(directory);
  for (const own of Map.groupBy(segments, ({ writer }) => writer).values()) skip(own);
  function skip(own: readonly Segment[]): void {
    let left = bytes;
    for (const segment of own.toReversed()) {
      if (left <= 0) offsets.set(segment.name, segment.bytes);
      left -= segment.bytes;
    }
  }
  return {
    read: (visit) => {
      for (const { name, path, bytes: to } of segmentsIn(directory)) {
        const from = offsets.get(name) ?? 0;
        if (to > from) offsets.set(name, shown({ path, from, to }, visit));
      }
    },
  };
}

/** Where the next record begins. What is deleted meanwhile, as its time has come, shows none. */
function shown(stretch: Stretch, visit: (line: string) => void): number {
  try {
    return eachLine(stretch, (line) => {
      visit(line.toString('latin1', 0, line.length - 1));
      return true;
    });
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return stretch.from;
    throw error;
  }
}

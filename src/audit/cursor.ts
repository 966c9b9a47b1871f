import { eachLine } from './lines.ts';
import { logIn, type Segment, segmentsIn } from './segment.ts';

/** A place in a directory of logs, which moves on as records are read. */
export interface Cursor {
  /** Shows every record since the last call, once, in each writer's order, without its newline. */
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
        if (to <= from) continue;
        const end = eachLine({ path, from, to }, (line) => {
          visit(line.toString('latin1', 0, line.length - 1));
          return true;
        });
        offsets.set(name, end);
      }
    },
  };
}

import { isFileError } from '../secret-file.ts';
import { lastLine } from './last-line.ts';
import { eachLine } from './lines.ts';
import { logIn, type Segment } from './segment.ts';
import type { Told } from './story.ts';

/** A stretch of time as records write it, in microseconds: from one, up to before the other. */
export interface Span {
  readonly from: string | null;
  readonly to: string | null;
}

const pageBytes = 1024 * 1024;

/**
 * Every record of a directory's logs that may lie in a span, a page at a time, writer by writer and
 * in each writer's order: whole segments before it are left out, single records are not. What is no
 * record (a failed write may leave it) is null. Throws `Error` for people where there is no log.
 */
export function* pagesOf(directory: string, span: Span): Generator<readonly (Told | null)[]> {
  const segments = logIn(directory);
  for (const own of Map.groupBy(segments, ({ writer }) => writer).values()) {
    for (const segment of own) if (mayReachInto(span, segment)) yield* pagesIn(segment);
  }
}

/** Whether a record lies in a span. */
export function isWithin({ from, to }: Span, record: Told): boolean {
  const time = String(record['time']);
  return (from === null || time >= from) && (to === null || time < to);
}

const minute = 60_000;

/**
 * Whether a segment may hold records of a span. Within a segment times rise, but for those of one
 * batch, and for what a failure held up, which stands behind the record of it. From one segment to
 * the next they may fall: a clock is set back between two runs.
 */
function mayReachInto({ from, to }: Span, { path, bytes }: Segment): boolean {
  if (from === null && to === null) return true;
  const ends = endsOf(path, bytes);
  if (ends === null) return true;
  const [first, last] = ends;
  const [earliest, latest] = [first, last].map(({ time }) => Date.parse(String(time)));
  if (from !== null && Math.max(earliest ?? 0, latest ?? 0) + minute < Date.parse(from))
    return false;
  return to === null || first.kind === 'fault' || (earliest ?? 0) - minute < Date.parse(to);
}

/** The first and the last record of a segment; null where it is gone, or one of them cannot be
 * told. */
function endsOf(path: string, bytes: number): readonly [Told, Told] | null {
  let first: Told | null = null;
  const end = unlessGone(() => {
    eachLine({ path, from: 0, to: bytes }, (line) => {
      first = recordIn(line);
      return false;
    });
    return lastLine(path, bytes);
  });
  const last = end && recordIn(end);
  return first && last && [first, last];
}

function* pagesIn({ path, bytes }: Segment): Generator<readonly (Told | null)[]> {
  let from = 0;
  while (from < bytes) {
    const page: (Told | null)[] = [];
    const until = from + pageBytes;
    const end = unlessGone(() =>
      eachLine({ path, from, to: bytes }, (line, offset) => {
        if (offset >= until) return false;
        page.push(recordIn(line));
        return true;
      }),
    );
    yield page;
    if (end === null || end === from) return;
    from = end;
  }
}

/** What is deleted while it is read, as its time has come, is no error. */
function unlessGone<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return null;
    throw error;
  }
}

function recordIn(line: Buffer): Told | null {
  try {
    return JSON.parse(line.toString('latin1')) as Told;
  } catch {
    return null;
  }
}

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
    const times = own.map(firstTime);
    for (const [index, segment] of own.entries()) {
      const next = times[index + 1] ?? null;
      if (span.from !== null && next !== null && next < span.from) continue;
      if (span.to !== null && (times[index] ?? '') >= span.to) continue;
      yield* pagesIn(segment);
    }
  }
}

/** Whether a record lies in a span. */
export function isWithin({ from, to }: Span, record: Told): boolean {
  const time = String(record['time']);
  return (from === null || time >= from) && (to === null || time < to);
}

function* pagesIn({ path, bytes }: Segment): Generator<readonly (Told | null)[]> {
  let from = 0;
  while (from < bytes) {
    const page: (Told | null)[] = [];
    const until = from + pageBytes;
    const end = eachLine({ path, from, to: bytes }, (line, offset) => {
      if (offset >= until) return false;
      page.push(recordIn(line));
      return true;
    });
    yield page;
    if (end === from) return;
    from = end;
  }
}

function firstTime({ path, bytes }: Segment): string | null {
  let time: string | null = null;
  eachLine({ path, from: 0, to: bytes }, (line) => {
    time = String(recordIn(line)?.['time'] ?? '');
    return false;
  });
  return time;
}

function recordIn(line: Buffer): Told | null {
  try {
    return JSON.parse(line.toString('latin1')) as Told;
  } catch {
    return null;
  }
}

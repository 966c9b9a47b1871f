import type { Place } from './appender.ts';
import { linkOf } from './chain.ts';
import { faultReaches } from './fault-limits.ts';
import { lastLine } from './last-line.ts';
import type { Listed } from './ledger.ts';
import { eachLine } from './lines.ts';
import type { Segment } from './segment.ts';

/** Where the reading of a log begins that is to be continued. */
export interface ReadFrom {
  /** The first segment to read, by its index. */
  readonly first: number;
  /** The segment from which on open intents are followed, by its index. */
  readonly follow: number;
  /** The requests that were open where that one begins. */
  readonly open: readonly string[];
  /** What stands before the first segment; null where nobody knows. */
  readonly before: Place | null;
}

/**
 * Where to begin: at the newest segment of which the manifest tells which intents were open where
 * it begins, if the segment before it ends as listed; else at the last run, whose open intents are
 * what matters, as each start ends those of the run before. And before that as long as it comes to
 * no more than `readAgain` bytes.
 */
export function readFrom(
  segments: readonly Segment[],
  listed: readonly Listed[],
  readAgain: number,
): ReadFrom {
  const byName = new Map(listed.map((one) => [one.name, one]));
  const reach = faultReaches(segments);
  const earlier = (from: number) => earliest(segments, from, { readAgain, reach });
  let at = segments.length - 1;
  while (at >= 0) {
    const reached = reach(at);
    const known = reached === at ? knownAt(segments, at, byName) : null;
    if (known) {
      const first = earlier(at);
      const before = { seq: known.firstSeq - 1, prev: known.prev };
      return { first, follow: at, open: known.open ?? [], before: first === at ? before : null };
    }
    at = Math.min(reached, at - 1);
  }
  let run = lastRun(segments);
  while (reach(run) < run) run = reach(run);
  const first = earlier(run);
  return { first, follow: first, open: [], before: null };
}

/** What is listed of a segment, where that can be gone by. */
function knownAt(
  segments: readonly Segment[],
  at: number,
  byName: ReadonlyMap<string, Listed>,
): Listed | null {
  const [before, segment] = [segments[at - 1], segments[at]];
  const listed = byName.get(segment?.name ?? '');
  if (!listed?.open) return null;
  if (!before) return listed;
  const { sealed = null } = byName.get(before.name) ?? {};
  const follows = sealed?.hash === listed.prev && sealed.lastSeq === listed.firstSeq - 1;
  if (!follows || sealed.bytes !== before.bytes) return null;
  const line = lastLine(before.path, before.bytes);
  return line && linkOf(line) === listed.prev ? listed : null;
}

/** As far back from here as it is cheap. */
function earliest(
  segments: readonly Segment[],
  from: number,
  { readAgain, reach }: { readonly readAgain: number; readonly reach: (at: number) => number },
): number {
  let first = from;
  let bytes = segments.slice(from).reduce((sum, segment) => sum + segment.bytes, 0);
  for (let at = from - 1; at >= 0; at--) {
    bytes += segments[at]?.bytes ?? 0;
    if (bytes > readAgain) break;
    if (reach(at) === at) first = at;
  }
  return first;
}

/** The segment of the last `start`. */
function lastRun(segments: readonly Segment[]): number {
  return Math.max(segments.findLastIndex(startsHere), 0);
}

/** A run begins a segment; before its `start` stands only what it says of the run before. */
function startsHere(segment: Segment): boolean {
  let found = false;
  eachLine({ path: segment.path, from: 0, to: segment.bytes }, (line) => {
    found = line.includes('"kind":"start"');
    return line.includes('"kind":"fault"') || line.includes('"kind":"indeterminate"');
  });
  return found;
}

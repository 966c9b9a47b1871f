import { existsSync, statSync } from 'node:fs';
import { eachLine } from './lines.ts';
import type { Segment } from './segment.ts';

/** When segments go. Null: never for that reason. */
export interface Retention {
  /** Milliseconds after the last record of a segment. */
  readonly age: number | null;
  /** Bytes that the segments of a writer may take on the disk. */
  readonly size: number | null;
  /** Only segments beside which a `.shipped` file stands. */
  readonly shippedOnly: boolean;
}

/** A segment that may go, and what of the chain goes with it. */
export interface Deletable {
  readonly segment: Segment;
  readonly reason: 'age' | 'size';
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The link of its last record: what the first record that stays holds as `prev`. */
  readonly lastHash: string;
}

/** `w1-3.jsonl.shipped`: whoever has copied a segment elsewhere puts it there. */
export function shippedMark(segment: Pick<Segment, 'path'>): string {
  return `${segment.path.replace(/\.gz$/, '')}.shipped`;
}

/**
 * The oldest segment of a writer, where it must go; null where it may stay, or must. `sealedBefore`
 * is the number from which on segments are still needed; `now` in milliseconds since 1970.
 */
export function deletable(
  segments: readonly Segment[],
  sealedBefore: number,
  retention: Retention,
  now: number,
): Deletable | null {
  const [segment, ...later] = segments;
  if (!segment || segment.number >= sealedBefore) return null;
  if (retention.shippedOnly && !existsSync(shippedMark(segment))) return null;
  const after = firstPlaceIn(later);
  if (!after) return null;
  const reason = reasonFor(segments, retention, now - after.time);
  if (reason === null) return null;
  const first = firstPlaceIn([segment])?.seq ?? after.seq;
  return { segment, reason, firstSeq: first, lastSeq: after.seq - 1, lastHash: after.prev };
}

function reasonFor(
  segments: readonly Segment[],
  { age, size }: Retention,
  old: number,
): Deletable['reason'] | null {
  if (age !== null && old > age) return 'age';
  if (size === null) return null;
  const taken = segments.reduce((sum, { path }) => sum + sizeOf(path), 0);
  return taken > size ? 'size' : null;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

interface FirstPlace {
  readonly seq: number;
  readonly prev: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** The place of the first record in these segments: it tells where those before them end. */
function firstPlaceIn(segments: readonly Segment[]): FirstPlace | null {
  for (const segment of segments) {
    let found: FirstPlace | null = null;
    eachLine({ path: segment.path, from: 0, to: segment.bytes }, (line) => {
      found = placeOf(line.toString('latin1'));
      return false;
    });
    if (found) return found;
  }
  return null;
}

function placeOf(line: string): FirstPlace {
  const { seq, prev, time } = JSON.parse(line) as { seq: number; prev: string; time: string };
  return { seq, prev, time: Date.parse(time) };
}

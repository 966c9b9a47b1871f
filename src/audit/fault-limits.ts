import { eachLine } from './lines.ts';
import type { Segment } from './segment.ts';

/**
 * How many bytes of each segment count. A `fault` record that begins a segment tells so of the one
 * that failed; what was made between the two came to nothing. One that does not hold all that it
 * carries over came to nothing itself.
 */
export function limitsOf(segments: readonly Segment[]): number[] {
  const limits = segments.map((segment) => segment.bytes);
  segments.forEach((segment, index) => {
    const fault = faultOf(segment);
    if (!fault) return;
    const failed = segments.findIndex(({ name }) => name === fault.segment);
    if (failed < 0 || failed >= index) return;
    if (!fault.whole) {
      limits[index] = 0;
      return;
    }
    limits[failed] = Math.min(limits[failed] ?? 0, fault.bytes);
    limits.fill(0, failed + 1, index);
  });
  return limits;
}

/**
 * Tells of each segment the oldest whose bytes the faults in it, or after it, still bear on, by
 * their indices: reading must not begin between the two. To be asked from the newest on down, so
 * that each segment is looked into once.
 */
export function faultReaches(segments: readonly Segment[]): (at: number) => number {
  const known: number[] = [];
  return (at) => {
    for (let index = segments.length - 1 - known.length; index >= at; index--) {
      known.push(Math.min(known.at(-1) ?? index, reachedFrom(segments, index)));
    }
    return Math.min(at, known[segments.length - 1 - at] ?? at);
  };
}

/** Once what does not count was cut off, a fault bears on nothing. */
function reachedFrom(segments: readonly Segment[], index: number): number {
  const segment = segments[index];
  const fault = segment && faultOf(segment);
  if (!fault) return index;
  const failed = segments.findIndex(({ name }) => name === fault.segment);
  if (failed < 0 || failed >= index) return index;
  const isCutOff = failed === index - 1 && (segments[failed]?.bytes ?? 0) <= fault.bytes;
  return fault.whole && isCutOff ? index : failed;
}

interface FoundFault {
  readonly segment: string;
  readonly bytes: number;
  readonly whole: boolean;
}

function faultOf(segment: Segment): FoundFault | null {
  let fault: Record<string, unknown> | null = null;
  let missing = 0;
  eachLine({ path: segment.path, from: 0, to: segment.bytes }, (line) => {
    if (fault) return --missing > 0;
    if (!line.includes('"kind":"fault"')) return false;
    fault = parsed(line.toString('latin1'));
    missing = Number(fault?.['carried'] ?? 0);
    return missing > 0;
  });
  const { segment: failed, bytes } = fault ?? ({} as Record<string, unknown>);
  if (typeof failed !== 'string' || typeof bytes !== 'number') return null;
  return { segment: failed, bytes, whole: missing <= 0 };
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}

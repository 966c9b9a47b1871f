import { setTimeout as pause } from 'node:timers/promises';
import { isFileError } from '../secret-file.ts';
import type { Place } from './appender.ts';
import { type Bad, type Chain, chainInSteps } from './read-chain.ts';
import { type Segment, segmentsIn } from './segment.ts';

/** What is read again, and where it must end. */
export interface Rechecked {
  readonly directory: string;
  /** Segments of one writer that a start went by unread, in order. */
  readonly segments: readonly Segment[];
  /** What stands before the first record that the start read. */
  readonly until: Place;
}

const stepBytes = 256 * 1024;
/** Rests so many times as long as it reads: it takes a twentieth of a core. */
const rests = 19;

/** A reading that goes on while the gateway serves. */
export interface Rechecking {
  /** Where the log was found damaged: `w1-3.jsonl, byte 512, record 9: …`; null while it was
   * not. */
  readonly damaged: string | null;
  /** Resolves when all was read. Never rejects. */
  readonly done: Promise<void>;
  stop(): void;
}

/** Who hears of damage, once, and how it reads for people. */
export interface Alarms {
  readonly found: (bad: Bad) => void;
  readonly failed: (reason: string) => void;
}

/** Begins to read what a start did not, beside all else. */
export function rechecking(what: Rechecked, alarms: Alarms): Rechecking {
  const stopping = new AbortController();
  let damaged: string | null = null;
  const tell = (reason: string) => {
    damaged = reason;
    alarms.failed(reason);
  };
  const told = (bad: Bad) => {
    alarms.found(bad);
    tell(`${bad.file}, byte ${bad.offset}, record ${bad.seq}: ${bad.reason}`);
  };
  const done = recheck(what, told, stopping.signal).catch((error: unknown) => {
    if (!stopping.signal.aborted) tell(error instanceof Error ? error.message : String(error));
  });
  return {
    get damaged() {
      return damaged;
    },
    done,
    stop: () => stopping.abort(),
  };
}

/**
 * Reads in small steps what a start did not, and tells `found` of the first record that is not what
 * its writer wrote. What is deleted meanwhile is passed over. Rejects with the file system's error,
 * or that of `stopping`.
 */
async function recheck(
  { directory, segments, until }: Rechecked,
  found: (bad: Bad) => void,
  stopping: AbortSignal,
): Promise<void> {
  let left = segments;
  while (left.length > 0) {
    const writer = left[0]?.writer ?? '';
    const last = left.at(-1)?.number ?? 0;
    try {
      const { bad, seq, prev, spans } = await readSlowly(left, stopping);
      const end = { file: spans.at(-1)?.name ?? '', offset: spans.at(-1)?.sealed?.bytes ?? 0, seq };
      const reason = 'the segment does not end where the next one begins';
      const follows = seq === until.seq && prev === until.prev;
      if (bad) found(bad);
      else if (!follows) found({ ...end, reason, torn: false });
      return;
    } catch (error) {
      if (!isFileError(error, 'ENOENT')) throw error;
    }
    const oldest = left[0]?.number ?? 0;
    const there = segmentsIn(directory, writer);
    const still = there.filter(({ number }) => number >= oldest && number <= last);
    // Only the oldest are ever deleted: nothing is tried twice.
    if (still.length >= left.length) return;
    left = still;
  }
}

async function readSlowly(segments: readonly Segment[], stopping: AbortSignal): Promise<Chain> {
  const steps = chainInSteps(segments, () => {}, { before: null, stepBytes });
  for (;;) {
    const from = performance.now();
    const step = steps.next();
    if (step.done) return step.value;
    const rest = Math.ceil((performance.now() - from) * rests);
    await pause(rest, undefined, { signal: stopping, ref: false });
  }
}

import { deletions } from './deletions.ts';
import { type Bad, readChain } from './read-chain.ts';
import { logIn, type Segment } from './segment.ts';

/** What verifying a directory came to. */
export interface Verified {
  readonly ok: boolean;
  readonly records: number;
  readonly segments: number;
  /** The first record that is not what its writer wrote; null where all are. */
  readonly firstBad: Bad | null;
}

/**
 * Verifies every writer's log in a directory, offline, in memory that does not grow with it:
 * layout, numbers and links. Throws `Error` for
 * people where there is none, else the file system's error.
 */
export function verify(directory: string): Verified {
  const segments = logIn(directory);
  let records = 0;
  let firstBad: Bad | null = null;
  for (const [writer, own] of Map.groupBy(segments, (segment: Segment) => segment.writer)) {
    const { watch, unexplained } = deletions(own);
    const chain = readChain(own, watch);
    records += chain.records;
    firstBad ??= chain.bad ?? unexplained() ?? hollow(writer, own, chain.records);
  }
  return { ok: firstBad === null, records, segments: segments.length, firstBad };
}

/** A writer whose segments hold nothing: its first record cannot be missing by itself. */
function hollow(writer: string, segments: readonly Segment[], records: number): Bad | null {
  if (records > 0) return null;
  const file = segments[0]?.name ?? `${writer}-1.jsonl`;
  return { file, offset: 0, seq: 1, reason: 'the log is empty', torn: false };
}

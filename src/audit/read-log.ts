import { deletions } from './deletions.ts';
import type { Manifest } from './manifest.ts';
import { unlikeListed, unlistedOrMissing } from './manifest-check.ts';
import type { Note } from './note.ts';
import { type Bad, type Chain, readChain } from './read-chain.ts';
import { type SealCheck, sealCheck } from './seal-check.ts';
import { type Segment, segmentNumber } from './segment.ts';
import { sinceCheck } from './since-check.ts';

/** What is known of a log from elsewhere. */
export interface Known {
  /** Checkpoints that were copied away. */
  readonly notes: readonly Note[];
  /** The keys that logs begin with, in base64; null: whichever they name. */
  readonly trusted: readonly string[] | null;
}

/** One writer's log, read through. */
export interface ReadLog {
  readonly chain: Chain;
  readonly seals: SealCheck;
  /** Those of the known checkpoints that are of this log. */
  readonly notes: readonly Note[];
  /** The first record that is not what its writer wrote; null where all are. */
  readonly bad: Bad | null;
}

/** Reads one writer's log, once, and holds it to its chain, its manifest, its checkpoints, and what
 * is known of it. Throws the file system's error. */
export function readLog(
  writer: string,
  segments: readonly Segment[],
  manifest: Manifest | null,
  { notes, trusted }: Known,
): ReadLog {
  const deleted = deletions(segments);
  const seals = sealCheck(writer, trusted);
  const since = sinceCheck(writer, notes);
  const chain = readChain(segments, (line, segment, offset, seq) => {
    deleted.watch(line, segment, offset, seq);
    seals.watch(line, segment, offset, seq);
    since.watch(line, segment, offset, seq);
  });
  const whole = chain.bad === null;
  const bad = earliest([
    manifest && unlistedOrMissing(manifest, segments, chain),
    chain.bad,
    seals.bad,
    whole ? deleted.unexplained() : null,
    whole ? hollow(writer, segments, chain) : null,
    whole ? since.judge(chain, seals) : null,
    whole && manifest ? unlikeListed(manifest, chain) : null,
    whole && trusted ? unsigned(chain, seals) : null,
  ]);
  return { chain, seals, notes: since.own(seals), bad };
}

/** The one that stands first in the log; among those at one place, the first that was given. */
function earliest(bads: readonly (Bad | null)[]): Bad | null {
  const found = bads.filter((bad) => bad !== null);
  const before = (one: Bad, other: Bad) =>
    segmentNumber(one.file) - segmentNumber(other.file) || one.offset - other.offset;
  return found.toSorted(before)[0] ?? null;
}

/** A writer whose segments hold nothing: its first record cannot be missing by itself. */
function hollow(writer: string, segments: readonly Segment[], { records }: Chain): Bad | null {
  if (records > 0) return null;
  const file = segments[0]?.name ?? `${writer}-1.jsonl`;
  return { file, offset: 0, seq: 1, reason: 'the log is empty', torn: false };
}

function unsigned({ spans, seq }: Chain, { seen, bad }: SealCheck): Bad | null {
  if (seen > 0 || bad) return null;
  const reason = 'a key was given, but no checkpoint is in the log';
  return { file: spans[0]?.name ?? '', offset: 0, seq, reason, torn: false };
}

import { linkOf } from './chain.ts';
import type { Note } from './note.ts';
import type { Bad, Chain, Visit } from './read-chain.ts';
import type { SealCheck } from './seal-check.ts';

/** Holds one writer's log to the checkpoints of it that are kept elsewhere. */
export interface SinceCheck {
  readonly watch: Visit;
  /** The first of them that the log does not bear out; null where it bears out all. */
  judge(chain: Chain, seals: SealCheck): Bad | null;
  /** Those that are of this log. */
  own(seals: SealCheck): readonly Note[];
}

/** The check of one writer's log. Which of the notes are of this log is known once it was read. */
export function sinceCheck(writer: string, notes: readonly Note[]): SinceCheck {
  const candidates = notes.filter(({ origin }) => origin.endsWith(`/${writer}`));
  const bySize = Map.groupBy(candidates, ({ size }) => size);
  const forked = new Map<Note, Bad>();
  const own = ({ origins }: SealCheck) =>
    candidates.filter(({ origin }) => origins.size === 0 || origins.has(origin));
  return {
    own,
    watch: (line, segment, offset, seq) => {
      const here = bySize.get(seq);
      if (!here) return;
      const link = linkOf(line);
      for (const note of here) {
        if (note.hash === link) continue;
        const reason = `a checkpoint held elsewhere says that record ${seq} was another`;
        forked.set(note, { file: segment.name, offset, seq, reason, torn: false });
      }
    },
    judge: (chain, seals) => {
      for (const note of own(seals).toSorted((a, b) => a.size - b.size)) {
        const bad = forked.get(note) ?? missing(note, chain) ?? forged(note, chain, seals);
        if (bad) return bad;
      }
      return null;
    },
  };
}

/** A log that ends before the checkpoint: cut off, or rolled back to an older copy. */
function missing({ size }: Note, chain: Chain): Bad | null {
  if (size <= chain.seq) return null;
  const ends = `the log ends at record ${chain.seq}`;
  return badAtEnd(chain, `${ends}, but a checkpoint held elsewhere covers ${size}`);
}

/** Of what was deleted, its key may be too. */
function forged(note: Note, chain: Chain, { keys }: SealCheck): Bad | null {
  if (note.size < (chain.spans[0]?.firstSeq ?? 0)) return null;
  if (keys.size === 0 || [...keys].some((key) => note.signedBy(key))) return null;
  const held = `a checkpoint held elsewhere, of record ${note.size},`;
  return badAtEnd(chain, `${held} is signed by no key of the log`);
}

function badAtEnd({ spans, seq }: Chain, reason: string): Bad {
  const last = spans.at(-1);
  const offset = last?.sealed?.bytes ?? 0;
  return { file: last?.name ?? '', offset, seq: seq + 1, reason, torn: false };
}

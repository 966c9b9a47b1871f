import { z } from 'zod';
import { noteHolds, noteText } from './checkpoint.ts';
import type { Bad, Visit } from './read-chain.ts';

/** Holds the checkpoints of one writer's log to their keys. */
export interface SealCheck {
  readonly watch: Visit;
  /** The first checkpoint that does not hold; null where all do. */
  readonly bad: Bad | null;
  /** How many checkpoints were seen. */
  readonly seen: number;
  /** How many records they cover. */
  readonly covered: number;
  /** Every key that was in force, in base64, and every name that was signed under. */
  readonly keys: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
}

const schema = z.object({
  seq: z.int(),
  prev: z.string(),
  time: z.string(),
  origin: z.string(),
  segment: z.string(),
  key: z.string(),
  nextKey: z.string().optional(),
  signature: z.string(),
});

type CheckpointRecord = z.output<typeof schema>;

const unreadable = 'the checkpoint cannot be read';
const kind = '"kind":"checkpoint"';
/** Looked for first: that it begins with a rarer byte than a quote makes reading a third faster. */
const rare = kind.slice(1);

/**
 * The check of one writer's log. A checkpoint counts only where it is signed by the key that was in
 * force at its place: the first by one of `trusted` (base64; null: by whichever it names), each
 * later one by the same, or by the one that a checkpoint before it handed over to. A key that came
 * into force later cannot seal again what is older than it (the class of CVE-2023-31439).
 */
export function sealCheck(writer: string, trusted: readonly string[] | null): SealCheck {
  const keys = new Set<string>();
  const origins = new Set<string>();
  const state = { bad: null as Bad | null, seen: 0, covered: 0, inForce: null as string | null };
  return {
    get bad() {
      return state.bad;
    },
    get seen() {
      return state.seen;
    },
    get covered() {
      return state.covered;
    },
    keys,
    origins,
    watch: (line, segment, offset, seq) => {
      if (state.bad || !line.includes(rare) || !line.includes(kind)) return;
      const told = recordIn(line);
      const allowed = state.inForce === null ? trusted : [state.inForce];
      const reason = told ? wrongWith(told, writer, segment.name, allowed) : unreadable;
      if (!told || reason !== null) {
        state.bad = { file: segment.name, offset, seq, reason: reason ?? unreadable, torn: false };
        return;
      }
      state.seen++;
      state.covered = seq - 1;
      state.inForce = told.nextKey ?? told.key;
      keys.add(told.key).add(state.inForce);
      origins.add(told.origin);
    },
  };
}

function wrongWith(
  told: CheckpointRecord,
  writer: string,
  segment: string,
  allowed: readonly string[] | null,
): string | null {
  const { seq, prev, time, origin, key, nextKey = null, signature } = told;
  if (allowed && !allowed.includes(key)) {
    return `the checkpoint is signed by ${key}, which was not in force here`;
  }
  const text = noteText({ origin, size: seq - 1, hash: prev, time, segment, nextKey });
  const own = origin.endsWith(`/${writer}`) && told.segment === segment;
  const holds = own && noteHolds(text, origin, key, signature);
  return holds ? null : 'the signature of the checkpoint does not hold';
}

/** The public key, in base64, of the checkpoints after this one; null where it cannot be read. */
export function keyAfter(line: Buffer): string | null {
  const told = recordIn(line);
  return told?.nextKey ?? told?.key ?? null;
}

/** Nothing chains the last record of a log, so that it may hold anything. */
function recordIn(line: Buffer): CheckpointRecord | null {
  try {
    return schema.parse(JSON.parse(line.toString('latin1')));
  } catch {
    return null;
  }
}

import type { Place } from './appender.ts';
import type { Listed } from './ledger.ts';
import { type Chain, chainInSteps, type Visit } from './read-chain.ts';
import { readFrom } from './read-from.ts';
import { keyAfter } from './seal-check.ts';
import { type Segment, segmentsIn } from './segment.ts';

/** What earlier runs of a writer left behind. */
export interface Found {
  /** The last record that stands. */
  readonly place: Place;
  /** The number of the next segment. */
  readonly next: number;
  /** The requests of intents without an outcome, in order. */
  readonly open: readonly string[];
  /** The record that was never finished; null where there is none. */
  readonly torn: { readonly segment: string; readonly path: string; readonly bytes: number } | null;
  /** The segments that were read: the kernel may hold what a dead run wrote. */
  readonly read: readonly Segment[];
  /** Those before them, which were not. */
  readonly unread: readonly Segment[];
  /** What those hold that were read. */
  readonly spans: readonly Listed[];
  /** The public key of the checkpoints that follow, in base64; null where none was found. */
  readonly key: string | null;
}

/**
 * Reads what earlier runs left: as much of it as tells which intents are open, and where the log
 * goes on. `listed` is what the manifest says of the segments. `reading` hears now and again how
 * many bytes of how many were read. Throws `Error` for people where a record that is read is
 * damaged.
 */
export function recover(
  directory: string,
  writer: string,
  listed: readonly Listed[],
  readAgain: number,
  reading: (bytes: number, of: number) => void = () => {},
): Found {
  const segments = segmentsIn(directory, writer);
  const next = (segments.at(-1)?.number ?? 0) + 1;
  const from = readFrom(segments, listed, readAgain);
  const open = new Set(from.open);
  const followed = segments[from.follow]?.number ?? 0;
  const read = segments.slice(from.first);
  let key: string | null = null;
  const visit: Visit = (line, segment) => {
    if (segment.number < followed) return;
    if (follow(open, line) === 'checkpoint') key = keyAfter(line) ?? key;
  };
  const steps = chainInSteps(read, visit, { before: from.before, stepBytes });
  const { seq, prev, spans, bad } = readThrough(steps, read, reading);
  if (bad && !bad.torn) {
    throw new Error(
      `the audit log is damaged: ${directory}/${bad.file}, byte ${bad.offset}, ` +
        `record ${bad.seq}: ${bad.reason}; ` +
        `keep ${directory} as evidence and name an empty audit.directory`,
    );
  }
  const path = segments.find(({ name }) => name === bad?.file)?.path;
  const torn = bad && path !== undefined ? { segment: bad.file, path, bytes: bad.offset } : null;
  const unread = segments.slice(0, from.first);
  return { place: { seq, prev }, next, open: [...open], torn, read, unread, spans, key };
}

const stepBytes = 8 * 1024 * 1024;

function readThrough(
  steps: Generator<void, Chain>,
  segments: readonly Segment[],
  reading: (bytes: number, of: number) => void,
): Chain {
  const of = segments.reduce((sum, { bytes }) => sum + bytes, 0);
  for (let bytes = stepBytes; ; bytes = Math.min(bytes + stepBytes, of)) {
    const step = steps.next();
    if (step.done) return step.value;
    reading(bytes, of);
  }
}

const beginning = 256;
const kindMember = '"kind":"';
const outcome = 'outcome","request":"';
const indeterminate = 'indeterminate","request":"';
const checkpoint = 'checkpoint"';
const intent = 'intent","event":"';
const thenRequest = '","request":"'.length;

/** Follows which intents are open, and tells of a checkpoint. What a caller chose stands behind the
 * request, so that it cannot pass for a member. */
function follow(open: Set<string>, line: Buffer): 'checkpoint' | null {
  const text = line.toString('latin1', 0, beginning);
  const kind = text.indexOf(kindMember) + kindMember.length;
  if (text.startsWith(outcome, kind)) open.delete(requestAt(text, kind + outcome.length));
  else if (text.startsWith(intent, kind)) {
    const eventEnd = text.indexOf('"', kind + intent.length);
    open.add(requestAt(text, eventEnd + thenRequest));
  } else if (text.startsWith(indeterminate, kind)) {
    open.delete(requestAt(text, kind + indeterminate.length));
  } else if (text.startsWith(checkpoint, kind)) return 'checkpoint';
  return null;
}

/** The string that begins here, whatever is escaped in it. */
function requestAt(text: string, from: number): string {
  const plain = text.slice(from, text.indexOf('"', from));
  if (!plain.includes('\\')) return plain;
  const [quoted = '""'] = /"(?:[^"\\]|\\.)*"/.exec(text.slice(from - 1)) ?? [];
  return JSON.parse(quoted) as string;
}

import type { Place } from './appender.ts';
import { genesis, linkOf } from './chain.ts';
import { limitsOf } from './fault-limits.ts';
import type { Listed } from './ledger.ts';
import { eachLine } from './lines.ts';
import type { Segment } from './segment.ts';

/** The first place where a log is not what its writer wrote. */
export interface Bad {
  /** `w1-3.jsonl` */
  readonly file: string;
  /** Where in the file, in bytes. */
  readonly offset: number;
  readonly seq: number;
  readonly reason: string;
  /** A record that was never finished, at the very end. */
  readonly torn: boolean;
}

/** What reading a chain came to. */
export interface Chain {
  /** Records that stand as they were written. */
  readonly records: number;
  /** The last of them; `genesis` at 0 for none. */
  readonly seq: number;
  readonly prev: string;
  /** What each segment holds, up to where the log is bad. */
  readonly spans: readonly Listed[];
  readonly bad: Bad | null;
}

/** A record as it stands in a segment; its bytes are only lent. */
export type Visit = (line: Buffer, segment: Segment, offset: number, seq: number) => void;

interface Reading {
  records: number;
  seq: number;
  /** What the next record must hold; null while nothing is known of the record before it. */
  prev: string | null;
  /** The place before the first record. */
  began: Place;
  /** Where the last record stands. */
  at: { readonly file: string; readonly offset: number };
  bad: Bad | null;
}

/**
 * Reads the segments of one writer, in order, and holds every record to its place: its layout, its
 * number, its link to the one before. Stops at the first that is bad. `before` is the place before
 * the first; null where nobody knows. Throws the file system's error.
 */
export function readChain(
  segments: readonly Segment[],
  visit: Visit,
  before: Place | null = null,
): Chain {
  const steps = chainInSteps(segments, visit, { before, stepBytes: Number.MAX_SAFE_INTEGER });
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}

/** Does the same in steps of about so many bytes, so that others come between. */
export function* chainInSteps(
  segments: readonly Segment[],
  visit: Visit,
  { before, stepBytes }: { readonly before: Place | null; readonly stepBytes: number },
): Generator<void, Chain> {
  const counted = limitsOf(segments);
  const reading: Reading = {
    records: 0,
    seq: before?.seq ?? 0,
    prev: before?.prev ?? null,
    began: before ?? { seq: 0, prev: genesis },
    at: { file: '', offset: 0 },
    bad: null,
  };
  const spans: Listed[] = [];
  for (const [index, segment] of segments.entries()) {
    const limit = counted[index] ?? segment.bytes;
    const at = reading.prev === null ? null : { seq: reading.seq, prev: reading.prev };
    const end = yield* readSegment(reading, segment, visit, { limit, stepBytes });
    spans.push(spanOf(segment.name, at ?? reading.began, reading, end));
    if (end !== limit) reading.bad ??= unfinished(reading, segments, counted, { index, end });
    if (reading.bad) break;
  }
  const { records, seq, prev, bad } = reading;
  return { records, seq, prev: prev ?? genesis, spans, bad };
}

/** Gives the offset behind the last record that stands. */
function* readSegment(
  reading: Reading,
  segment: Segment,
  visit: Visit,
  { limit, stepBytes }: { readonly limit: number; readonly stepBytes: number },
): Generator<void, number> {
  let from = 0;
  let step = stepBytes;
  while (from < limit) {
    const to = Math.min(limit, from + step);
    const end = eachLine({ path: segment.path, from, to }, (line, offset) => {
      reading.bad = place(reading, line, segment, offset);
      if (reading.bad) return false;
      visit(line, segment, offset, reading.seq);
      return true;
    });
    if (reading.bad || (end < to && to === limit)) return end;
    step = end === from ? step * 2 : stepBytes;
    from = end;
    if (from < limit) yield;
  }
  return from;
}

function unfinished(
  { seq }: Reading,
  segments: readonly Segment[],
  counted: readonly number[],
  { index, end }: { readonly index: number; readonly end: number },
): Bad {
  const torn = segments.every((later, at) => at <= index || holdsNoLine(later, counted[at] ?? 0));
  const reason = torn ? 'the record was never finished' : 'the segment ends within a record';
  return { file: segments[index]?.name ?? '', offset: end, seq: seq + 1, reason, torn };
}

function spanOf(name: string, before: Place, { seq, prev }: Reading, bytes: number): Listed {
  const sealed = { lastSeq: seq, hash: prev ?? genesis, bytes };
  return { name, firstSeq: before.seq + 1, prev: before.prev, sealed, open: null };
}

/** Takes a line as the next record, or tells what is wrong. */
function place(reading: Reading, line: Buffer, segment: Segment, offset: number): Bad | null {
  const known = reading.prev ?? (segment.number === 1 ? genesis : null);
  const seq = reading.seq + 1;
  if (known === null) {
    const first = layoutOf(line, segment.writer);
    if (!first) return badAt(segment.name, offset, seq, noRecord);
    reading.seq = first.seq;
    reading.began = { seq: first.seq - 1, prev: first.prev };
  } else if (standsAt(line, segment.writer, seq, known)) {
    reading.seq = seq;
  } else return wrong(reading, line, segment, offset);
  reading.records++;
  reading.prev = linkOf(line);
  reading.at = { file: segment.name, offset };
  return null;
}

function wrong(reading: Reading, line: Buffer, segment: Segment, offset: number): Bad {
  const found = layoutOf(line, segment.writer);
  const seq = reading.seq + 1;
  if (!found) return badAt(segment.name, offset, seq, noRecord);
  if (found.seq !== seq) {
    return badAt(segment.name, offset, seq, `record ${found.seq} stands in its place`);
  }
  if (seq === 1) return badAt(segment.name, offset, 1, 'the first record claims one before it');
  const { at } = reading;
  return badAt(at.file, at.offset, reading.seq, `record ${seq} was chained to another`);
}

const noRecord = 'this is no record of its writer';

function badAt(file: string, offset: number, seq: number, reason: string): Bad {
  return { file, offset, seq, reason, torn: false };
}

const tailBytes = genesis.length + ',"prev":""}\n'.length;
const longestHead = 64;
const zero = 48;

/** Whether a line is laid out as this record, linked so: its beginning and its end are fixed.
 * A start reads millions of them, so that no string is built here. */
function standsAt(line: Buffer, writer: string, seq: number, prev: string): boolean {
  const end = line.length - tailBytes;
  if (end <= 0) return false;
  const head = line.toString('latin1', 0, longestHead);
  const before = headOf(writer);
  if (!head.startsWith(before) || numberAt(head, before.length) !== seq) return false;
  const tail = line.toString('latin1', end);
  return tail.startsWith(',"prev":"') && tail.startsWith(prev, 9) && tail.endsWith('"}\n');
}

let writerOfHead = '';
let head = '';

function headOf(writer: string): string {
  if (writer !== writerOfHead) {
    writerOfHead = writer;
    head = `{"v":1,"writer":"${writer}","seq":`;
  }
  return head;
}

/** A number in decimal that a comma ends, without a zero before it; -1 for anything else. */
function numberAt(text: string, from: number): number {
  if (text.charCodeAt(from) === zero) return -1;
  let number = 0;
  for (let at = from; at < text.length; at++) {
    const digit = text.charCodeAt(at) - zero;
    if (digit >= 0 && digit <= 9) number = number * 10 + digit;
    else return text[at] === ',' && at > from ? number : -1;
  }
  return -1;
}

const layout = /^\{"v":1,"writer":"(w\d+)","seq":([1-9]\d*),.*,"prev":"([0-9a-f]{64})"\}\n$/;

function layoutOf(line: Buffer, writer: string): { seq: number; prev: string } | null {
  const [, owner, seq, prev] = layout.exec(line.toString('latin1')) ?? [];
  return owner === writer && prev !== undefined ? { seq: Number(seq), prev } : null;
}

function holdsNoLine(segment: Segment, limit: number): boolean {
  let lines = 0;
  eachLine({ path: segment.path, from: 0, to: limit }, () => ++lines < 0);
  return lines === 0;
}

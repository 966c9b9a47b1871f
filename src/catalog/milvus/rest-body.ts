import type { Counter, Rebuilt } from '../operation.ts';
import { JsonReader } from '../reading/json.ts';
import { JsonCounter } from '../reading/json-counter.ts';
import type { Mention } from '../reading/shape.ts';
import { readThrough } from '../reading/slices.ts';
import { type Edit, splice } from '../reading/splice.ts';
import { outsideIn, watched } from './rest-outside.ts';
import type { RestPlan } from './row.ts';

/** What the body of a REST request gives. */
export interface Body {
  readonly bytes: Buffer;
  readonly mentions: readonly Mention[];
  /** As `Given.outside`. */
  readonly outside: string | null;
  /** The rows of an insert. */
  readonly points: number;
}

/** A string of a body, and what is to stand in its place. */
export interface Replacement {
  readonly mention: Mention;
  readonly value: string;
}

const empty = Buffer.from('{}');
/** `data` of an insert: rows, or one row alone. */
const rows = { members: { data: { elements: true, itself: true } } } as const;

/**
 * Reads the body of a REST request. Milvus reads it twice: with sonic, to which a key may be in any
 * case and the last of two counts, and with gjson, to which it may not and the first does
 * (internal/distributed/proxy/httpserver, handler_v2.go). What both read as one is what passes.
 * Throws or rejects with `Refusal` unreadable-request.
 */
export function readBody(plan: RestPlan, given: Buffer | null): Body | Promise<Body> {
  if (plan.shape === null) return { bytes: empty, mentions: [], outside: null, points: 0 };
  const bytes = given === null || given.length === 0 ? empty : given;
  const known = plan.shape.known;
  const counts = known?.has('data') === true && !known.has('annsField');
  const reader = new BodyReader(bytes, plan, counts ? new JsonCounter(rows) : null);
  const read = readThrough(reader);
  return read instanceof Promise ? read.then(bodyOf) : bodyOf(read);
}

/** Reads a held body, then counts its rows, piece by piece. */
class BodyReader {
  readonly json: JsonReader;
  readonly counter: Counter | null;
  readonly bytes: Buffer;
  #counted = 0;

  constructor(bytes: Buffer, { shape }: RestPlan, counter: Counter | null) {
    this.bytes = bytes;
    this.json = new JsonReader(bytes, shape ?? { what: 'the body' }, { watched });
    this.counter = counter;
  }

  advance(amount: number): boolean {
    if (!this.json.advance(amount)) return false;
    const from = this.#counted;
    this.#counted += amount;
    this.counter?.push(this.bytes.subarray(from, this.#counted));
    return this.counter === null || this.#counted >= this.bytes.length;
  }
}

function bodyOf({ bytes, json, counter }: BodyReader): Body {
  const { mentions } = json;
  return {
    bytes,
    mentions: mentions.filter(({ mark }) => !marks.has(mark)),
    outside: outsideIn(bytes, mentions),
    points: counter?.points ?? 0,
  };
}

const marks = new Set(watched.values());

/** Up to this long a body is written anew in one piece. */
const shortBody = 1 << 16;

/** The body with these strings replaced and, where one is given, a `dbName` put in front. The rest,
 * every number and vector, is byte for byte what came; what of a long one is behind the last change
 * is not copied. */
export function rewriteBody(
  bytes: Buffer,
  replacements: readonly Replacement[],
  dbName: string | null,
): Pick<Rebuilt, 'body' | 'tail'> {
  const edits = replacements.map(({ mention: { start, end }, value }): Edit => {
    return { start, end, bytes: Buffer.from(JSON.stringify(value)) };
  });
  if (dbName !== null) edits.unshift(added(bytes, dbName));
  const last = edits.at(-1);
  if (last === undefined || bytes.length <= shortBody) return { body: splice(bytes, edits) };
  return { body: splice(bytes.subarray(0, last.end), edits), tail: bytes.subarray(last.end) };
}

function added(bytes: Buffer, dbName: string): Edit {
  const at = bytes.indexOf(0x7b) + 1;
  let next = at;
  while (blanks.has(bytes[next] as number)) next++;
  const comma = bytes[next] === 0x7d ? '' : ',';
  return { start: at, end: at, bytes: Buffer.from(`"dbName":${JSON.stringify(dbName)}${comma}`) };
}

const blanks = new Set([0x20, 0x09, 0x0a, 0x0d]);

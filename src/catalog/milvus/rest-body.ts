import type { Counter, Rebuilt } from '../operation.ts';
import { JsonReader } from '../reading/json.ts';
import { JsonCounter } from '../reading/json-counter.ts';
import type { Mention, Shape } from '../reading/shape.ts';
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
  /** The vectors and ids that a search is asked with; left out of any other body. */
  readonly work?: number;
}

/** A string of a body, and what is to stand in its place. */
export interface Replacement {
  readonly mention: Mention;
  readonly value: string;
}

const empty = Buffer.from('{}');
/** `data` of an insert: rows, or one row alone. */
const rows = { members: { data: { elements: true, itself: true } } } as const;
/** Vectors or ids of a search, and of those within a hybrid one. */
const vectors = { members: { data: { elements: true }, ids: { elements: true } } } as const;
const searches = { members: { search: { items: vectors } } } as const;

/**
 * Reads the body of a REST request. Milvus reads it twice: with sonic, to which a key may be in any
 * case and the last of two counts, and with gjson, to which it may not and the first does
 * (internal/distributed/proxy/httpserver, handler_v2.go). What both read as one is what passes.
 * Throws or rejects with `Refusal` unreadable-request.
 */
export function readBody(plan: RestPlan, given: Buffer | null): Body | Promise<Body> {
  if (plan.shape === null) return { bytes: empty, mentions: [], outside: null, points: 0 };
  const bytes = given === null || given.length === 0 ? empty : given;
  const reader = new BodyReader(bytes, plan, countedIn(plan.shape));
  const read = readThrough(reader);
  return read instanceof Promise ? read.then(bodyOf) : bodyOf(read);
}

/** What is counted of a body: the rows of an insert are its points, vectors to search with its
 * work. */
interface Counted {
  readonly what: 'points' | 'work';
  readonly counter: Counter;
}

function countedIn({ known }: Shape): Counted | null {
  if (known?.has('search')) return { what: 'work', counter: new JsonCounter(searches) };
  if (!known?.has('data')) return null;
  if (known.has('annsField')) return { what: 'work', counter: new JsonCounter(vectors) };
  return { what: 'points', counter: new JsonCounter(rows) };
}

/** Reads a held body, then counts what is to be counted, piece by piece. */
class BodyReader {
  readonly json: JsonReader;
  readonly counted: Counted | null;
  readonly bytes: Buffer;
  #passed = 0;

  constructor(bytes: Buffer, { shape }: RestPlan, counted: Counted | null) {
    this.bytes = bytes;
    this.json = new JsonReader(bytes, shape ?? { what: 'the body' }, { watched });
    this.counted = counted;
  }

  advance(amount: number): boolean {
    if (!this.json.advance(amount)) return false;
    const from = this.#passed;
    this.#passed += amount;
    this.counted?.counter.push(this.bytes.subarray(from, this.#passed));
    return this.counted === null || this.#passed >= this.bytes.length;
  }
}

function bodyOf({ bytes, json, counted }: BodyReader): Body {
  const { mentions } = json;
  const found = counted?.counter.points ?? 0;
  return {
    bytes,
    mentions: mentions.filter(({ mark }) => !marks.has(mark)),
    outside: outsideIn(bytes, mentions),
    points: counted?.what === 'points' ? found : 0,
    ...(counted?.what === 'work' ? { work: Math.max(1, found) } : {}),
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

import { isUtf8 } from 'node:buffer';
import type { Counter } from '../operation.ts';
import { JsonReader } from '../reading/json.ts';
import { isName, unnameable } from '../reading/name.ts';
import type { Mention, Shape } from '../reading/shape.ts';
import { readThrough } from '../reading/slices.ts';
import type { BodyPlan, Row } from './row.ts';

/** What the body of a REST request gives. */
export interface Body {
  readonly bytes: Buffer | null;
  readonly mentions: readonly Mention[];
  readonly inner: readonly string[];
  /** As `Intent.points`. */
  readonly points: number | null;
  /** As `Intent.work`. */
  readonly work?: number | null;
}

const blanks = new Set([0x20, 0x09, 0x0a, 0x0d]);
const mostBlanks = 1024;
/** Longer bodies are walked in slices: looking for a word takes no turn of the event loop. */
const longestLook = 16 * 1024 * 1024;
const nothing = Buffer.alloc(0);
const unnamed = { mentions: [], inner: [] };
const nothingRead: Pick<JsonReader, 'mentions' | 'marks'> = { mentions: [], marks: new Set() };

/**
 * Reads the body of a REST request as its row plans. Throws or rejects with `Refusal`
 * unreadable-request.
 */
export function readBody(row: Row, plan: BodyPlan, body: Buffer | null): Body | Promise<Body> {
  if (plan.kind === 'stream' && body === null) return { bytes: null, ...unnamed, ...untold(row) };
  const bytes = plan.kind !== 'none' && body !== null ? body : nothing;
  const unread = plan.kind !== 'held' || namesNothing(bytes, plan.absent);
  if (unread && !row.countWork) return { bytes, ...unnamed, points: 0 };
  const read = readThrough(new BodyReader(bytes, unread ? null : plan.shape, row));
  return read instanceof Promise
    ? read.then((reader) => bodyOf(bytes, reader))
    : bodyOf(bytes, read);
}

/** What counters are to tell, as the body streams through. */
function untold({ countIn, countWork }: Row): Pick<Body, 'points' | 'work'> {
  return { points: countIn ? null : 0, ...(countWork ? { work: null } : {}) };
}

/** Reads a held body, where it has a shape, then counts in it, piece by piece. */
class BodyReader {
  readonly json: JsonReader | null;
  readonly points: Counter | null;
  readonly work: Counter | null;
  readonly #bytes: Buffer;
  #counted = 0;

  constructor(bytes: Buffer, shape: Shape | null, row: Row) {
    this.json = shape && new JsonReader(bytes, shape);
    this.points = row.countIn?.('http') ?? null;
    this.work = row.countWork?.('http') ?? null;
    this.#bytes = bytes;
  }

  advance(amount: number): boolean {
    if (this.json && !this.json.advance(amount)) return false;
    const from = this.#counted;
    this.#counted += amount;
    const piece = this.#bytes.subarray(from, this.#counted);
    this.points?.push(piece);
    this.work?.push(piece);
    const counts = this.points !== null || this.work !== null;
    return !counts || this.#counted >= this.#bytes.length;
  }
}

function bodyOf(bytes: Buffer, { json, points, work }: BodyReader): Body {
  const { mentions, marks } = json ?? nothingRead;
  const told = work === null ? {} : { work: work.points };
  for (const { mark, value } of mentions) {
    if (mark === 'location' || isName(value)) continue;
    throw unnameable(value);
  }
  return { bytes, mentions, inner: [...marks], points: points?.points ?? 0, ...told };
}

/** Whether a body is an object that cannot hold a reference: it is UTF-8 and no other encoding and
 * has no backslash, so that every key stands there as it spells itself, and each reference has one
 * of these words on its way. */
function namesNothing(body: Buffer, words: readonly Buffer[]): boolean {
  if (words.length === 0 || body.length > longestLook) return false;
  if (firstByte(body) !== 0x7b || body.includes(0x5c)) return false;
  if (body.includes(0) || !isUtf8(body)) return false;
  for (const word of words) if (body.includes(word)) return false;
  return true;
}

function firstByte(body: Buffer): number {
  let at = 0;
  while (at < mostBlanks && blanks.has(body[at] as number)) at++;
  return body[at] ?? 0;
}

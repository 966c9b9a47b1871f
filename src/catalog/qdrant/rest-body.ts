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
}

const blanks = new Set([0x20, 0x09, 0x0a, 0x0d]);
const mostBlanks = 1024;
/** Longer bodies are walked in slices: looking for a word takes no turn of the event loop. */
const longestLook = 16 * 1024 * 1024;
const nothing = Buffer.alloc(0);
const unnamed = { mentions: [], inner: [] };

/**
 * Reads the body of a REST request as its row plans. Throws or rejects with `Refusal`
 * unreadable-request.
 */
export function readBody(row: Row, plan: BodyPlan, body: Buffer | null): Body | Promise<Body> {
  const counter = row.countIn?.('http') ?? null;
  if (plan.kind === 'stream') return { bytes: null, ...unnamed, points: counter ? null : 0 };
  const bytes = plan.kind === 'held' && body !== null ? body : nothing;
  if (plan.kind === 'none' || namesNothing(bytes, plan.absent)) {
    return { bytes, ...unnamed, points: 0 };
  }
  const read = readThrough(new BodyReader(bytes, plan.shape, counter));
  return read instanceof Promise
    ? read.then((reader) => bodyOf(bytes, reader))
    : bodyOf(bytes, read);
}

/** Reads a held body, then counts its points, piece by piece. */
class BodyReader {
  readonly json: JsonReader;
  readonly counter: Counter | null;
  readonly #bytes: Buffer;
  #counted = 0;

  constructor(bytes: Buffer, shape: Shape, counter: Counter | null) {
    this.json = new JsonReader(bytes, shape);
    this.counter = counter;
    this.#bytes = bytes;
  }

  advance(amount: number): boolean {
    if (!this.json.advance(amount)) return false;
    const from = this.#counted;
    this.#counted += amount;
    this.counter?.push(this.#bytes.subarray(from, this.#counted));
    return this.counter === null || this.#counted >= this.#bytes.length;
  }
}

function bodyOf(bytes: Buffer, { json, counter }: BodyReader): Body {
  const { mentions, marks } = json;
  for (const { mark, value } of mentions) {
    if (mark === 'location' || isName(value)) continue;
    throw unnameable(value);
  }
  return { bytes, mentions, inner: [...marks], points: counter?.points ?? 0 };
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

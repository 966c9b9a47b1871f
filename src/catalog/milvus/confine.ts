import type { Extent, Protocol, Rebuilt } from '../operation.ts';
import { overreach } from '../overreach.ts';
import { readAskedRest } from './confine-rest.ts';
import { readAskedRpc } from './confine-rpc.ts';
import { writeLoweredRest } from './lower-rest.ts';
import { writeLoweredRpc } from './lower-rpc.ts';

/** How an operation asks for entities. */
export type AskKind = 'search' | 'hybrid' | 'query' | 'get';

/** What a request asks its answer to carry. */
export interface Asked {
  /** Entities, or groups of them, for each vector that is asked with; `Infinity` where no number
   * holds the answer. */
  readonly limit: number;
  /** How many entities one of these stands for: vectors that are asked with, times the size of a
   * group. */
  readonly each: number;
  readonly offset: number;
  /** The fields that come with each, as they are spelled: `*` and `count(*)` among them. */
  readonly fields: readonly string[];
  /** Fields whose values are told without being asked for: what it is grouped or ordered by. */
  readonly revealed: readonly string[];
}

/** What is written into a request so that it asks for less; what is left out stays as it is. */
export interface Lowered {
  readonly limit?: number;
  readonly fields?: readonly string[];
}

/** A name that means one field and nothing else: no wildcard, path, aggregate or blank. */
const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/;
const count = 'count(*)';
const all = '*';

/** Holds a row that asks so to an extent: `Operation.confine`. Throws `Refusal` not-permitted where
 * the request asks for more, unreadable-request where that cannot be told for sure. What was
 * lowered is read and judged again. */
export function confinedBy(kind: AskKind) {
  return (protocol: Protocol, request: Rebuilt, extent: Extent): Rebuilt => {
    const rest = protocol === 'http';
    const read = rest ? readAskedRest : readAskedRpc;
    const bytes = wholeOf(request);
    const asked = read(kind, bytes);
    const change = extent.exceed === undefined ? null : lowered(kind, asked, extent);
    if (change === null) {
      check(asked, extent);
      return request;
    }
    const body = (rest ? writeLoweredRest : writeLoweredRpc)(kind, bytes, change);
    check(read(kind, body), extent);
    const { tail: _joined, ...same } = request;
    return { ...same, body };
  };
}

function wholeOf({ body, tail }: Rebuilt): Buffer {
  const bytes = Buffer.from(body ?? new Uint8Array(0));
  return tail === undefined ? bytes : Buffer.concat([bytes, tail]);
}

/** Whether rows are counted only: without a limit that is one row, and tells of no field. */
export function isCount(fields: readonly string[]): boolean {
  return fields.length > 0 && fields.every((field) => field === count);
}

function check(asked: Asked, extent: Extent): void {
  const { results: most, offset, vectors, payload: allowed } = extent;
  const results = asked.limit * asked.each;
  if (most !== null && results > most) {
    const found = results === Number.POSITIVE_INFINITY ? 'all are' : `${results} are`;
    throw overreach(`at most ${most} results may be asked for`, found);
  }
  if (offset !== null && asked.offset > offset) {
    throw overreach(`an offset may be at most ${offset}`, `it is ${asked.offset}`);
  }
  const telling = asked.fields.filter((field) => field !== count);
  if (allowed === null) {
    // A vector is a field like any other, and its name does not tell: what nobody listed may be
    // one.
    if (vectors === null || telling.length === 0) return;
    throw overreach('vectors may not be asked for, nor fields that are not listed', 'fields are');
  }
  const other = [...telling, ...asked.revealed].find((field) => !isListed(field, allowed));
  if (other === undefined) return;
  throw overreach(`of the fields only ${allowed.join(', ')}`, `${JSON.stringify(other)} is`);
}

function isListed(field: string, allowed: readonly string[]): boolean {
  return plainName.test(field) && allowed.includes(field);
}

/** Null where nothing is to be lowered, or can be. */
function lowered(kind: AskKind, asked: Asked, extent: Extent): Lowered | null {
  const { results: most, payload: allowed } = extent;
  const limit = most === null ? 0 : Math.floor(most / asked.each);
  const over = most !== null && asked.limit * asked.each > most && limit >= 1 && kind !== 'get';
  const fields = allowed === null ? null : fieldsWithin(asked.fields, allowed);
  if (!over && fields === null) return null;
  return { ...(over ? { limit } : {}), ...(fields === null ? {} : { fields }) };
}

/** Null where they are. Of all that is asked for the listed ones come. */
function fieldsWithin(
  fields: readonly string[],
  allowed: readonly string[],
): readonly string[] | null {
  const names = allowed.filter((field) => plainName.test(field));
  if (fields.includes(all)) return names;
  const kept = fields.filter((field) => field === count || isListed(field, allowed));
  return kept.length === fields.length ? null : kept;
}

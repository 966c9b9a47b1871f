import type { Extent, Protocol, Rebuilt } from '../operation.ts';
import { overreach } from '../overreach.ts';
import { readAskedRest } from './confine-rest.ts';
import { readAskedRpc } from './confine-rpc.ts';
import { writeLoweredRest } from './lower-rest.ts';
import { writeLoweredRpc } from './lower-rpc.ts';
import { isWithin, lowered, partsOf } from './lowered.ts';

/** How an operation asks for points, and what it means where it does not say. */
export interface AskPlan {
  /** The most points, where the request does not say: 10, save where it must. */
  readonly results: 'limit' | 'groups' | 'ids' | 'matrix' | 'one' | 'values';
  /** Whether REST knows `top` as another word for `limit`; elsewhere it means nothing. */
  readonly top?: true;
  /** Whether payload comes where the request does not ask. */
  readonly payload: boolean;
  /** Searches stand in an array of this member or field. */
  readonly batch?: { readonly member: string; readonly field: number };
  /** Where its parts stand in its gRPC message, by field number. */
  readonly fields: Readonly<Partial<Record<AskField, number>>>;
}

/** A part of a request that says what its answer carries. */
export type AskField =
  | 'limit'
  | 'offset'
  | 'payload'
  | 'vectors'
  | 'ids'
  | 'groupBy'
  | 'groupSize'
  | 'lookup'
  | 'orderBy'
  | 'query'
  | 'sample'
  | 'key';

/** What one search asks its answer to carry. */
export interface Asked {
  /** Points, at most. */
  readonly results: number;
  /** The limit that says so; null where results are not so told. */
  readonly limit: AskedLimit | null;
  readonly offset: number;
  /** Of the points themselves, and of those that are looked up for groups; null: none are. */
  readonly own: Selection;
  readonly lookup: Selection | null;
  /** Fields whose values are told without their payload: what it is grouped or ordered by. */
  readonly revealed: readonly string[];
}

/** So many points, or groups of them. */
export interface AskedLimit {
  readonly most: number;
  /** How many points each group has; 1 where there are no groups. */
  readonly groupSize: number;
  /** How many more are looked up for each group. */
  readonly lookedUp: 0 | 1;
}

/** What comes with each point. */
export interface Selection {
  /** `rest`: all but some, or what is said in a way that is not understood. */
  readonly payload: 'all' | 'rest' | readonly string[];
  readonly vectors: boolean;
}

/** Holds a row that asks so to an extent: `Operation.confine`. Throws `Refusal` not-permitted where
 * the request asks for more, unreadable-request or too-large where that cannot be told. What was
 * lowered is read and judged again. */
export function confinedBy(plan: AskPlan) {
  return (protocol: Protocol, request: Rebuilt, extent: Extent): Rebuilt => {
    const read = protocol === 'http' ? readAskedRest : readAskedRpc;
    const bytes = Buffer.from(request.body ?? new Uint8Array(0));
    const asked = read(plan, bytes);
    const changes = extent.exceed === undefined ? null : lowered(asked, extent);
    if (changes === null || plan.results === 'one') {
      checkAll(asked, extent);
      return request;
    }
    const write = protocol === 'http' ? writeLoweredRest : writeLoweredRpc;
    const body = write(plan, bytes, changes);
    checkAll(read(plan, body), extent);
    return { ...request, body, lowered: partsOf(changes) };
  };
}

function checkAll(asked: readonly Asked[], extent: Extent): void {
  const results = asked.reduce((sum, one) => sum + one.results, 0);
  for (const one of asked) checkOne(one, extent);
  if (extent.results !== null && results > extent.results) {
    throw overreach(`at most ${extent.results} results may be asked for`, `${results} are`);
  }
}

function checkOne({ offset, own, lookup, revealed }: Asked, extent: Extent): void {
  const selections = lookup ? [own, lookup] : [own];
  if (extent.offset !== null && offset > extent.offset) {
    throw overreach(`an offset may be at most ${extent.offset}`, `it is ${offset}`);
  }
  if (extent.vectors === 'deny' && selections.some(({ vectors }) => vectors)) {
    throw overreach('vectors may not be asked for', 'they are');
  }
  const { payload: allowed } = extent;
  if (allowed === null) return;
  const rule = `of the payload only ${allowed.join(', ')}`;
  for (const { payload } of [...selections, { payload: revealed }]) {
    if (typeof payload === 'string') throw overreach(rule, 'all is asked for');
    const other = payload.find((path) => !allowed.some((field) => isWithin(path, field)));
    if (other !== undefined) throw overreach(rule, `${other} is`);
  }
}

import { Refusal } from '../../refusal.ts';
import type { Extent, Protocol, Rebuilt } from '../operation.ts';
import { readAskedRest } from './confine-rest.ts';
import { readAskedRpc } from './confine-rpc.ts';

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
  readonly results: number;
  readonly offset: number;
  /** `all`: every field, or all but some. */
  readonly payload: 'all' | readonly string[];
  readonly vectors: boolean;
}

/** The check of a row that asks so: throws `Refusal` not-permitted where the request asks for more
 * than the extent, unreadable-request or too-large where that cannot be told. */
export function confinedBy(plan: AskPlan) {
  return (protocol: Protocol, { body }: Rebuilt, extent: Extent): void => {
    const bytes = Buffer.from(body ?? new Uint8Array(0));
    const asked = protocol === 'http' ? readAskedRest(plan, bytes) : readAskedRpc(plan, bytes);
    let results = 0;
    for (const one of asked) {
      results += one.results;
      checkOne(one, extent);
    }
    if (extent.results !== null && results > extent.results) {
      throw beyond(`at most ${extent.results} results may be asked for`, `${results} are`);
    }
  };
}

function checkOne({ offset, payload, vectors }: Asked, extent: Extent): void {
  if (extent.offset !== null && offset > extent.offset) {
    throw beyond(`an offset may be at most ${extent.offset}`, `it is ${offset}`);
  }
  if (extent.vectors === 'deny' && vectors) {
    throw beyond('vectors may not be asked for', 'they are');
  }
  const { payload: allowed } = extent;
  if (allowed === null) return;
  if (payload === 'all')
    throw beyond(`of the payload only ${allowed.join(', ')}`, 'all is asked for');
  const other = payload.find((path) => !allowed.some((field) => isWithin(path, field)));
  if (other !== undefined) throw beyond(`of the payload only ${allowed.join(', ')}`, `${other} is`);
}

/** `a.b` and `a[]` are within `a`. */
function isWithin(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`);
}

function beyond(rule: string, fact: string): Refusal {
  return new Refusal('not-permitted', `${rule}, and ${fact}`, { told: `Forbidden: ${rule}` });
}

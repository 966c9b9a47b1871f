import type { Group } from '../store/groups.ts';
import type { Point } from '../store/point.ts';
import { selectedPayload, selectedVectors } from '../store/projection.ts';
import type { Hit, Shown } from '../store/query.ts';
import type { Message } from './message.ts';
import { payloadShown, shownId, vectorsShown } from './shown-values.ts';

/** A point with its score. */
export function scoredPoint({ point, score, scored, orderValue }: Hit, shown: Shown): Message {
  return {
    ...parts(point, shown),
    score,
    version: scored ? point.version : 0,
    order_value: orderValueShown(orderValue),
  };
}

/** A point without a score. */
export function retrievedPoint(point: Point, shown: Shown, orderValue?: bigint | number): Message {
  return { ...parts(point, shown), order_value: orderValueShown(orderValue) };
}

/** A group of points. */
export function pointGroup({ id, hits, lookup }: Group, shown: Shown, found: Shown): Message {
  return {
    id: typeof id === 'string' ? { string_value: id } : groupNumber(id),
    hits: hits.map((hit) => scoredPoint(hit, shown)),
    lookup: lookup && retrievedPoint(lookup, found),
  };
}

function parts(point: Point, shown: Shown): Message {
  const payload = selectedPayload(point.payload, shown.payload);
  const vectors = selectedVectors(point.vectors, shown.vectors);
  return {
    id: shownId(point.id),
    payload: payload && payloadShown(payload),
    vectors: vectors && vectorsShown(vectors),
  };
}

function orderValueShown(value: bigint | number | undefined): Message | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'bigint' ? { int: value } : { float: value };
}

function groupNumber(id: bigint): Message {
  return id < 0n ? { integer_value: id } : { unsigned_value: id };
}

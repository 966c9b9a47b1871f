import { type Json, single } from '../json/write.ts';
import type { Group } from '../store/groups.ts';
import { isSparse, type Point, type Vector, type Vectors } from '../store/point.ts';
import { selectedPayload, selectedVectors } from '../store/projection.ts';
import type { Hit, Shown } from '../store/query.ts';

/** A point with its score. */
export function scoredPoint(hit: Hit, shown: Shown): Json {
  const { point, score, scored, orderValue } = hit;
  return {
    id: point.id,
    version: scored ? point.version : 0,
    score: single(score),
    ...parts(point, shown),
    order_value: orderValue,
  };
}

/** A point without a score. */
export function record(point: Point, shown: Shown, orderValue?: bigint | number): Json {
  return { id: point.id, ...parts(point, shown), order_value: orderValue };
}

/** A group of points. */
export function pointGroup({ hits, id, lookup }: Group, shown: Shown, found: Shown): Json {
  return {
    hits: hits.map((hit) => scoredPoint(hit, shown)),
    id,
    lookup: lookup && record(lookup, found),
  };
}

function parts(point: Point, shown: Shown): { payload: Json; vector: Json } {
  const vectors = selectedVectors(point.vectors, shown.vectors);
  return {
    payload: selectedPayload(point.payload, shown.payload),
    vector: vectors && pointVectors(vectors),
  };
}

function pointVectors(vectors: Vectors): Json {
  const unnamed = vectors.size === 1 ? vectors.get('') : undefined;
  if (unnamed) return vectorShown(unnamed);
  return new Map([...vectors].map(([name, vector]) => [name, vectorShown(vector)]));
}

function vectorShown(vector: Vector): Json {
  if (!isSparse(vector)) return vector;
  return { indices: Array.from(vector.indices, BigInt), values: vector.values };
}

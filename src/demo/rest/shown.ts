import { type Json, single } from '../json/write.ts';
import type { Collection, DenseConfig } from '../store/collection.ts';
import type { Group } from '../store/groups.ts';
import { isSparse, type Point, type Vector, type Vectors } from '../store/point.ts';
import { selectedPayload, selectedVectors } from '../store/projection.ts';
import type { Hit, Shown } from '../store/query.ts';
import { indexedPoints, indexedVectors } from '../store/statistics.ts';

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

/** What is told about a collection. */
export function collectionInfo(collection: Collection): Json {
  const { config, points } = collection;
  const { params, ...sections } = Object.fromEntries(config.sections);
  return {
    status: 'green',
    optimizer_status: 'ok',
    indexed_vectors_count: indexedVectors(collection),
    points_count: points.size,
    segments_count: 2,
    config: {
      params: {
        vectors: vectorsConfig(collection),
        ...(params instanceof Map ? Object.fromEntries(params) : {}),
        sparse_vectors: config.sparse.size > 0 ? Object.fromEntries(config.sparse) : undefined,
      },
      ...sections,
    },
    payload_schema: payloadSchema(collection),
    update_queue: { length: 0 },
  };
}

function vectorsConfig({ config: { single, dense } }: Collection): Json {
  const shown = (params: DenseConfig) => {
    return { size: params.size, distance: params.distance, ...Object.fromEntries(params.more) };
  };
  const all = Object.fromEntries([...dense].map(([name, params]) => [name, shown(params)]));
  return single ? all[''] : all;
}

const indexDefaults: Readonly<Record<string, Readonly<Record<string, null>>>> = {
  integer: { lookup: null, range: null, is_principal: null },
};

function payloadSchema(collection: Collection): Json {
  const shown = [...collection.indexes].map(([key, { type, params }]) => {
    const given = params && { ...indexDefaults[type], ...Object.fromEntries(params) };
    return [key, { data_type: type, params: given, points: indexedPoints(collection, key) }];
  });
  return Object.fromEntries(shown);
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

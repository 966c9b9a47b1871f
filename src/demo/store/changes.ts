import { Failure } from '../failure.ts';
import { type Collection, distanceOf } from './collection.ts';
import { prepared } from './distance.ts';
import type { Condition } from './filter.ts';
import { parsePath, replacedAt } from './payload-path.ts';
import { isPayload, isSparse, type Payload, type PointId, type Vectors } from './point.ts';
import { pointNamed, type Selection, selected, selectedAll } from './selection.ts';

/** A point as a client sends it. */
export interface NewPoint {
  readonly id: PointId;
  readonly vectors: Vectors;
  readonly payload: Payload;
}

/** One change of points; each makes one operation of the collection. */
export type Change =
  | {
      readonly kind: 'upsert';
      readonly points: readonly NewPoint[];
      readonly mode: 'upsert' | 'insert_only' | 'update_only';
      readonly only: Condition | undefined;
    }
  | { readonly kind: 'delete'; readonly points: Selection }
  | {
      readonly kind: 'set_payload' | 'overwrite_payload';
      readonly points: Selection;
      readonly payload: Payload;
      readonly key: string | undefined;
    }
  | {
      readonly kind: 'delete_payload';
      readonly points: Selection;
      readonly keys: readonly string[];
    }
  | { readonly kind: 'clear_payload'; readonly points: Selection }
  | {
      readonly kind: 'update_vectors';
      readonly points: readonly { readonly id: PointId; readonly vectors: Vectors }[];
      readonly only: Condition | undefined;
    }
  | {
      readonly kind: 'delete_vectors';
      readonly points: Selection;
      readonly names: readonly string[];
    };

/** Makes a change and answers its number. */
export function changePoints(collection: Collection, change: Change): number {
  checkVectors(collection, change);
  collection.operations += 1;
  applyChange(collection, change, collection.operations);
  return collection.operations;
}

function applyChange(collection: Collection, change: Change, version: number): void {
  switch (change.kind) {
    case 'upsert':
      return upsert(collection, change, version);
    case 'update_vectors':
      return updateVectors(collection, change, version);
    case 'delete':
      for (const { id } of selected(collection, change.points)) collection.points.delete(id);
      collection.order = undefined;
      return;
    case 'delete_vectors':
      return eachPoint(collection, change.points, version, (point) => {
        const left = [...point.vectors].filter(([name]) => !change.names.includes(name));
        point.vectors = new Map(left);
      });
    default:
      return eachPoint(collection, change.points, version, (point) => {
        point.payload = changedPayload(point.payload, change);
      });
  }
}

type PayloadChange = Exclude<Change, { readonly kind: 'upsert' | 'delete' | `${string}_vectors` }>;

function changedPayload(payload: Payload, change: PayloadChange): Payload {
  if (change.kind === 'clear_payload') return new Map();
  if (change.kind === 'delete_payload') {
    return change.keys
      .map(parsePath)
      .reduce((rest, path) => replacedAt(rest, path, () => undefined), payload);
  }
  if (change.kind === 'overwrite_payload' && change.key === undefined) return change.payload;
  if (change.key === undefined) return new Map([...payload, ...change.payload]);
  return replacedAt(payload, parsePath(change.key), (value) =>
    change.kind === 'set_payload' && isPayload(value)
      ? new Map([...value, ...change.payload])
      : change.payload,
  );
}

function eachPoint(
  collection: Collection,
  points: Selection,
  version: number,
  apply: (point: ReturnType<typeof pointNamed>) => void,
): void {
  for (const point of selectedAll(collection, points)) {
    apply(point);
    point.version = version;
  }
}

function upsert(
  collection: Collection,
  { points, mode, only }: Extract<Change, { kind: 'upsert' }>,
  version: number,
): void {
  for (const { id, vectors, payload } of points) {
    const existing = collection.points.get(id);
    if (existing ? mode === 'insert_only' || only?.(existing) === false : mode === 'update_only') {
      continue;
    }
    if (!existing) collection.order = undefined;
    const stored = preparedVectors(collection, vectors);
    collection.points.set(id, { id, version, payload, vectors: stored });
  }
}

function updateVectors(
  collection: Collection,
  { points, only }: Extract<Change, { kind: 'update_vectors' }>,
  version: number,
): void {
  for (const { id, vectors } of points) {
    const point = pointNamed(collection, id);
    if (only?.(point) === false) continue;
    point.vectors = new Map([...point.vectors, ...preparedVectors(collection, vectors)]);
    point.version = version;
  }
}

function preparedVectors(collection: Collection, vectors: Vectors): Vectors {
  const stored = [...vectors].map(
    ([name, vector]) => [name, prepared(distanceOf(collection, name), vector)] as const,
  );
  return new Map(stored);
}

function checkVectors(collection: Collection, change: Change): void {
  if (change.kind !== 'upsert' && change.kind !== 'update_vectors') return;
  for (const { vectors } of change.points) {
    for (const [name, vector] of vectors) {
      checkSize(collection, name, isSparse(vector) ? undefined : rowsOf(vector));
    }
  }
}

/** Refuses vectors whose size is not the one that is configured for their name. */
export function checkSize(
  collection: Collection,
  name: string,
  rows: readonly Float32Array[] | undefined,
): void {
  distanceOf(collection, name);
  const size = collection.config.dense.get(name)?.size;
  if ((size === undefined) !== (rows === undefined)) {
    throw new Failure('wrongInput', 'Conversion between sparse and regular vectors failed');
  }
  for (const row of rows ?? []) {
    if (row.length === size) continue;
    const message = `Vector dimension error: expected dim: ${size}, got ${row.length}`;
    throw new Failure('wrongInput', message);
  }
}

/** A dense or multi vector as rows. */
export function rowsOf(vector: Float32Array | readonly Float32Array[]): readonly Float32Array[] {
  return vector instanceof Float32Array ? [vector] : vector;
}

import { Failure } from '../failure.ts';
import type { Vector, Vectors } from '../store/point.ts';
import { get, type Message, maybe } from './message.ts';

/** Reads the vectors of a point. */
export function vectorsOf(message: Message | undefined): Vectors {
  if (!message) throw new Failure('malformed', 'Expected some vectors');
  const single = maybe.child(message, 'vector');
  if (single) return new Map([['', vectorOf(single)]]);
  const named = get.map(maybe.child(message, 'vectors') ?? {}, 'vectors');
  return new Map([...named].map(([name, vector]) => [name, vectorOf(vector)]));
}

/** Reads a vector, in the older form or the newer one. */
export function vectorOf(message: Message): Vector {
  const dense = maybe.child(message, 'dense');
  if (dense) return get.floats(dense, 'data');
  const sparse = maybe.child(message, 'sparse');
  if (sparse) return sparseOf(get.floats(sparse, 'values'), get.list(sparse, 'indices'));
  const multi = maybe.child(message, 'multi_dense');
  if (multi) return get.list(multi, 'vectors').map((row) => get.floats(row, 'data'));
  if (['document', 'image', 'object'].some((name) => message[name] !== undefined)) {
    throw new Failure('internal', 'InferenceService is not initialized');
  }
  const data = get.floats(message, 'data');
  const indices = maybe.child(message, 'indices');
  if (indices) return sparseOf(data, get.list(indices, 'data'));
  const rows = maybe.number(message, 'vectors_count');
  return rows === undefined ? data : rowsOf(data, rows);
}

/** Reads a sparse vector. */
export function sparseOf(values: Float32Array, indices: readonly (number | bigint)[]): Vector {
  return { values, indices: Uint32Array.from(indices, Number) };
}

function rowsOf(data: Float32Array, count: number): Float32Array[] {
  const size = count > 0 ? Math.floor(data.length / count) : 0;
  return Array.from({ length: count }, (_, row) => data.slice(row * size, (row + 1) * size));
}

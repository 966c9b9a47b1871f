import { isSparse, type SparseVector, type Vector } from './point.ts';

/** How two dense vectors are compared. */
export type Distance = 'Cosine' | 'Dot' | 'Euclid' | 'Manhattan';

/** Similarity of two vectors: higher is nearer, whatever the distance. */
export function similarity(distance: Distance, a: Vector, b: Vector): number {
  if (isSparse(a)) return isSparse(b) ? sparseDot(a, b) : 0;
  if (isSparse(b)) return 0;
  if (a instanceof Float32Array && b instanceof Float32Array) return dense(distance, a, b);
  const rows = a instanceof Float32Array ? [a] : a;
  const others = b instanceof Float32Array ? [b] : b;
  let sum = 0;
  for (const row of rows) {
    let best = Number.NEGATIVE_INFINITY;
    for (const other of others) best = Math.max(best, dense(distance, row, other));
    sum += best;
  }
  return sum;
}

/** The score a client reads for a similarity: distances are positive again. */
export function scoreOf(distance: Distance, value: number): number {
  if (distance === 'Euclid') return Math.fround(Math.sqrt(Math.max(0, -value)));
  return Math.fround(distance === 'Manhattan' ? -value : value);
}

/** What is stored for a vector: cosine compares directions, so those are unit vectors. */
export function prepared(distance: Distance, vector: Vector): Vector {
  if (distance !== 'Cosine' || isSparse(vector)) return vector;
  return vector instanceof Float32Array ? unit(vector) : vector.map(unit);
}

function unit(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const component of vector) sum += component * component;
  const length = Math.sqrt(sum);
  // A vector that is already (nearly) a unit one, or zero, is left as it is.
  if (sum < 1e-12 || Math.abs(sum - 1) < 1e-6) return vector;
  return vector.map((component) => component / length);
}

function dense(distance: Distance, a: Float32Array, b: Float32Array): number {
  let sum = 0;
  const size = a.length;
  if (distance === 'Dot' || distance === 'Cosine') {
    for (let at = 0; at < size; at++) sum += (a[at] as number) * (b[at] as number);
    return sum;
  }
  for (let at = 0; at < size; at++) {
    const gap = (a[at] as number) - (b[at] as number);
    sum += distance === 'Euclid' ? gap * gap : Math.abs(gap);
  }
  return -sum;
}

function sparseDot(a: SparseVector, b: SparseVector): number {
  const weights = new Map<number, number>();
  a.indices.forEach((index, at) => {
    weights.set(index, a.values[at] ?? 0);
  });
  let sum = 0;
  b.indices.forEach((index, at) => {
    sum += (weights.get(index) ?? 0) * (b.values[at] ?? 0);
  });
  return sum;
}

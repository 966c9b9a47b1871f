import type { Collection } from './collection.ts';
import { parsePath, valuesAt } from './payload-path.ts';
import { isSparse } from './point.ts';

/** How many sparse vectors a collection holds: those count as indexed at once. */
export function indexedVectors({ points }: Collection): number {
  let count = 0;
  for (const { vectors } of points.values()) {
    for (const vector of vectors.values()) if (isSparse(vector)) count += 1;
  }
  return count;
}

/** How many points have a value of the index's type under a key. */
export function indexedPoints({ points, indexes }: Collection, key: string): number {
  const path = parsePath(key);
  const type = indexes.get(key)?.type;
  let count = 0;
  for (const { payload } of points.values()) {
    const values = valuesAt(payload, path).flat();
    if (values.some((value) => type === undefined || fits(type, value))) count += 1;
  }
  return count;
}

function fits(type: string, value: unknown): boolean {
  if (type === 'integer') return typeof value === 'bigint';
  if (type === 'float') return typeof value === 'number' || typeof value === 'bigint';
  if (type === 'bool') return typeof value === 'boolean';
  if (type === 'geo') return typeof value === 'object' && value !== null;
  return typeof value === 'string';
}

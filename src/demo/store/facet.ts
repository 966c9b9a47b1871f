import { Failure } from '../failure.ts';
import { type Collection, pointsInOrder } from './collection.ts';
import type { Condition } from './filter.ts';
import { parsePath, valuesAt } from './payload-path.ts';

/** A value of a payload key, and how many points have it. */
export interface FacetHit {
  readonly value: string | bigint | boolean;
  readonly count: number;
}

const countable: ReadonlySet<string | undefined> = new Set(['keyword', 'integer', 'bool', 'uuid']);

/** Counts the values of an indexed payload key, the most frequent first. */
export function facet(
  collection: Collection,
  key: string,
  filter: Condition | undefined,
  limit: number,
): FacetHit[] {
  if (!countable.has(collection.indexes.get(key)?.type)) throw noIndex(key);
  const path = parsePath(key);
  const counts = new Map<string | bigint | boolean, number>();
  for (const point of pointsInOrder(collection, filter)) {
    for (const value of new Set(valuesAt(point.payload, path).flat())) {
      if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') {
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
    }
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, limit);
}

function noIndex(key: string): Failure {
  const message = `No appropriate index for faceting: \`${key}\`. Please create one to facet on`;
  const page = 'https://qdrant.tech/documentation/concepts/indexing/#payload-index';
  const rest = `this field. Check ${page} to see which payload schemas support Match conditions`;
  return new Failure('wrongInput', `${message} ${rest}`);
}

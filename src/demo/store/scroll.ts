import { type Collection, pointsInOrder } from './collection.ts';
import type { Condition } from './filter.ts';
import { ordered } from './ordering.ts';
import { compareIds, type PointId } from './point.ts';
import type { Hit, OrderBy } from './query.ts';

/** Which page of a collection to show. */
export interface ScrollQuery {
  readonly offset: PointId | undefined;
  readonly limit: number;
  readonly filter: Condition | undefined;
  readonly orderBy: OrderBy | undefined;
}

/** A page of points, and the id that the next one begins with. */
export interface Page {
  readonly hits: readonly Hit[];
  readonly next: PointId | undefined;
}

/** Shows a page of a collection. */
export function scroll(collection: Collection, query: ScrollQuery): Page {
  const { offset, limit, filter, orderBy } = query;
  if (orderBy) {
    const hits = ordered(collection, pointsInOrder(collection, filter), orderBy);
    return { hits: hits.slice(0, limit), next: undefined };
  }
  const hits: Hit[] = [];
  for (const point of pointsInOrder(collection, filter)) {
    if (offset !== undefined && compareIds(point.id, offset) < 0) continue;
    if (hits.length === limit) return { hits, next: point.id };
    hits.push({ point, score: 1, scored: false });
  }
  return { hits, next: undefined };
}

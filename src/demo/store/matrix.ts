import { type Collection, distanceOf, pointsInOrder } from './collection.ts';
import { scoreOf, similarity } from './distance.ts';
import type { Condition } from './filter.ts';
import { compareIds, type Point, type PointId } from './point.ts';

/** What to compare with what. */
export interface MatrixQuery {
  readonly filter: Condition | undefined;
  readonly sample: number;
  readonly limit: number;
  readonly using: string;
}

/** Two points and how near they are. */
export interface Pair {
  readonly a: PointId;
  readonly b: PointId;
  readonly score: number;
}

/** The nearest neighbours of each of the first points, among those points. */
export function matrixPairs(collection: Collection, query: MatrixQuery): Pair[] {
  const distance = distanceOf(collection, query.using);
  const sample: Point[] = [];
  for (const point of pointsInOrder(collection, query.filter)) {
    if (sample.length === query.sample) break;
    if (point.vectors.has(query.using)) sample.push(point);
  }
  return sample.flatMap((a) => {
    const near = sample.filter((b) => b !== a).map((b) => ({ b, value: nearness(a, b) }));
    near.sort((x, y) => y.value - x.value || compareIds(x.b.id, y.b.id));
    return near
      .slice(0, query.limit)
      .map(({ b, value }) => ({ a: a.id, b: b.id, score: scoreOf(distance, value) }));
  });

  function nearness(a: Point, b: Point): number {
    const [left, right] = [a.vectors.get(query.using), b.vectors.get(query.using)];
    return left && right ? similarity(distance, left, right) : 0;
  }
}

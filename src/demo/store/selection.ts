import { Failure } from '../failure.ts';
import { type Collection, pointsInOrder } from './collection.ts';
import type { Condition } from './filter.ts';
import type { Point, PointId } from './point.ts';

/** Which points a change is for. */
export type Selection = { readonly ids: readonly PointId[] } | { readonly filter: Condition };

/** The selected points that exist. */
export function selected(collection: Collection, selection: Selection): Point[] {
  if ('filter' in selection) return [...pointsInOrder(collection, selection.filter)];
  return selection.ids.flatMap((id) => collection.points.get(id) ?? []);
}

/** The selected points, all of which have to exist. */
export function selectedAll(collection: Collection, selection: Selection): Point[] {
  if ('ids' in selection) for (const id of selection.ids) pointNamed(collection, id);
  return selected(collection, selection);
}

/** The point of an id, or the refusal of one that does not exist. */
export function pointNamed(collection: Collection, id: PointId): Point {
  const point = collection.points.get(id);
  if (!point) throw new Failure('notFound', `No point with id ${id} found`);
  return point;
}

import type { Collection } from './collection.ts';
import { parsePath, valuesAt } from './payload-path.ts';
import type { Point } from './point.ts';
import type { Hit, Query, Shown } from './query.ts';
import { search } from './search.ts';
import { collectionReferred, type Session } from './storage.ts';

/** A query whose answer is grouped by the value of a payload key. */
export interface GroupQuery {
  readonly query: Query;
  readonly groupBy: string;
  readonly groupSize: number;
  readonly limit: number;
  /** Another collection, in which the group's id names a point to show with it. */
  readonly lookup: { readonly collection: string; readonly shown: Shown } | undefined;
}

/** A group: what its points have in common, and the best of them. */
export interface Group {
  readonly id: string | bigint;
  readonly hits: Hit[];
  readonly lookup: Point | undefined;
}

/** Answers a query in groups, the one with the best point first. */
export function searchGroups(
  session: Session,
  collection: Collection,
  { query, groupBy, groupSize, limit, lookup }: GroupQuery,
): Group[] {
  const other = lookup && collectionReferred(session, lookup.collection);
  const all = search(session, collection, { ...query, limit: Number.MAX_SAFE_INTEGER, offset: 0 });
  const path = parsePath(groupBy);
  const groups = new Map<string | bigint, Hit[]>();
  for (const hit of all) {
    for (const value of valuesAt(hit.point.payload, path).flat()) {
      if (typeof value !== 'string' && typeof value !== 'bigint') continue;
      const hits = groups.get(value) ?? [];
      if (hits.length < groupSize && !hits.includes(hit)) groups.set(value, [...hits, hit]);
    }
  }
  return [...groups].slice(0, limit).map(([id, hits]) => ({ id, hits, lookup: found(other, id) }));
}

function found(other: Collection | undefined, id: string | bigint): Point | undefined {
  const point = typeof id === 'bigint' && id <= Number.MAX_SAFE_INTEGER ? Number(id) : id;
  return other?.points.get(point);
}

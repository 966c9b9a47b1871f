import type { Extent } from '../catalog/operation.ts';

/** What both of two extents let an answer carry; null: everything. */
export function bothExtents(one: Extent | null, other: Extent | null): Extent | null {
  if (!one || !other) return one ?? other;
  return {
    results: least(one.results, other.results),
    offset: least(one.offset, other.offset),
    vectors: one.vectors ?? other.vectors,
    payload: common(one.payload, other.payload),
    ...(one.exceed && other.exceed ? { exceed: one.exceed } : {}),
  };
}

function least(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

/** A field within one that the other lists is in both. */
function common(one: Extent['payload'], other: Extent['payload']): Extent['payload'] {
  if (one === null || other === null) return one ?? other;
  const within = (field: string, fields: readonly string[]) =>
    fields.some(
      (each) => field === each || field.startsWith(`${each}.`) || field.startsWith(`${each}[`),
    );
  const kept = [
    ...one.filter((field) => within(field, other)),
    ...other.filter((field) => within(field, one)),
  ];
  return [...new Set(kept)];
}

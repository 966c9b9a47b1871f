import type { Extent, LoweredPart } from '../operation.ts';
import type { Asked, Selection } from './confine.ts';

/** What is written into one search so that it asks for less; what is left out stays as it is. */
export interface Lowered {
  readonly limit?: number;
  readonly groupSize?: number;
  readonly own: LoweredSelection;
  readonly lookup: LoweredSelection;
}

/** What is written about that which comes with each point. */
export interface LoweredSelection {
  /** Empty: none. */
  readonly payload?: readonly string[];
  readonly vectors?: false;
}

/**
 * Lowers searches to an extent, as far as their answers stay a part of what was asked for: fewer
 * points, no vectors, less payload. Null where nothing is to be lowered. The searches of a batch
 * share its results evenly.
 */
export function lowered(asked: readonly Asked[], extent: Extent): readonly Lowered[] | null {
  const results = asked.reduce((sum, one) => sum + one.results, 0);
  const over = extent.results !== null && results > extent.results;
  const share = over ? Math.floor((extent.results ?? 0) / asked.length) : null;
  const changes = asked.map((one) => ({
    ...limitWithin(one, share),
    own: selectionWithin(one.own, extent),
    lookup: one.lookup ? selectionWithin(one.lookup, extent) : {},
  }));
  const changed = changes.some(({ own, lookup, ...limits }) =>
    [own, lookup, limits].some((part) => Object.keys(part).length > 0),
  );
  return changed ? changes : null;
}

/** What changes lower, each once: in the order of `results`, `vectors`, `payload`. */
export function partsOf(changes: readonly Lowered[]): readonly LoweredPart[] {
  const selections = changes.flatMap(({ own, lookup }) => [own, lookup]);
  const parts: readonly [LoweredPart, boolean][] = [
    ['results', changes.some(({ limit, groupSize }) => (limit ?? groupSize) !== undefined)],
    ['vectors', selections.some(({ vectors }) => vectors === false)],
    ['payload', selections.some(({ payload }) => payload !== undefined)],
  ];
  return parts.flatMap(([part, is]) => (is ? part : []));
}

function limitWithin({ limit, results }: Asked, share: number | null) {
  if (!limit || share === null || share < 1 + limit.lookedUp || results <= share) return {};
  const groupSize = Math.min(limit.groupSize, share - limit.lookedUp);
  const most = Math.min(limit.most, Math.floor(share / (groupSize + limit.lookedUp)));
  return {
    ...(most < limit.most ? { limit: most } : {}),
    ...(groupSize < limit.groupSize ? { groupSize } : {}),
  };
}

function selectionWithin({ payload, vectors }: Selection, extent: Extent): LoweredSelection {
  const bare = extent.vectors === 'deny' && vectors ? ({ vectors: false } as const) : {};
  const { payload: allowed } = extent;
  if (allowed === null || payload === 'rest') return bare;
  if (payload === 'all') return { ...bare, payload: allowed };
  const kept = payload.filter((path) => allowed.some((field) => isWithin(path, field)));
  if (kept.length === payload.length) return bare;
  const inner = allowed.filter((field) => payload.some((path) => isWithin(field, path)));
  return { ...bare, payload: [...new Set([...kept, ...inner])] };
}

/** Whether a path of the payload is a field or within it: `a.b` and `a[]` are within `a`. */
export function isWithin(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`);
}

import type { PointId } from './point.ts';
import type { Hit } from './query.ts';

/** Merges ranked lists by the places that points have in them. */
export function reciprocalRanks(
  lists: readonly (readonly Hit[])[],
  k: number,
  weights: readonly number[],
): Hit[] {
  return merged(lists, (_, list) => {
    const weight = weights[list] ?? 1;
    return (_hit, place) => 1 / (place / weight + k);
  });
}

/** Merges ranked lists by scores that are scaled to three standard deviations. */
export function scaledScores(lists: readonly (readonly Hit[])[]): Hit[] {
  return merged(lists, (hits) => {
    const mean = hits.reduce((sum, { score }) => sum + score, 0) / hits.length;
    const spread = hits.reduce((sum, { score }) => sum + (score - mean) ** 2, 0);
    const deviation = Math.sqrt(spread / Math.max(1, hits.length - 1));
    if (deviation === 0) return () => 0.5;
    return ({ score }) => (score - (mean - 3 * deviation)) / (6 * deviation);
  });
}

function merged(
  lists: readonly (readonly Hit[])[],
  scorer: (hits: readonly Hit[], list: number) => (hit: Hit, place: number) => number,
): Hit[] {
  const sums = new Map<PointId, Hit>();
  lists.forEach((hits, list) => {
    const score = scorer(hits, list);
    hits.forEach((hit, place) => {
      const before = sums.get(hit.point.id)?.score ?? 0;
      sums.set(hit.point.id, { ...hit, scored: true, score: before + score(hit, place) });
    });
  });
  return [...sums.values()];
}

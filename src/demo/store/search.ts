import { Failure } from '../failure.ts';
import { type Collection, distanceOf, pointsInOrder } from './collection.ts';
import { type Distance, scoreOf } from './distance.ts';
import { exampleReader, exampleSource, excludedIds } from './examples.ts';
import { reciprocalRanks, scaledScores } from './fusion.ts';
import { ordered } from './ordering.ts';
import { compareIds, type Point } from './point.ts';
import type { Hit, Query, Ranking } from './query.ts';
import { scorerOf } from './scoring.ts';
import type { Session } from './storage.ts';

/** Answers a query: the best points first. */
export function search(session: Session, collection: Collection, query: Query): Hit[] {
  // Every collection that a query names is found before any part of it runs.
  const source = exampleSource(session, collection, query);
  const lists = query.prefetch.map((inner) => search(session, collection, inner));
  if (lists.length > 0 && !query.ranking) {
    const message = "A query is needed to merge the prefetches. Can't have prefetches without";
    throw new Failure('wrongInput', `${message} defining a query.`);
  }
  const hits = ranked(collection, source, query, lists);
  return hits.slice(query.offset, query.offset + query.limit);
}

function ranked(
  collection: Collection,
  source: Collection,
  query: Query,
  lists: readonly (readonly Hit[])[],
): Hit[] {
  const { ranking } = query;
  if (ranking?.kind === 'not built') throw new Failure('notBuilt', `${ranking.name} queries`);
  if (ranking?.kind === 'rrf' || ranking?.kind === 'dbsf') return fused(ranking, lists, query);
  const points = candidates(collection, query, lists);
  if (ranking?.kind === 'order_by') return ordered(collection, points, ranking.order);
  if (ranking === undefined || ranking.kind === 'sample') {
    const hits = [...points].map((point): Hit => ({ point, score: 1, scored: false }));
    return ranking ? shuffled(hits) : hits;
  }
  return compared(collection, source, query, ranking, points);
}

function compared(
  collection: Collection,
  source: Collection,
  query: Query,
  ranking: Extract<Ranking, { readonly kind: 'nearest' | 'recommend' | 'discover' }>,
  points: Iterable<Point>,
): Hit[] {
  const distance = distanceOf(collection, query.using);
  const vectorOf = exampleReader(collection, source, query);
  const { score, similar } = scorerOf(ranking, distance, vectorOf);
  const excluded = excludedIds(query, source, collection);
  const sparse = collection.config.sparse.has(query.using);
  const hits: { point: Point; value: number }[] = [];
  for (const point of points) {
    const vector = point.vectors.get(query.using);
    if (!vector || excluded.has(point.id)) continue;
    const value = score(vector);
    // A sparse vector that shares no index with the query is not a match at all.
    if (!(sparse && value === 0)) hits.push({ point, value });
  }
  hits.sort((a, b) => b.value - a.value || compareIds(a.point.id, b.point.id));
  const shown = hits.map(({ point, value }): Hit => {
    return { point, score: similar ? scoreOf(distance, value) : Math.fround(value), scored: true };
  });
  return shown.filter(({ score }) => passes(score, query.scoreThreshold, similar, distance));
}

function passes(
  score: number,
  threshold: number | undefined,
  similar: boolean,
  distance: Distance,
): boolean {
  if (threshold === undefined) return true;
  const smaller = similar && (distance === 'Euclid' || distance === 'Manhattan');
  return smaller ? score <= threshold : score >= threshold;
}

function candidates(
  collection: Collection,
  { filter }: Query,
  lists: readonly (readonly Hit[])[],
): Iterable<Point> {
  if (lists.length === 0) return pointsInOrder(collection, filter);
  const points = new Set(lists.flat().map(({ point }) => point));
  return [...points].filter((point) => filter === undefined || filter(point));
}

function fused(
  ranking: Extract<Ranking, { readonly kind: 'rrf' | 'dbsf' }>,
  lists: readonly (readonly Hit[])[],
  { filter, scoreThreshold }: Query,
): Hit[] {
  const hits =
    ranking.kind === 'rrf'
      ? reciprocalRanks(lists, ranking.k, ranking.weights)
      : scaledScores(lists);
  return hits
    .filter(({ point, score }) => filter?.(point) !== false && !(score < (scoreThreshold ?? score)))
    .sort((a, b) => b.score - a.score || compareIds(a.point.id, b.point.id));
}

function shuffled(hits: Hit[]): Hit[] {
  for (let at = hits.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    [hits[at], hits[other]] = [hits[other] as Hit, hits[at] as Hit];
  }
  return hits;
}

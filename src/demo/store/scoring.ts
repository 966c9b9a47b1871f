import { Failure } from '../failure.ts';
import { type Distance, prepared, similarity } from './distance.ts';
import { isSparse, type Vector } from './point.ts';
import type { Example, Ranking } from './query.ts';

/** Scores a vector: the higher, the better. */
export type Scorer = (vector: Vector) => number;

type ByVector = Extract<Ranking, { readonly kind: 'nearest' | 'recommend' | 'discover' }>;

/** The scorer of a ranking that compares vectors, and whether its scores are similarities. */
export function scorerOf(
  ranking: ByVector,
  distance: Distance,
  vectorOf: (example: Example) => Vector,
): { readonly score: Scorer; readonly similar: boolean } {
  const near =
    (example: Vector): Scorer =>
    (vector) =>
      similarity(distance, example, vector);
  if (ranking.kind === 'nearest') return { score: near(vectorOf(ranking.example)), similar: true };
  if (ranking.kind === 'discover') {
    const target = ranking.target && near(vectorOf(ranking.target));
    if (target && ranking.context.length === 0) return { score: target, similar: true };
    const pairs = ranking.context.map(
      ({ positive, negative }) => [near(vectorOf(positive)), near(vectorOf(negative))] as const,
    );
    return { score: target ? discovering(target, pairs) : inContext(pairs), similar: false };
  }
  const positive = ranking.positive.map(vectorOf);
  const negative = ranking.negative.map(vectorOf);
  if (ranking.strategy === 'average_vector') {
    return { score: near(prepared(distance, averaged(positive, negative))), similar: true };
  }
  const scorers = [positive.map(near), negative.map(near)] as const;
  const score = ranking.strategy === 'best_score' ? best(...scorers) : summed(...scorers);
  return { score, similar: false };
}

type Pairs = readonly (readonly [Scorer, Scorer])[];

function discovering(target: Scorer, pairs: Pairs): Scorer {
  return (vector) => {
    let rank = 0;
    for (const [positive, negative] of pairs)
      rank += Math.sign(positive(vector) - negative(vector));
    return rank + scaled(target(vector));
  };
}

function inContext(pairs: Pairs): Scorer {
  return (vector) =>
    pairs.reduce((sum, [near, far]) => sum + Math.min(near(vector) - far(vector), 0), 0);
}

function best(positive: readonly Scorer[], negative: readonly Scorer[]): Scorer {
  return (vector) => {
    const for_ = Math.max(Number.NEGATIVE_INFINITY, ...positive.map((score) => score(vector)));
    const against = Math.max(Number.NEGATIVE_INFINITY, ...negative.map((score) => score(vector)));
    return for_ > against ? scaled(for_) : -scaled(against);
  };
}

function summed(positive: readonly Scorer[], negative: readonly Scorer[]): Scorer {
  return (vector) =>
    positive.reduce((sum, score) => sum + score(vector), 0) -
    negative.reduce((sum, score) => sum + score(vector), 0);
}

function scaled(score: number): number {
  return 0.5 * (score / (1 + Math.abs(score)) + 1);
}

function averaged(positive: readonly Vector[], negative: readonly Vector[]): Vector {
  const wanted = meanOf(positive);
  if (!wanted) {
    const message = 'At least one positive vector ID required with this strategy';
    throw new Failure('wrongInput', message);
  }
  const unwanted = meanOf(negative);
  if (!unwanted) return wanted;
  return wanted.map((component, at) => 2 * component - (unwanted[at] ?? 0));
}

function meanOf(vectors: readonly Vector[]): Float32Array | undefined {
  const rows = vectors.map((vector) => {
    if (vector instanceof Float32Array) return vector;
    const form = isSparse(vector) ? 'sparse' : 'multi';
    throw new Failure('notBuilt', `average of ${form} vectors`);
  });
  return rows[0]?.map((_, at) => rows.reduce((sum, row) => sum + (row[at] ?? 0), 0) / rows.length);
}

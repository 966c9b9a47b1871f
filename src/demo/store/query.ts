import type { Condition } from './filter.ts';
import type { Point, PointId, Vector } from './point.ts';
import type { PayloadSelector, VectorSelector } from './projection.ts';

/** A vector given, or that of a point. */
export type Example = { readonly id: PointId } | { readonly vector: Vector };

/** A pair of examples: nearer to the first than to the second. */
export interface ExamplePair {
  readonly positive: Example;
  readonly negative: Example;
}

/** How recommended points are scored. */
export type RecommendStrategy = 'average_vector' | 'best_score' | 'sum_scores';

/** Order by the value of a payload key. */
export interface OrderBy {
  readonly key: string;
  readonly descending: boolean;
  readonly startFrom: number | undefined;
}

/** What to rank points by. */
export type Ranking =
  | { readonly kind: 'nearest'; readonly example: Example }
  | {
      readonly kind: 'recommend';
      readonly positive: readonly Example[];
      readonly negative: readonly Example[];
      readonly strategy: RecommendStrategy;
    }
  | {
      readonly kind: 'discover';
      readonly target: Example | undefined;
      readonly context: readonly ExamplePair[];
    }
  | { readonly kind: 'order_by'; readonly order: OrderBy }
  | { readonly kind: 'rrf'; readonly k: number; readonly weights: readonly number[] }
  | { readonly kind: 'dbsf' }
  | { readonly kind: 'sample' }
  | { readonly kind: 'not built'; readonly name: string; readonly examples: readonly Example[] };

/** Where the examples of a query are looked up, if not in the collection itself. */
export interface LookupFrom {
  readonly collection: string;
  readonly vector: string | undefined;
}

/** A query, or one of those that fetch candidates for another. */
export interface Query {
  readonly prefetch: readonly Query[];
  readonly ranking: Ranking | undefined;
  readonly using: string;
  readonly filter: Condition | undefined;
  readonly scoreThreshold: number | undefined;
  readonly limit: number;
  readonly offset: number;
  readonly lookupFrom: LookupFrom | undefined;
}

/** What an answer shows of each point. */
export interface Shown {
  readonly payload: PayloadSelector;
  readonly vectors: VectorSelector;
}

/** A point and its place in an answer. */
export interface Hit {
  readonly point: Point;
  readonly score: number;
  /** Whether the score came from comparing vectors: only then is the version told. */
  readonly scored: boolean;
  readonly orderValue?: bigint | number;
}

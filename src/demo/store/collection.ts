import { Failure } from '../failure.ts';
import type { Distance } from './distance.ts';
import type { Condition } from './filter.ts';
import { compareIds, type Payload, type Point, type PointId } from './point.ts';
import type { Snapshot } from './snapshot.ts';

/** A configuration section, as it was given and as it is shown. */
export type Section = Payload;

/** One dense vector of a collection; `more` holds what the demo stores and ignores. */
export interface DenseConfig {
  readonly size: number;
  readonly distance: Distance;
  readonly more: Section;
}

/** What a collection was created with. */
export interface CollectionConfig {
  /** Whether there is one dense vector, without a name. */
  readonly single: boolean;
  dense: ReadonlyMap<string, DenseConfig>;
  sparse: ReadonlyMap<string, Section>;
  /** Sections such as `hnsw_config`, and parameters such as `shard_number`. */
  sections: Section;
}

/** A payload index: `params` as given, where more than a type was given. */
export interface FieldIndex {
  readonly type: string;
  readonly params: Section | undefined;
}

/** A collection of points. */
export interface Collection {
  readonly name: string;
  readonly config: CollectionConfig;
  readonly points: Map<PointId, Point>;
  readonly indexes: Map<string, FieldIndex>;
  readonly snapshots: Map<string, Snapshot>;
  /** Ids in order; undefined after a change, until it is needed again. */
  order: PointId[] | undefined;
  operations: number;
}

/** An empty collection. */
export function newCollection(name: string, config: CollectionConfig): Collection {
  return {
    name,
    config,
    points: new Map(),
    indexes: new Map(),
    snapshots: new Map(),
    order: [],
    operations: 0,
  };
}

/** The points that a condition holds of, in the order of their ids. */
export function* pointsInOrder(
  collection: Collection,
  filter: Condition | undefined,
): Generator<Point> {
  collection.order ??= [...collection.points.keys()].sort(compareIds);
  for (const id of collection.order) {
    const point = collection.points.get(id);
    if (point && (filter === undefined || filter(point))) yield point;
  }
}

/** The distance of a vector name, or the refusal of a name that is not configured. */
export function distanceOf({ config }: Collection, name: string): Distance {
  const dense = config.dense.get(name);
  if (dense) return dense.distance;
  if (config.sparse.has(name)) return 'Dot';
  throw new Failure('wrongInput', `Not existing vector name error: ${name}`);
}

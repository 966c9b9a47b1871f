import { Failure } from '../failure.ts';
import type { DenseConfig, Section } from '../store/collection.ts';
import type { GivenConfig } from '../store/collection-config.ts';
import type { NewVector } from '../store/collections.ts';
import type { PayloadValue } from '../store/point.ts';
import { distances } from './distance-numbers.ts';
import { get, type Message, maybe } from './message.ts';
import { payloadOf } from './read-values.ts';
import { sectionOf } from './section.ts';

/** Reads what a collection is to be. */
export function givenConfigOf(message: Message): GivenConfig {
  const vectors = maybe.child(message, 'vectors_config') ?? {};
  const single = maybe.child(vectors, 'params');
  const named = get.map(maybe.child(vectors, 'params_map') ?? {}, 'map');
  const sparse = get.map(maybe.child(message, 'sparse_vectors_config') ?? {}, 'map');
  return {
    vectors: single ? denseOf(single) : mappedValues(named, denseOf),
    sparse: mappedValues(sparse, (params) => sectionOf('SparseVectorParams', params)),
    sections: new Map([...sectionsOf(message), ['params', paramsOf(message)] as const]),
  };
}

/** Reads what is to change about a collection. */
export function changedSectionsOf(message: Message): Section {
  const params = maybe.child(message, 'params');
  if (!params) return new Map(sectionsOf(message));
  const changed = sectionOf('CollectionParamsDiff', params);
  return new Map([...sectionsOf(message), ['params', changed] as const]);
}

/** Reads what the vectors of a new name are. */
export function newVectorOf(message: Message): NewVector {
  const dense = maybe.child(message, 'dense_config');
  if (dense) return { dense: denseOf(dense) };
  const sparse = maybe.child(message, 'sparse_config');
  if (sparse) return { sparse: sectionOf('SparseVectorCreationConfig', sparse) };
  throw new Failure('malformed', 'vector_config is required');
}

function denseOf(message: Message): DenseConfig {
  const distance = distances[get.number(message, 'distance')];
  if (!distance) throw new Failure('malformed', 'Unknown distance');
  const { size: _, ...rest } = message;
  return { size: get.number(message, 'size'), distance, more: sectionOf('VectorParams', rest) };
}

function sectionsOf(message: Message): [string, PayloadValue][] {
  const found: [string, PayloadValue][] = [];
  for (const [name, [from, type]] of Object.entries(sectionTypes)) {
    const given = maybe.child(message, from);
    if (given) found.push([name, sectionOf(type, given)]);
  }
  const metadata = get.map(message, 'metadata');
  if (metadata.size > 0) found.push(['metadata', payloadOf(metadata)]);
  return found;
}

const sectionTypes = {
  hnsw_config: ['hnsw_config', 'HnswConfigDiff'],
  optimizer_config: ['optimizers_config', 'OptimizersConfigDiff'],
  wal_config: ['wal_config', 'WalConfigDiff'],
  quantization_config: ['quantization_config', 'QuantizationConfig'],
  strict_mode_config: ['strict_mode_config', 'StrictModeConfig'],
} as const;

function paramsOf(message: Message): Section {
  const { shard_number, replication_factor, write_consistency_factor, on_disk_payload } = message;
  return sectionOf('CollectionParams', {
    shard_number,
    replication_factor,
    write_consistency_factor,
    on_disk_payload,
  });
}

function mappedValues<T, U>(map: ReadonlyMap<string, T>, make: (value: T) => U): Map<string, U> {
  return new Map([...map].map(([key, value]) => [key, make(value)]));
}

import type { CollectionConfig, DenseConfig, Section } from './collection.ts';
import { isPayload, type PayloadValue } from './point.ts';

/** A configuration as a client gives it: whatever is left out has a default. */
export interface GivenConfig {
  /** A single unnamed vector, or several by name. */
  readonly vectors: DenseConfig | ReadonlyMap<string, DenseConfig>;
  readonly sparse: ReadonlyMap<string, Section>;
  readonly sections: Section;
}

/** The sections of every collection that was given no others. */
const defaults: Section = new Map<string, PayloadValue>([
  [
    'params',
    new Map<string, PayloadValue>([
      ['shard_number', 1n],
      ['replication_factor', 1n],
      ['write_consistency_factor', 1n],
      ['on_disk_payload', true],
    ]),
  ],
  [
    'hnsw_config',
    new Map<string, PayloadValue>([
      ['m', 16n],
      ['ef_construct', 100n],
      ['full_scan_threshold', 10_000n],
      ['max_indexing_threads', 0n],
      ['on_disk', false],
    ]),
  ],
  [
    'optimizer_config',
    new Map<string, PayloadValue>([
      ['deleted_threshold', 0.2],
      ['vacuum_min_vector_number', 1000n],
      ['default_segment_number', 0n],
      ['max_segment_size', null],
      ['memmap_threshold', null],
      ['indexing_threshold', 10_000n],
      ['flush_interval_sec', 5n],
      ['max_optimization_threads', null],
      ['prevent_unoptimized', null],
    ]),
  ],
  [
    'wal_config',
    new Map<string, PayloadValue>([
      ['wal_capacity_mb', 32n],
      ['wal_segments_ahead', 0n],
      ['wal_retain_closed', 1n],
    ]),
  ],
  ['quantization_config', null],
]);

/** The configuration of a new collection. */
export function configOf({ vectors, sparse, sections }: GivenConfig): CollectionConfig {
  const single = !(vectors instanceof Map);
  const dense = vectors instanceof Map ? vectors : new Map([['', vectors as DenseConfig]]);
  return { single, dense, sparse, sections: mergedSections(defaults, sections) };
}

/** Sections with the changes that others make to them; null changes nothing. */
export function mergedSections(old: Section, changes: Section): Section {
  const merged = new Map(old);
  for (const [name, value] of changes) {
    if (value === null) continue;
    const before = old.get(name);
    merged.set(name, isPayload(before) && isPayload(value) ? mergedSections(before, value) : value);
  }
  return merged;
}

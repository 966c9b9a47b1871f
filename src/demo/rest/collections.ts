import { firstOf, mapped } from '../json/alternatives.ts';
import { dictionary, type Read, scalars } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import type { Section } from '../store/collection.ts';
import type { GivenConfig } from '../store/collection-config.ts';
import { dense, sectionOf } from './dense.ts';
import { payload } from './values.ts';
import { word } from './word.ts';

const vectorsConfig = firstOf<GivenConfig['vectors']>(
  'data did not match any variant of untagged enum VectorsConfig',
  dense,
  dictionary(dense),
);

const sectionFields = {
  hnsw_config: field.optional(payload),
  optimizers_config: field.optional(payload, 'optimizer_config'),
  quantization_config: field.spare(payload, 'quantization'),
  strict_mode_config: field.optional(payload),
  metadata: field.spare(payload),
};

const integer: Read<bigint> = mapped(scalars.size, BigInt);

/** Reads what a collection is to be. */
export const createRequest: Read<GivenConfig> = mapped(
  struct('CreateCollection', {
    vectors: field.defaulted(vectorsConfig, new Map()),
    shard_number: field.spare(integer),
    sharding_method: field.spare(word('auto', 'custom')),
    replication_factor: field.spare(integer),
    write_consistency_factor: field.spare(integer),
    on_disk_payload: field.spare(scalars.boolean),
    wal_config: field.optional(payload),
    sparse_vectors: field.optional(dictionary(payload)),
    uuid: field.spare(scalars.ignored),
    ...sectionFields,
  }),
  ({ vectors, sparse_vectors, wal_config, uuid: _, ...read }) => {
    const { shard_number, sharding_method, replication_factor, write_consistency_factor } = read;
    const params = sectionOf({
      shard_number,
      sharding_method,
      replication_factor,
      write_consistency_factor,
      on_disk_payload: read.on_disk_payload,
    });
    const sections = sectionOf({ params, wal_config, ...sectionsOf(read) });
    return { vectors, sparse: sparse_vectors ?? new Map(), sections };
  },
);

/** Reads what is to change about a collection. */
export const updateRequest: Read<Section> = mapped(
  struct('UpdateCollection', {
    vectors: field.optional(scalars.ignored),
    params: field.optional(payload),
    sparse_vectors: field.optional(scalars.ignored),
    ...sectionFields,
  }),
  ({ params, ...read }) => sectionOf({ params, ...sectionsOf(read) }),
);

function sectionsOf(
  read: {
    readonly [K in keyof typeof sectionFields]: Section | undefined;
  },
): Record<string, Section | undefined> {
  return {
    hnsw_config: read.hnsw_config,
    optimizer_config: read.optimizers_config,
    quantization_config: read.quantization_config,
    strict_mode_config: read.strict_mode_config,
    metadata: read.metadata,
  };
}

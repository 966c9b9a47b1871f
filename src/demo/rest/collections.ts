import { Malformed } from '../json/malformed.ts';
import { dictionary, firstOf, mapped, type Read, scalars } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import type { DenseConfig, FieldIndex, Section } from '../store/collection.ts';
import type { GivenConfig } from '../store/collection-config.ts';
import type { NewVector } from '../store/collections.ts';
import type { PayloadValue } from '../store/point.ts';
import { word } from './ranking.ts';
import { payload } from './values.ts';

const anything: Read<unknown> = () => true;

const size: Read<number> = (node, mode) => {
  const value = scalars.size(node, mode);
  if (value === 0) throw new Malformed('invalid value: integer `0`, expected a nonzero u64');
  return value;
};

const denseShape = {
  size: field.required(size),
  distance: field.required(word('Cosine', 'Euclid', 'Dot', 'Manhattan')),
};

const more = {
  hnsw_config: field.spare(payload),
  quantization_config: field.spare(payload, 'quantization'),
  on_disk: field.spare(scalars.boolean),
  datatype: field.spare(scalars.string),
  multivector_config: field.spare(payload),
};

function denseOf({ size, distance, ...rest }: DenseFields): DenseConfig {
  return { size, distance, more: sectionOf(rest) };
}

type DenseFields = Pick<DenseConfig, 'size' | 'distance'> &
  Record<string, PayloadValue | undefined>;

const dense: Read<DenseConfig> = mapped(
  struct('VectorParams', { ...denseShape, ...more }),
  (read) => denseOf(read as unknown as DenseFields),
);

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
    uuid: field.spare(anything),
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
    vectors: field.optional(anything),
    params: field.optional(payload),
    sparse_vectors: field.optional(anything),
    ...sectionFields,
  }),
  ({ params, ...read }) => sectionOf({ params, ...sectionsOf(read) }),
);

/** Reads which payload index to make. */
export const indexRequest: Read<{ readonly key: string; readonly index: FieldIndex }> = mapped(
  struct('CreateFieldIndex', {
    field_name: field.required(scalars.string),
    field_schema: field.optional(
      firstOf<FieldIndex>(
        'data did not match any variant of untagged enum PayloadFieldSchema',
        mapped(scalars.string, (type) => ({ type, params: undefined })),
        mapped(payload, (params) => ({ type: String(params.get('type')), params })),
      ),
      'field_type',
    ),
  }),
  ({ field_name, field_schema }) => ({
    key: field_name,
    index: field_schema ?? { type: 'keyword', params: undefined },
  }),
);

/** Reads what vectors a new name is for. */
export const vectorNameRequest: Read<NewVector> = firstOf<NewVector>(
  'data did not match any variant of untagged enum VectorNameConfig',
  struct('DenseVectorNameConfig', { dense: field.required(dense) }),
  struct('SparseVectorNameConfig', { sparse: field.required(payload) }),
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

function sectionOf(fields: Record<string, PayloadValue | undefined>): Section {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return new Map(given as [string, PayloadValue][]);
}

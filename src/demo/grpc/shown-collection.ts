import type { Collection, DenseConfig, Section } from '../store/collection.ts';
import { isPayload } from '../store/point.ts';
import type { Snapshot } from '../store/snapshot.ts';
import { indexedPoints, indexedVectors } from '../store/statistics.ts';
import { distances } from './distance-numbers.ts';
import type { Message } from './message.ts';
import { messageOf } from './section.ts';

/** A snapshot. */
export function snapshotShown({ name, createdAt, size, checksum }: Snapshot): Message {
  const creation_time = { seconds: Math.floor(Date.parse(`${createdAt}Z`) / 1000), nanos: 0 };
  return { name, creation_time, size, checksum };
}

/** What is told about a collection. */
export function collectionInfo(collection: Collection): Message {
  const { config, points, indexes } = collection;
  const section = (name: string): Section => {
    const found = config.sections.get(name);
    return isPayload(found) ? found : new Map();
  };
  const schema = [...indexes].map(([key, { type }]) => {
    const data_type = payloadTypes.indexOf(type) + 1;
    return [key, { data_type, points: indexedPoints(collection, key) }] as const;
  });
  return {
    status: 1,
    optimizer_status: { ok: true },
    segments_count: 2,
    config: {
      params: {
        ...messageOf('CollectionParams', section('params')),
        vectors_config: vectorsConfig(collection),
        sparse_vectors_config: config.sparse.size > 0 ? sparseConfig(collection) : undefined,
      },
      hnsw_config: messageOf('HnswConfigDiff', section('hnsw_config')),
      optimizer_config: optimizerConfig(section('optimizer_config')),
      wal_config: messageOf('WalConfigDiff', section('wal_config')),
    },
    payload_schema: new Map(schema),
    points_count: points.size,
    indexed_vectors_count: indexedVectors(collection),
    update_queue: { length: 0 },
  };
}

const payloadTypes = ['keyword', 'integer', 'float', 'geo', 'text', 'bool', 'datetime', 'uuid'];

function optimizerConfig(section: Section): Message {
  const threads = section.get('max_optimization_threads');
  const max_optimization_threads =
    typeof threads === 'bigint' ? { value: threads } : { setting: 0 };
  return { ...messageOf('OptimizersConfigDiff', section), max_optimization_threads };
}

function vectorsConfig({ config: { single, dense } }: Collection): Message {
  const shown = new Map([...dense].map(([name, params]) => [name, denseShown(params)] as const));
  return single ? { params: shown.get('') } : { params_map: { map: shown } };
}

function denseShown({ size, distance, more }: DenseConfig): Message {
  return { ...messageOf('VectorParams', more), size, distance: distances.indexOf(distance) };
}

function sparseConfig({ config: { sparse } }: Collection): Message {
  const shown = [...sparse].map(([name, params]) => {
    return [name, messageOf('SparseVectorParams', params)] as const;
  });
  return { map: new Map(shown) };
}

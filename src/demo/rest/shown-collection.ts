import type { Json } from '../json/write.ts';
import type { Collection, DenseConfig } from '../store/collection.ts';
import { indexedPoints, indexedVectors } from '../store/statistics.ts';

/** What is told about a collection. */
export function collectionInfo(collection: Collection): Json {
  const { config, points } = collection;
  const { params, ...sections } = Object.fromEntries(config.sections);
  return {
    status: 'green',
    optimizer_status: 'ok',
    indexed_vectors_count: indexedVectors(collection),
    points_count: points.size,
    segments_count: 2,
    config: {
      params: {
        vectors: vectorsConfig(collection),
        ...(params instanceof Map ? Object.fromEntries(params) : {}),
        sparse_vectors: config.sparse.size > 0 ? Object.fromEntries(config.sparse) : undefined,
      },
      ...sections,
    },
    payload_schema: payloadSchema(collection),
    update_queue: { length: 0 },
  };
}

function vectorsConfig({ config: { single, dense } }: Collection): Json {
  const shown = (params: DenseConfig) => {
    return { size: params.size, distance: params.distance, ...Object.fromEntries(params.more) };
  };
  const all = Object.fromEntries([...dense].map(([name, params]) => [name, shown(params)]));
  return single ? all[''] : all;
}

const indexDefaults: Readonly<Record<string, Readonly<Record<string, null>>>> = {
  integer: { lookup: null, range: null, is_principal: null },
};

function payloadSchema(collection: Collection): Json {
  const shown = [...collection.indexes].map(([key, { type, params }]) => {
    const given = params && { ...indexDefaults[type], ...Object.fromEntries(params) };
    return [key, { data_type: type, params: given, points: indexedPoints(collection, key) }];
  });
  return Object.fromEntries(shown);
}

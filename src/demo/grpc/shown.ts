import type { Collection, DenseConfig, Section } from '../store/collection.ts';
import type { Group } from '../store/groups.ts';
import {
  isPayload,
  isSparse,
  type Payload,
  type PayloadValue,
  type Point,
  type PointId,
  type Vector,
  type Vectors,
} from '../store/point.ts';
import { selectedPayload, selectedVectors } from '../store/projection.ts';
import type { Hit, Shown } from '../store/query.ts';
import type { Snapshot } from '../store/snapshot.ts';
import { indexedPoints, indexedVectors } from '../store/statistics.ts';
import type { FieldValue, Message } from './message.ts';
import { distances } from './read-collections.ts';
import { messageOf } from './section.ts';

/** A point id. */
export function shownId(id: PointId): Message {
  return typeof id === 'string' ? { uuid: id } : { num: id };
}

/** A point with its score. */
export function scoredPoint({ point, score, scored, orderValue }: Hit, shown: Shown): Message {
  return {
    ...parts(point, shown),
    score,
    version: scored ? point.version : 0,
    order_value: orderValueShown(orderValue),
  };
}

/** A point without a score. */
export function retrievedPoint(point: Point, shown: Shown, orderValue?: bigint | number): Message {
  return { ...parts(point, shown), order_value: orderValueShown(orderValue) };
}

/** A group of points. */
export function pointGroup({ id, hits, lookup }: Group, shown: Shown, found: Shown): Message {
  return {
    id: typeof id === 'string' ? { string_value: id } : groupNumber(id),
    hits: hits.map((hit) => scoredPoint(hit, shown)),
    lookup: lookup && retrievedPoint(lookup, found),
  };
}

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

function parts(point: Point, shown: Shown): Message {
  const payload = selectedPayload(point.payload, shown.payload);
  const vectors = selectedVectors(point.vectors, shown.vectors);
  return {
    id: shownId(point.id),
    payload: payload && payloadShown(payload),
    vectors: vectors && vectorsShown(vectors),
  };
}

function payloadShown(payload: Payload): ReadonlyMap<string, Message> {
  return new Map([...payload].map(([key, value]) => [key, valueShown(value)]));
}

function valueShown(value: PayloadValue): Message {
  if (value === null) return { null_value: 0 };
  if (typeof value === 'boolean') return { bool_value: value };
  if (typeof value === 'string') return { string_value: value };
  if (typeof value === 'number') return { double_value: value };
  if (typeof value === 'bigint') {
    // What an integer of this interface cannot hold, a float has to.
    return value < 2n ** 63n ? { integer_value: value } : { double_value: Number(value) };
  }
  if (isPayload(value)) return { struct_value: { fields: payloadShown(value) } };
  return { list_value: { values: value.map(valueShown) } };
}

function vectorsShown(vectors: Vectors): Message {
  const unnamed = vectors.size === 1 ? vectors.get('') : undefined;
  if (unnamed) return { vector: vectorShown(unnamed) };
  const named = new Map([...vectors].map(([name, vector]) => [name, vectorShown(vector)]));
  return { vectors: { vectors: named } };
}

/** A vector, in the older form and the newer one: clients read either. */
function vectorShown(vector: Vector): Message {
  if (isSparse(vector)) {
    const { values } = vector;
    const indices: FieldValue = [...vector.indices];
    return { data: values, indices: { data: indices }, sparse: { values, indices } };
  }
  if (vector instanceof Float32Array) return { data: vector, dense: { data: vector } };
  return { multi_dense: { vectors: vector.map((data) => ({ data })) } };
}

function orderValueShown(value: bigint | number | undefined): Message | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'bigint' ? { int: value } : { float: value };
}

function groupNumber(id: bigint): Message {
  return id < 0n ? { integer_value: id } : { unsigned_value: id };
}

import { Failure } from '../failure.ts';
import type { Payload, PayloadValue, PointId, Vector, Vectors } from '../store/point.ts';
import { idOfInteger, idOfText } from '../store/point-id.ts';
import type { PayloadSelector, VectorSelector } from '../store/projection.ts';
import type { Shown } from '../store/query.ts';
import type { Selection } from '../store/selection.ts';
import { get, type Message, maybe } from './message.ts';
import { filterOfMessage } from './read-filter.ts';

/** Reads a point id. */
export function pointIdOf(message: Message | undefined): PointId {
  const { num, uuid } = message ?? {};
  if (typeof num === 'number' || typeof num === 'bigint') return idOfInteger(num);
  if (typeof uuid !== 'string') throw new Failure('malformed', 'Expected "id" to be passed');
  const id = idOfText(uuid);
  if (id === undefined) throw new Failure('malformed', `Unable to parse UUID: ${uuid}`);
  return id;
}

/** Reads a payload. */
export function payloadOf(fields: ReadonlyMap<string, Message>): Payload {
  return new Map([...fields].map(([key, value]) => [key, payloadValueOf(value)]));
}

/** Reads the vectors of a point. */
export function vectorsOf(message: Message | undefined): Vectors {
  if (!message) throw new Failure('malformed', 'Expected some vectors');
  const single = maybe.child(message, 'vector');
  if (single) return new Map([['', vectorOf(single)]]);
  const named = get.map(maybe.child(message, 'vectors') ?? {}, 'vectors');
  return new Map([...named].map(([name, vector]) => [name, vectorOf(vector)]));
}

/** Reads a vector, in the older form or the newer one. */
export function vectorOf(message: Message): Vector {
  const dense = maybe.child(message, 'dense');
  if (dense) return get.floats(dense, 'data');
  const sparse = maybe.child(message, 'sparse');
  if (sparse) return sparseOf(get.floats(sparse, 'values'), get.list(sparse, 'indices'));
  const multi = maybe.child(message, 'multi_dense');
  if (multi) return get.list(multi, 'vectors').map((row) => get.floats(row, 'data'));
  if (['document', 'image', 'object'].some((name) => message[name] !== undefined)) {
    throw new Failure('internal', 'InferenceService is not initialized');
  }
  const data = get.floats(message, 'data');
  const indices = maybe.child(message, 'indices');
  if (indices) return sparseOf(data, get.list(indices, 'data'));
  const rows = maybe.number(message, 'vectors_count');
  return rows === undefined ? data : rowsOf(data, rows);
}

/** Reads a sparse vector. */
export function sparseOf(values: Float32Array, indices: readonly (number | bigint)[]): Vector {
  return { values, indices: Uint32Array.from(indices, Number) };
}

/** Reads what an answer shows. */
export function shownOf(message: Message): Shown {
  return {
    payload: payloadSelectorOf(maybe.child(message, 'with_payload')),
    vectors: vectorSelectorOf(maybe.child(message, 'with_vectors')),
  };
}

/** Reads which points a change is for. */
export function selectionOf(message: Message | undefined): Selection {
  const ids = message && maybe.child(message, 'points');
  if (ids) return { ids: get.list(ids, 'ids').map(pointIdOf) };
  const filter = message && filterOfMessage(maybe.child(message, 'filter'));
  if (!filter) throw new Failure('malformed', 'PointsSelector is missing');
  return { filter };
}

function payloadSelectorOf(message: Message | undefined): PayloadSelector {
  const include = message && maybe.child(message, 'include');
  if (include) return { include: get.list<string>(include, 'fields') };
  const exclude = message && maybe.child(message, 'exclude');
  if (exclude) return { exclude: get.list<string>(exclude, 'fields') };
  return message !== undefined && get.flag(message, 'enable');
}

function vectorSelectorOf(message: Message | undefined): VectorSelector {
  const include = message && maybe.child(message, 'include');
  if (include) return get.list<string>(include, 'names');
  return message !== undefined && get.flag(message, 'enable');
}

function payloadValueOf(message: Message): PayloadValue {
  const { double_value, integer_value, string_value, bool_value } = message;
  if (typeof double_value === 'number') return double_value;
  if (typeof integer_value === 'number') return BigInt(integer_value);
  if (typeof integer_value === 'bigint') return integer_value;
  if (typeof string_value === 'string') return string_value;
  if (typeof bool_value === 'boolean') return bool_value;
  const object = maybe.child(message, 'struct_value');
  if (object) return payloadOf(get.map(object, 'fields'));
  const list = maybe.child(message, 'list_value');
  return list ? get.list(list, 'values').map(payloadValueOf) : null;
}

function rowsOf(data: Float32Array, count: number): Float32Array[] {
  const size = count > 0 ? Math.floor(data.length / count) : 0;
  return Array.from({ length: count }, (_, row) => data.slice(row * size, (row + 1) * size));
}

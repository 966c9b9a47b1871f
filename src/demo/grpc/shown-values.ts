import {
  isPayload,
  isSparse,
  type Payload,
  type PayloadValue,
  type PointId,
  type Vector,
  type Vectors,
} from '../store/point.ts';
import type { FieldValue, Message } from './message.ts';

/** A payload. */
export function payloadShown(payload: Payload): ReadonlyMap<string, Message> {
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

/** The vectors of a point. */
export function vectorsShown(vectors: Vectors): Message {
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

/** A point id. */
export function shownId(id: PointId): Message {
  return typeof id === 'string' ? { uuid: id } : { num: id };
}

/** A point's id: an unsigned integer (a bigint above 2^53) or a UUID in its canonical form. */
export type PointId = number | bigint | string;

/** A payload value; integers are bigints, so that `1` and `1.0` stay what they were. */
export type PayloadValue =
  | null
  | boolean
  | string
  | bigint
  | number
  | readonly PayloadValue[]
  | Payload;

/** A JSON object as it was stored, in the order of its keys. */
export type Payload = ReadonlyMap<string, PayloadValue>;

/** A vector of few non-zero components. */
export interface SparseVector {
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** A dense, sparse or multi vector. */
export type Vector = Float32Array | SparseVector | readonly Float32Array[];

/** The vectors of a point by name; the unnamed one is `''`. */
export type Vectors = ReadonlyMap<string, Vector>;

/** One stored point; `version` is the number of the operation that changed it last. */
export interface Point {
  readonly id: PointId;
  version: number;
  payload: Payload;
  vectors: Vectors;
}

/** Whether a payload value is an object. */
export function isPayload(value: PayloadValue | undefined): value is Payload {
  return value instanceof Map;
}

/** Whether a vector is sparse. */
export function isSparse(vector: Vector): vector is SparseVector {
  return 'indices' in vector;
}

/** Orders ids as the database does: integers first, then UUIDs. */
export function compareIds(a: PointId, b: PointId): number {
  const textual = Number(typeof a === 'string') - Number(typeof b === 'string');
  if (textual !== 0) return textual;
  return a < b ? -1 : a > b ? 1 : 0;
}

import { firstOf, mapped } from '../json/alternatives.ts';
import { Malformed } from '../json/malformed.ts';
import { dictionary, list, type Read, scalars } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import type { SparseVector, Vector, Vectors } from '../store/point.ts';
import { denseVector, payload } from './values.ts';

const sparseVector: Read<Vector> = mapped(
  struct('SparseVector', {
    indices: field.required(list(scalars.size)),
    values: field.required(list(scalars.float)),
  }),
  ({ indices, values }): SparseVector => ({
    indices: Uint32Array.from(indices),
    values: Float32Array.from(values),
  }),
);

const free: Read<unknown> = (node) => node;

/** What an inference model would make a vector of: the demo has none. */
const inferred: Read<never> = mapped(
  firstOf<unknown>(
    'data did not match any variant of untagged enum VectorInput',
    struct('Document', {
      text: field.required(scalars.string),
      model: field.required(scalars.string),
      options: field.spare(payload),
    }),
    struct(
      'Image',
      { image: field.required(free), model: field.required(scalars.string) },
      { flat: true },
    ),
    struct(
      'InferenceObject',
      { object: field.required(free), model: field.required(scalars.string) },
      { flat: true },
    ),
  ),
  () => {
    throw new Malformed('InferenceService is not initialized');
  },
);

/** Reads a vector of any form. */
export const vector: Read<Vector> = firstOf<Vector>(
  'data did not match any variant of untagged enum Vector',
  denseVector,
  sparseVector,
  list(denseVector),
  inferred,
);

/** Reads the vectors of a point: the unnamed one, or several by name. */
export const pointVectors: Read<Vectors> = (node, mode) => {
  if (node.kind === 'array' && node.numbers) return new Map([['', denseVector(node, mode)]]);
  return anyVectors(node, mode);
};

/** Reads the vectors of several points in columns. */
export const vectorColumns: Read<readonly Vectors[]> = firstOf<readonly Vectors[]>(
  'data did not match any variant of untagged enum BatchVectorStruct',
  mapped(list(denseVector), (rows) => rows.map((row) => new Map([['', row]]))),
  mapped(list(list(denseVector)), (rows) => rows.map((row) => new Map([['', row]]))),
  mapped(dictionary(list(vector)), (columns) => {
    const count = Math.max(0, ...[...columns.values()].map((column) => column.length));
    return Array.from({ length: count }, (_, row) => {
      const named = [...columns].map(([name, column]) => [name, column[row]] as const);
      return new Map(named.flatMap(([name, found]) => (found ? [[name, found] as const] : [])));
    });
  }),
);

const anyVectors: Read<Vectors> = firstOf<Vectors>(
  'data did not match any variant of untagged enum VectorStruct',
  mapped(denseVector, (row) => new Map([['', row]])),
  mapped(list(denseVector), (rows) => new Map([['', rows]])),
  dictionary(vector),
  inferred,
);

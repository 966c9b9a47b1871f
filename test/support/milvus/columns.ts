import type { Plain } from './messages.ts';
import { type DoubleCollection, Failure } from './store.ts';

type Values = readonly unknown[];

/** The fields of a schema that rows have. */
export function fieldsOf({ schema }: DoubleCollection): readonly Plain[] {
  return schema['fields'] as readonly Plain[];
}

/** The name of the primary key. */
export function keyFieldOf(collection: DoubleCollection): string {
  const found = fieldsOf(collection).find((field) => field['is_primary_key'] === true);
  return String(found?.['name']);
}

/** The rows of an insert, which come by columns. */
export function rowsIn(columns: readonly Plain[], count: number): ReadonlyMap<string, unknown>[] {
  const values = columns.map((column) => [String(column['field_name']), valuesOf(column)] as const);
  return Array.from({ length: count }, (_, at) => {
    return new Map(values.map(([name, all]) => [name, all[at]]));
  });
}

/** One column of these rows, as an answer holds it. */
export function columnOf(field: Plain, rows: readonly ReadonlyMap<string, unknown>[]): Plain {
  const name = String(field['name']);
  const values = rows.map((row) => row.get(name));
  const told = { type: field['data_type'], field_name: name, field_id: field['fieldID'] };
  const vectors = Array.isArray(values[0]) ? (values as number[][]) : null;
  if (vectors) {
    const [first = []] = vectors;
    const data = vectors.flat();
    return { ...told, vectors: { dim: first.length, float_vector: { data } } };
  }
  const key = typeof values[0] === 'number' ? 'float_data' : undefined;
  const isText = field['data_type'] === 21;
  return {
    ...told,
    scalars: { [key ?? (isText ? 'string_data' : 'long_data')]: { data: values } },
  };
}

function valuesOf(column: Plain): Values {
  const vectors = column['vectors'] as Plain | null;
  if (vectors) {
    const dim = Number(vectors['dim']);
    const data = (vectors['float_vector'] as { data: number[] }).data;
    return Array.from({ length: data.length / dim }, (_, at) => {
      return data.slice(at * dim, (at + 1) * dim);
    });
  }
  const scalars = (column['scalars'] ?? {}) as Record<string, { data: Values } | null>;
  const found = Object.values(scalars).find((each) => each && Array.isArray(each.data));
  return found?.data ?? [];
}

/** The rows that an expression picks: `id in [1, 2]`, `id < 3`, or nothing for all. */
export function rowsWhere(collection: DoubleCollection, expression: string) {
  const key = keyFieldOf(collection);
  const list = /^\s*(\w+) in \[([-\d, ]*)\]\s*$/.exec(expression);
  const below = /^\s*(\w+) < (\d+)\s*$/.exec(expression);
  const all = [...collection.rows];
  if (list?.[1] === key) {
    const wanted = new Set(list[2]?.split(',').map((each) => each.trim()));
    return all.filter(([id]) => wanted.has(id));
  }
  if (below?.[1] === key) return all.filter(([id]) => BigInt(id) < BigInt(below[2] ?? 0));
  if (expression.trim() === '') return all;
  throw new Failure(65535, `cannot parse expression: ${expression}`);
}

/** The rows nearest to a vector, by the square of their distance. */
export function nearest(collection: DoubleCollection, field: string, to: readonly number[]) {
  const scored = [...collection.rows].map(([id, row]) => {
    const vector = row.get(field) as readonly number[];
    const score = vector.reduce((sum, value, at) => sum + (value - (to[at] ?? 0)) ** 2, 0);
    return { id, row, score };
  });
  return scored.sort((one, other) => one.score - other.score);
}

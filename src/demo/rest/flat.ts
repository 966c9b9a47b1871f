import { mapped } from '../json/alternatives.ts';
import { type Read, scalars } from '../json/read.ts';
import { field, type Shape, type Shaped, struct } from '../json/struct.ts';

/** Reads a struct whose parts are flattened, beside the shard key that each of them takes. */
export function flatStruct<S extends Shape, T>(
  name: string,
  shape: S,
  make: (read: Shaped<S>) => T,
): Read<T> {
  const whole = { ...shape, shard_key: field.optional(scalars.ignored) };
  return mapped(struct(name, whole, { flat: true }), (read) => make(read as Shaped<S>));
}

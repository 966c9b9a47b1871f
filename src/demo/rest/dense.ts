import { mapped } from '../json/alternatives.ts';
import { Malformed } from '../json/malformed.ts';
import { type Read, scalars } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import type { DenseConfig, Section } from '../store/collection.ts';
import type { PayloadValue } from '../store/point.ts';
import { payload } from './values.ts';
import { word } from './word.ts';

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

/** Reads what the dense vectors of a name are. */
export const dense: Read<DenseConfig> = mapped(
  struct('VectorParams', { ...denseShape, ...more }),
  (read) => denseOf(read as unknown as DenseFields),
);

/** A section of those fields that were given. */
export function sectionOf(fields: Record<string, PayloadValue | undefined>): Section {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return new Map(given as [string, PayloadValue][]);
}

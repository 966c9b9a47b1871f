import { firstOf, mapped } from '../json/alternatives.ts';
import type { Read } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import type { Example, ExamplePair, RecommendStrategy } from '../store/query.ts';
import { pointId } from './values.ts';
import { vector } from './vectors.ts';
import { word } from './word.ts';

/** Reads a vector, or the id of a point whose vector is meant. */
export const example: Read<Example> = firstOf<Example>(
  'data did not match any variant of untagged enum VectorInput',
  mapped(pointId, (id) => ({ id })),
  mapped(vector, (given) => ({ vector: given })),
);

/** Reads the name of a way to recommend. */
export const strategy: Read<RecommendStrategy> = word('average_vector', 'best_score', 'sum_scores');

/** Reads a pair of examples. */
export const examplePair: Read<ExamplePair> = struct('ContextPair', {
  positive: field.required(example),
  negative: field.required(example),
});

import { firstOf, mapped } from '../json/alternatives.ts';
import { list, type Read, scalars } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import type { PayloadSelector, VectorSelector } from '../store/projection.ts';
import type { Shown } from '../store/query.ts';

const strict = { strict: true };

const withPayload: Read<PayloadSelector> = firstOf<PayloadSelector>(
  'data did not match any variant of untagged enum WithPayloadInterface',
  scalars.boolean,
  mapped(list(scalars.string), (include) => ({ include })),
  struct('PayloadSelectorInclude', { include: field.required(list(scalars.string)) }, strict),
  struct('PayloadSelectorExclude', { exclude: field.required(list(scalars.string)) }, strict),
);

const withVector: Read<VectorSelector> = firstOf<VectorSelector>(
  'data did not match any variant of untagged enum WithVector',
  scalars.boolean,
  list(scalars.string),
);

/** Readers of what to show of each point. */
export const selectors = { payload: withPayload, vector: withVector };

/** Fields of every answer that shows points. */
export const shownFields = {
  with_vector: field.optional(withVector, 'with_vectors'),
  with_payload: field.optional(withPayload),
};

/** What an answer shows; nothing but ids and scores unless asked for. */
export function shownOf(read: {
  readonly with_payload: PayloadSelector | undefined;
  readonly with_vector: VectorSelector | undefined;
}): Shown {
  return { payload: read.with_payload ?? false, vectors: read.with_vector ?? false };
}

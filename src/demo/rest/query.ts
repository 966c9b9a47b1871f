import { Failure } from '../failure.ts';
import { firstOf, list, mapped, type Read, scalars } from '../json/read.ts';
import { field, type Shape, type Shaped, struct } from '../json/struct.ts';
import type { PayloadSelector, VectorSelector } from '../store/projection.ts';
import type { LookupFrom, Query, Shown } from '../store/query.ts';
import { filter, oneOrMany } from './filter.ts';
import { ranking } from './ranking.ts';

/** A query and what its answer shows. */
export interface ShownQuery {
  readonly query: Query;
  readonly shown: Shown;
}

const anything: Read<unknown> = () => true;

const strict = { strict: true };

/** Reads which part of the payload to show. */
export const withPayload: Read<PayloadSelector> = firstOf<PayloadSelector>(
  'data did not match any variant of untagged enum WithPayloadInterface',
  scalars.boolean,
  mapped(list(scalars.string), (include) => ({ include })),
  struct('PayloadSelectorInclude', { include: field.required(list(scalars.string)) }, strict),
  struct('PayloadSelectorExclude', { exclude: field.required(list(scalars.string)) }, strict),
);

/** Reads which vectors to show. */
export const withVector: Read<VectorSelector> = firstOf<VectorSelector>(
  'data did not match any variant of untagged enum WithVector',
  scalars.boolean,
  list(scalars.string),
);

/** Reads where examples are looked up. */
export const lookupFrom: Read<LookupFrom> = mapped(
  struct('LookupLocation', {
    collection: field.required(scalars.string),
    vector: field.spare(scalars.string),
    shard_key: field.spare(anything),
  }),
  ({ collection, vector }) => ({ collection, vector }),
);

/** Fields of every answer that shows points. */
export const shownFields = {
  with_vector: field.optional(withVector, 'with_vectors'),
  with_payload: field.optional(withPayload),
};

const nested: Read<Query> = (node, mode) => prefetch(node, mode);

/** Fields of every query, in the order that a prefetch has them. */
export const queryFields = {
  prefetch: field.spare(oneOrMany(nested)),
  query: field.optional(ranking),
  using: field.optional(scalars.string),
  filter: field.optional(filter),
  params: field.optional(anything),
  score_threshold: field.optional(scalars.float),
};

const fetched = {
  limit: field.optional(scalars.size),
  lookup_from: field.spare(lookupFrom),
};

const prefetch: Read<Query> = mapped(
  struct('Prefetch', { ...queryFields, ...fetched }),
  (read): Query => ({
    ...queryOf(read),
    limit: atLeastOne(read.limit, 'internal.prefetch[0].limit'),
  }),
);

/** Reads the body of a query. */
export const queryRequest: Read<ShownQuery> = flatStruct(
  'QueryRequest',
  { ...queryFields, ...fetched, offset: field.optional(scalars.size), ...shownFields },
  (read) => ({
    query: {
      ...queryOf(read),
      limit: atLeastOne(read.limit, 'internal.limit'),
      offset: read.offset ?? 0,
    },
    shown: shownOf(read),
  }),
);

/** Reads a struct whose parts are flattened, beside the shard key that each of them takes. */
export function flatStruct<S extends Shape, T>(
  name: string,
  shape: S,
  make: (read: Shaped<S>) => T,
): Read<T> {
  const whole = { ...shape, shard_key: field.optional(anything) };
  return mapped(struct(name, whole, { flat: true }), (read) => make(read as Shaped<S>));
}

/** What an answer shows; nothing but ids and scores unless asked for. */
export function shownOf(read: {
  readonly with_payload: PayloadSelector | undefined;
  readonly with_vector: VectorSelector | undefined;
}): Shown {
  return { payload: read.with_payload ?? false, vectors: read.with_vector ?? false };
}

/** The query of its fields, with the usual limit. */
export function queryOf(
  read: Shaped<typeof queryFields> & { readonly lookup_from: LookupFrom | undefined },
): Query {
  return {
    prefetch: read.prefetch ?? [],
    ranking: read.query,
    using: read.using ?? '',
    filter: read.filter,
    scoreThreshold: read.score_threshold,
    limit: 10,
    offset: 0,
    lookupFrom: read.lookup_from,
  };
}

/** A limit, or the refusal of one that asks for nothing. */
export function atLeastOne(limit: number | undefined, path: string, otherwise = 10): number {
  if (limit !== 0) return limit ?? otherwise;
  const message = `Validation error in JSON body: [${path}: value 0 invalid, must be 1 or larger]`;
  throw new Failure('invalid', message);
}

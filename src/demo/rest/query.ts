import { mapped } from '../json/alternatives.ts';
import { type Read, scalars } from '../json/read.ts';
import { field, type Shaped, struct } from '../json/struct.ts';
import type { LookupFrom, Query, Shown } from '../store/query.ts';
import { filter, oneOrMany } from './filter.ts';
import { flatStruct } from './flat.ts';
import { atLeastOne } from './limit.ts';
import { lookupFrom } from './lookup.ts';
import { ranking } from './ranking.ts';
import { shownFields, shownOf } from './shown-fields.ts';

/** A query and what its answer shows. */
export interface ShownQuery {
  readonly query: Query;
  readonly shown: Shown;
}

const nested: Read<Query> = (node, mode) => prefetch(node, mode);

/** Fields of every query, in the order that a prefetch has them. */
export const queryFields = {
  prefetch: field.spare(oneOrMany(nested)),
  query: field.optional(ranking),
  using: field.optional(scalars.string),
  filter: field.optional(filter),
  params: field.optional(scalars.ignored),
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

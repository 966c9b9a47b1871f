import { firstOf, mapped } from '../json/alternatives.ts';
import { type Read, scalars } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import type { GroupQuery } from '../store/groups.ts';
import { flatStruct } from './flat.ts';
import { atLeastOne } from './limit.ts';
import { lookupFrom } from './lookup.ts';
import { olderFields, rankedBy } from './older-fields.ts';
import { queryFields, queryOf, type ShownQuery } from './query.ts';
import { selectors, shownFields, shownOf } from './shown-fields.ts';

/** A grouped query and what its answer shows. */
export interface ShownGroups {
  readonly groups: GroupQuery;
  readonly shown: ShownQuery['shown'];
}

type WithLookup = GroupQuery['lookup'];

const withLookup = firstOf<WithLookup>(
  'data did not match any variant of untagged enum WithLookupInterface',
  mapped(scalars.string, (collection) => {
    return { collection, shown: { payload: true, vectors: false } };
  }),
  mapped(
    struct('WithLookup', {
      collection: field.required(scalars.string),
      with_payload: field.defaulted(selectors.payload, true),
      with_vectors: field.spare(selectors.vector, 'with_vector'),
    }),
    ({ collection, with_payload, with_vectors }) => {
      return { collection, shown: { payload: with_payload, vectors: with_vectors ?? false } };
    },
  ),
);

const grouping = {
  group_by: field.required(scalars.string),
  with_lookup: field.optional(withLookup),
};

const sized = {
  ...grouping,
  group_size: field.required(scalars.size),
  limit: field.required(scalars.size),
};

const maybeSized = {
  ...grouping,
  group_size: field.optional(scalars.size),
  limit: field.optional(scalars.size),
};

interface Grouping {
  readonly group_by: string;
  readonly group_size: number | undefined;
  readonly limit: number | undefined;
  readonly with_lookup: WithLookup;
}

function grouped({ query, shown }: ShownQuery, read: Grouping): ShownGroups {
  const path = 'search_group_request.group_request';
  const groups = {
    query,
    groupBy: read.group_by,
    groupSize: atLeastOne(read.group_size, `${path}.group_size`, 3),
    limit: atLeastOne(read.limit, `${path}.limit`),
    lookup: read.with_lookup,
  };
  return { groups, shown };
}

/** The bodies of grouped requests. */
export const groupRequests = {
  query: flatStruct(
    'QueryGroupsRequest',
    { ...queryFields, ...shownFields, lookup_from: field.spare(lookupFrom), ...maybeSized },
    (read) => grouped({ query: queryOf(read), shown: shownOf(read) }, read),
  ),
  search: flatStruct('SearchGroupsRequest', { ...olderFields.search, ...sized }, (read) =>
    grouped(rankedBy.search(read.vector, read), read),
  ),
  recommend: flatStruct('RecommendGroupsRequest', { ...olderFields.recommend, ...sized }, (read) =>
    grouped(rankedBy.recommend(read), read),
  ),
} satisfies Readonly<Record<string, Read<ShownGroups>>>;

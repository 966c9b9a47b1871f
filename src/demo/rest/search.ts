import { firstOf, list, mapped, type Read, scalars } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import type { Example, Query, Ranking } from '../store/query.ts';
import { filter } from './filter.ts';
import {
  atLeastOne,
  flatStruct,
  lookupFrom,
  type ShownQuery,
  shownFields,
  shownOf,
} from './query.ts';
import { example, examplePair, strategy } from './ranking.ts';
import { denseVector } from './values.ts';
import { vector } from './vectors.ts';

const anything: Read<unknown> = () => true;

const namedVector = firstOf<{ example: Example; using: string }>(
  'data did not match any variant of untagged enum NamedVectorStruct',
  mapped(denseVector, (found) => ({ example: { vector: found }, using: '' })),
  mapped(
    struct('NamedVector', { name: field.required(scalars.string), vector: field.required(vector) }),
    ({ name, vector }) => ({ example: { vector }, using: name }),
  ),
);

const common = {
  filter: field.optional(filter),
  params: field.optional(anything),
  score_threshold: field.optional(scalars.float),
  ...shownFields,
};

const limited = {
  limit: field.required(scalars.size, 'top'),
  offset: field.optional(scalars.size),
};

/** Fields of a search that say what to rank by. */
export const searchFields = { vector: field.required(namedVector), ...common };

/** Fields of a recommendation that say what to rank by. */
export const recommendFields = {
  positive: field.defaulted(list(example), []),
  negative: field.defaulted(list(example), []),
  strategy: field.optional(strategy),
  using: field.spare(scalars.string),
  lookup_from: field.spare(lookupFrom),
  ...common,
};

const discoverFields = {
  target: field.optional(example),
  context: field.optional(list(examplePair)),
  using: field.spare(scalars.string),
  lookup_from: field.spare(lookupFrom),
  ...common,
};

interface Common {
  readonly filter: Query['filter'];
  readonly score_threshold: number | undefined;
  readonly with_payload: Parameters<typeof shownOf>[0]['with_payload'];
  readonly with_vector: Parameters<typeof shownOf>[0]['with_vector'];
  readonly using?: string | undefined;
  readonly lookup_from?: Query['lookupFrom'];
}

/** The older requests as queries. */
export const rankedBy = {
  search: ({ example, using }: { example: Example; using: string }, read: Common): ShownQuery =>
    shownQuery({ kind: 'nearest', example }, { ...read, using }),
  recommend: (
    read: Common & {
      readonly positive: readonly Example[];
      readonly negative: readonly Example[];
      readonly strategy: Extract<Ranking, { kind: 'recommend' }>['strategy'] | undefined;
    },
  ): ShownQuery => {
    const { positive, negative } = read;
    const strategy = read.strategy ?? 'average_vector';
    return shownQuery({ kind: 'recommend', positive, negative, strategy }, read);
  },
};

function shownQuery(ranking: Ranking, read: Common): ShownQuery {
  const query: Query = {
    prefetch: [],
    ranking,
    using: read.using ?? '',
    filter: read.filter,
    scoreThreshold: read.score_threshold,
    limit: 10,
    offset: 0,
    lookupFrom: read.lookup_from,
  };
  return { query, shown: shownOf(read) };
}

function paged(
  { query, shown }: ShownQuery,
  read: { readonly limit: number; readonly offset: number | undefined },
  path: string,
): ShownQuery {
  const limit = atLeastOne(read.limit, `${path}.limit`);
  return { query: { ...query, limit, offset: read.offset ?? 0 }, shown };
}

/** The bodies of the older requests. */
export const olderRequests = {
  search: flatStruct('SearchRequest', { ...searchFields, ...limited }, (read) =>
    paged(rankedBy.search(read.vector, read), read, 'search_request'),
  ),
  recommend: flatStruct('RecommendRequest', { ...recommendFields, ...limited }, (read) =>
    paged(rankedBy.recommend(read), read, 'recommend_request'),
  ),
  discover: flatStruct('DiscoverRequest', { ...discoverFields, ...limited }, (read) => {
    const ranking = { kind: 'discover', target: read.target, context: read.context ?? [] } as const;
    return paged(shownQuery(ranking, read), read, 'discover_request');
  }),
};

/** Reads a batch of requests: all of one kind, for one collection. */
export function searches(name: string, read: Read<ShownQuery>): Read<readonly ShownQuery[]> {
  return mapped(struct(name, { searches: field.required(list(read)) }), (found) => found.searches);
}

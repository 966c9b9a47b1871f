import { firstOf, mapped } from '../json/alternatives.ts';
import { list, scalars } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import type { Example, ExamplePair, Query, Ranking } from '../store/query.ts';
import { example, examplePair, strategy } from './examples.ts';
import { filter } from './filter.ts';
import { lookupFrom } from './lookup.ts';
import type { ShownQuery } from './query.ts';
import { shownFields, shownOf } from './shown-fields.ts';
import { denseVector } from './values.ts';
import { vector } from './vectors.ts';

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
  params: field.optional(scalars.ignored),
  score_threshold: field.optional(scalars.float),
  ...shownFields,
};

const looking = {
  using: field.spare(scalars.string),
  lookup_from: field.spare(lookupFrom),
};

/** Fields of the older requests that say what to rank by. */
export const olderFields = {
  search: { vector: field.required(namedVector), ...common },
  recommend: {
    positive: field.defaulted(list(example), []),
    negative: field.defaulted(list(example), []),
    strategy: field.optional(strategy),
    ...looking,
    ...common,
  },
  discover: {
    target: field.optional(example),
    context: field.optional(list(examplePair)),
    ...looking,
    ...common,
  },
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
  discover: (
    read: Common & {
      readonly target: Example | undefined;
      readonly context: readonly ExamplePair[] | undefined;
    },
  ): ShownQuery =>
    shownQuery({ kind: 'discover', target: read.target, context: read.context ?? [] }, read),
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

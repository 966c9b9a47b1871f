import { firstOf, mapped } from '../json/alternatives.ts';
import { list, type Read, scalars } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import type { OrderBy, Ranking } from '../store/query.ts';
import { example, examplePair, strategy } from './examples.ts';
import { oneOrMany } from './filter.ts';
import { word } from './word.ts';

const startFrom = firstOf<number>(
  'data did not match any variant of untagged enum StartFrom',
  scalars.float,
  mapped(scalars.string, (text) => Date.parse(text) * 1000),
);

/** Reads by which payload key to order. */
export const orderBy: Read<OrderBy> = mapped(
  firstOf(
    'Expected a string, or an object with a key, direction and/or start_from',
    mapped(scalars.string, (key) => ({ key, direction: undefined, start_from: undefined })),
    struct('OrderBy', {
      key: field.required(scalars.string),
      direction: field.optional(word('asc', 'desc')),
      start_from: field.optional(startFrom),
    }),
  ),
  ({ key, direction, start_from }) => {
    return { key, descending: direction === 'desc', startFrom: start_from };
  },
);

const pairs = mapped(oneOrMany(examplePair), (found) => found ?? []);

function only<T>(name: string, read: Read<T>, make: (value: T) => Ranking): Read<Ranking> {
  return mapped(struct(name, { [name]: field.required(read) }), (found) => make(found[name] as T));
}

const recommendInput = struct('RecommendInput', {
  positive: field.optional(list(example)),
  negative: field.optional(list(example)),
  strategy: field.optional(strategy),
});

const discoverInput = struct('DiscoverInput', {
  target: field.required(example),
  context: field.required(pairs),
});

const rrf = struct('Rrf', {
  k: field.defaulted(scalars.size, 2),
  weights: field.defaulted(list(scalars.float), []),
});

const feedback = struct('RelevanceFeedbackInput', {
  target: field.required(example),
  feedback: field.required(
    list(
      struct('FeedbackItem', {
        example: field.required(example),
        score: field.required(scalars.float),
      }),
    ),
  ),
});

/** Reads what a query ranks points by. */
export const ranking: Read<Ranking> = firstOf<Ranking>(
  'Expected some form of vector, id, or a type of query',
  mapped(example, (found) => ({ kind: 'nearest', example: found })),
  mapped(
    struct('NearestQuery', {
      nearest: field.required(example),
      mmr: field.optional(() => true),
    }),
    ({ nearest, mmr }): Ranking =>
      mmr
        ? { kind: 'not built', name: 'mmr', examples: [nearest] }
        : { kind: 'nearest', example: nearest },
  ),
  only('recommend', recommendInput, ({ positive, negative, strategy }) => ({
    kind: 'recommend',
    positive: positive ?? [],
    negative: negative ?? [],
    strategy: strategy ?? 'average_vector',
  })),
  only('discover', discoverInput, ({ target, context }) => ({ kind: 'discover', target, context })),
  only('context', pairs, (context) => ({ kind: 'discover', target: undefined, context })),
  only('order_by', orderBy, (order) => ({ kind: 'order_by', order })),
  only('fusion', word('rrf', 'dbsf'), (kind) => {
    return kind === 'rrf' ? { kind, k: 2, weights: [] } : { kind };
  }),
  only('rrf', rrf, ({ k, weights }) => ({ kind: 'rrf', k, weights })),
  only(
    'formula',
    () => true,
    () => ({ kind: 'not built', name: 'formula', examples: [] }),
  ),
  only('sample', word('random'), () => ({ kind: 'sample' })),
  only('relevance_feedback', feedback, ({ target, feedback }) => ({
    kind: 'not built',
    name: 'relevance feedback',
    examples: [target, ...feedback.map((item) => item.example)],
  })),
);

import type { Example, ExamplePair, Query } from '../store/query.ts';
import { get, type Message, maybe } from './message.ts';
import { commonOf } from './read-query.ts';
import { strategyOf } from './read-ranking.ts';
import { pointIdOf } from './read-values.ts';
import { sparseOf, vectorOf } from './read-vectors.ts';

/** The older requests as queries. */
export const olderQueries = {
  search: (message: Message): Query => {
    const values = get.floats(message, 'vector');
    const indices = maybe.child(message, 'sparse_indices');
    const vector = indices ? sparseOf(values, get.list(indices, 'data')) : values;
    return queryBy({ kind: 'nearest', example: { vector } }, message);
  },
  recommend: (message: Message): Query =>
    queryBy(
      {
        kind: 'recommend',
        positive: examplesOf(message, 'positive'),
        negative: examplesOf(message, 'negative'),
        strategy: strategyOf(message),
      },
      message,
    ),
  discover: (message: Message): Query => {
    const target = maybe.child(maybe.child(message, 'target') ?? {}, 'single');
    return queryBy(
      {
        kind: 'discover',
        target: target && exampleOf(target),
        context: get.list(message, 'context').map(pairOf),
      },
      message,
    );
  },
};

function queryBy(ranking: NonNullable<Query['ranking']>, message: Message): Query {
  const limit = get.number(message, 'limit');
  return { prefetch: [], ranking, limit, ...commonOf(message) };
}

function examplesOf(message: Message, name: string): Example[] {
  const ids = get.list(message, name).map((id) => ({ id: pointIdOf(id) }));
  const vectors = get
    .list(message, `${name}_vectors`)
    .map((given) => ({ vector: vectorOf(given) }));
  return [...ids, ...vectors];
}

function exampleOf(message: Message): Example {
  const vector = maybe.child(message, 'vector');
  return vector ? { vector: vectorOf(vector) } : { id: pointIdOf(maybe.child(message, 'id')) };
}

function pairOf(pair: Message): ExamplePair {
  return {
    positive: exampleOf(maybe.child(pair, 'positive') ?? {}),
    negative: exampleOf(maybe.child(pair, 'negative') ?? {}),
  };
}

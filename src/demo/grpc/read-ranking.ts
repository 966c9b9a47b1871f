import { Failure } from '../failure.ts';
import type { Example, ExamplePair, OrderBy, Ranking, RecommendStrategy } from '../store/query.ts';
import { get, type Message, maybe } from './message.ts';
import { pointIdOf } from './read-values.ts';
import { vectorOf } from './read-vectors.ts';

const strategies: readonly RecommendStrategy[] = ['average_vector', 'best_score', 'sum_scores'];

/** Reads the number of a way to recommend. */
export function strategyOf(message: Message): RecommendStrategy {
  return strategies[get.number(message, 'strategy')] ?? 'average_vector';
}

/** Reads by which payload key to order. */
export function orderByOf(message: Message): OrderBy {
  const from = maybe.child(message, 'start_from');
  const stamp = from && maybe.child(from, 'timestamp');
  const text = from && maybe.text(from, 'datetime');
  const number = from && (maybe.number(from, 'integer') ?? maybe.number(from, 'float'));
  return {
    key: get.text(message, 'key'),
    descending: get.number(message, 'direction') === 1,
    startFrom:
      number ?? (stamp ? get.number(stamp, 'seconds') * 1e6 : text && Date.parse(text) * 1000),
  } as OrderBy;
}

const readers: Readonly<Record<string, (message: Message) => Ranking>> = {
  nearest: (message) => ({ kind: 'nearest', example: exampleOf(message) }),
  recommend: (message) => ({
    kind: 'recommend',
    positive: get.list(message, 'positive').map(exampleOf),
    negative: get.list(message, 'negative').map(exampleOf),
    strategy: strategyOf(message),
  }),
  discover: (message) => ({
    kind: 'discover',
    target: exampleOf(maybe.child(message, 'target') ?? {}),
    context: pairsOf(maybe.child(message, 'context')),
  }),
  context: (message) => ({ kind: 'discover', target: undefined, context: pairsOf(message) }),
  order_by: (message) => ({ kind: 'order_by', order: orderByOf(message) }),
  rrf: (message) => ({
    kind: 'rrf',
    k: maybe.number(message, 'k') ?? 2,
    weights: [...get.floats(message, 'weights')],
  }),
  formula: () => ({ kind: 'not built', name: 'formula', examples: [] }),
  nearest_with_mmr: (message) => ({
    kind: 'not built',
    name: 'mmr',
    examples: [exampleOf(maybe.child(message, 'nearest') ?? {})],
  }),
  relevance_feedback: (message) => ({
    kind: 'not built',
    name: 'relevance feedback',
    examples: [
      exampleOf(maybe.child(message, 'target') ?? {}),
      ...get.list(message, 'feedback').map((item) => exampleOf(maybe.child(item, 'example') ?? {})),
    ],
  }),
};

/** Reads what a query ranks points by, if it says so. */
export function rankingOf(message: Message | undefined): Ranking | undefined {
  if (!message) return undefined;
  const fusion = maybe.number(message, 'fusion');
  if (fusion !== undefined) return fusion === 1 ? { kind: 'dbsf' } : rrf;
  if (message['sample'] !== undefined) return { kind: 'sample' };
  for (const [name, read] of Object.entries(readers)) {
    const found = maybe.child(message, name);
    if (found) return read(found);
  }
  throw new Failure('malformed', 'Query variant is missing');
}

const rrf: Ranking = { kind: 'rrf', k: 2, weights: [] };

function exampleOf(message: Message): Example {
  const id = maybe.child(message, 'id');
  if (id) return { id: pointIdOf(id) };
  if (Object.keys(message).length === 0) {
    throw new Failure('malformed', 'VectorInput variant is missing');
  }
  return { vector: vectorOf(message) };
}

function pairsOf(message: Message | undefined): ExamplePair[] {
  return get.list(message ?? {}, 'pairs').map((pair) => ({
    positive: exampleOf(maybe.child(pair, 'positive') ?? {}),
    negative: exampleOf(maybe.child(pair, 'negative') ?? {}),
  }));
}

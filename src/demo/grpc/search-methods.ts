import { searchGroups } from '../store/groups.ts';
import type { Query } from '../store/query.ts';
import { search } from '../store/search.ts';
import type { Session } from '../store/storage.ts';
import { atLeastOne, named } from './checks.ts';
import { get, type Message, maybe } from './message.ts';
import { type Check, collectionOf, type Method, type Methods } from './method.ts';
import { olderQueries } from './read-older.ts';
import { groupQueryOf, queryOf } from './read-query.ts';
import { shownOf } from './read-selectors.ts';
import { reading } from './reading.ts';
import { pointGroup, scoredPoint } from './shown.ts';

function hits(session: Session, outer: Message, inner: Message, query: Query): Message[] {
  const shown = shownOf(inner);
  return search(session, collectionOf(session, outer), query).map((hit) => scoredPoint(hit, shown));
}

interface Searching {
  readonly operation: string;
  readonly request: string;
  readonly answer: string;
  readonly list: string;
  readonly checks: readonly Check[];
  readonly read: (message: Message) => Query;
}

function one({ operation, request, answer, checks, read }: Searching): Method {
  return reading(operation, request, `${answer}Response`, checks, (session, message) => ({
    result: hits(session, message, message, read(message)),
  }));
}

/** The names of the collections in a batch are not looked at, but have to be names. */
function many({ operation, request, answer, list, checks, read }: Searching): Method {
  const each: Check = (message) => {
    const wrong = get.list(message, list).map((inner, at) => {
      const found = [named, ...checks].map((check) => check(inner)).find((text) => text);
      return found && `${list}[${at}].${found}`;
    });
    return wrong.find((text) => text);
  };
  const name = `${request.replace(/Points$/, '')}BatchPoints`;
  const run: Method['run'] = (session, message) => ({
    result: get.list(message, list).map((inner) => ({
      result: hits(session, message, inner, read(inner)),
    })),
  });
  return reading(`${operation}_batch`, name, `${answer}BatchResponse`, [each], run);
}

function grouped(operation: string, request: string, read: (message: Message) => Query): Method {
  const response = `${request.replace(/PointGroups$/, '')}GroupsResponse`;
  const presence = request === 'QueryPointGroups';
  const checks = [atLeastOne('limit', presence), atLeastOne('group_size', presence)];
  return reading(operation, request, response, checks, (session, message) => {
    const limit = maybe.number(message, 'limit') ?? 10;
    const query = groupQueryOf(message, read(message), limit);
    const shown = shownOf(message);
    const groups = searchGroups(session, collectionOf(session, message), query);
    const lookup = query.lookup?.shown ?? shown;
    return { result: { groups: groups.map((group) => pointGroup(group, shown, lookup)) } };
  });
}

function searching(operation: string, request: string, answer: string, list: string) {
  return { operation, request, answer, list };
}

const limited = [atLeastOne('limit')];

const kinds = {
  Search: {
    ...searching('points.search', 'SearchPoints', 'Search', 'search_points'),
    checks: limited,
    read: olderQueries.search,
  },
  Recommend: {
    ...searching('points.recommend', 'RecommendPoints', 'Recommend', 'recommend_points'),
    checks: limited.slice(1),
    read: olderQueries.recommend,
  },
  Discover: {
    ...searching('points.discover', 'DiscoverPoints', 'Discover', 'discover_points'),
    checks: limited,
    read: olderQueries.discover,
  },
  Query: {
    ...searching('points.query', 'QueryPoints', 'Query', 'query_points'),
    checks: [atLeastOne('limit', true)],
    read: queryOf,
  },
} satisfies Readonly<Record<string, Searching>>;

/** Methods that rank points. */
export const searchMethods: Methods = {
  '/qdrant.Points/Search': one(kinds.Search),
  '/qdrant.Points/SearchBatch': many(kinds.Search),
  '/qdrant.Points/Recommend': one(kinds.Recommend),
  '/qdrant.Points/RecommendBatch': many(kinds.Recommend),
  '/qdrant.Points/Discover': one(kinds.Discover),
  '/qdrant.Points/DiscoverBatch': many(kinds.Discover),
  '/qdrant.Points/Query': one(kinds.Query),
  '/qdrant.Points/QueryBatch': many(kinds.Query),
  '/qdrant.Points/SearchGroups': grouped(
    'points.search_groups',
    'SearchPointGroups',
    olderQueries.search,
  ),
  '/qdrant.Points/RecommendGroups': grouped(
    'points.recommend_groups',
    'RecommendPointGroups',
    olderQueries.recommend,
  ),
  '/qdrant.Points/QueryGroups': grouped('points.query_groups', 'QueryPointGroups', queryOf),
};

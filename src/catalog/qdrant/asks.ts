import type { Protocol, Rebuilt } from '../operation.ts';
import { type AskPlan, confinedBy } from './confine.ts';

type Fields = AskPlan['fields'];

function plan(results: AskPlan['results'], payload: boolean, fields: Fields): AskPlan {
  return { results, payload, fields };
}

/** The rows that knew `top` before they knew `limit`. */
function olderPlan(fields: Fields): AskPlan {
  return { ...plan('limit', false, fields), top: true };
}

function batchOf(one: AskPlan): AskPlan {
  return { ...one, batch: { member: 'searches', field: 2 } };
}

/** points.proto: where each request says what its answer carries. */
const search = olderPlan({ limit: 4, offset: 9, payload: 6, vectors: 11 });
const recommend = olderPlan({ limit: 5, offset: 10, payload: 7, vectors: 12 });
const discover = olderPlan({ limit: 5, offset: 8, payload: 6, vectors: 10 });
const query = plan('limit', false, { limit: 8, offset: 9, payload: 11, vectors: 10, query: 3 });
const searchGroups = { limit: 4, payload: 5, vectors: 9, groupBy: 10, groupSize: 11, lookup: 13 };
const recommendGroups = {
  ...{ limit: 5, payload: 6, vectors: 10 },
  ...{ groupBy: 12, groupSize: 13, lookup: 15 },
};
const queryGroups = {
  ...{ limit: 11, payload: 8, vectors: 9, query: 3 },
  ...{ groupBy: 13, groupSize: 12, lookup: 15 },
};

/** How each row that answers with points, or with what is in them, is held to an extent. */
export const confine = {
  nothing: (_protocol: Protocol, request: Rebuilt) => request,
  one: confinedBy(plan('one', true, {})),
  listed: confinedBy(plan('ids', true, { ids: 2, payload: 4, vectors: 5 })),
  scrolled: confinedBy(plan('limit', true, { limit: 4, payload: 6, vectors: 7, orderBy: 10 })),
  facet: confinedBy(plan('values', false, { limit: 4, key: 2 })),
  matrix: confinedBy(plan('matrix', false, { sample: 3, limit: 4 })),
  search: confinedBy(search),
  searchBatch: confinedBy(batchOf(search)),
  searchGroups: confinedBy(plan('groups', false, searchGroups)),
  recommend: confinedBy(recommend),
  recommendBatch: confinedBy(batchOf(recommend)),
  recommendGroups: confinedBy(plan('groups', false, recommendGroups)),
  discover: confinedBy(discover),
  discoverBatch: confinedBy(batchOf(discover)),
  query: confinedBy(query),
  queryBatch: confinedBy(batchOf(query)),
  queryGroups: confinedBy(plan('groups', false, queryGroups)),
} as const;

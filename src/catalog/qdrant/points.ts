import type { Counter, Protocol } from '../operation.ts';
import { JsonCounter, type Tally } from '../reading/json-counter.ts';
import { type FieldTally, fieldAt, MessageCounter } from '../reading/protobuf-counter.ts';

const elements: Tally = { elements: true };
const result = (inner: Tally): Tally => ({ members: { result: inner } });
const points: Tally = { members: { points: elements } };
const selected: Tally = { members: { points: elements } };
const pointsOrIds: Tally = {
  members: { points: elements, batch: { members: { ids: elements } } },
};

/** Counts by these two maps of a request or answer: REST's and gRPC's, where a path leads to each
 * point. */
function counting(
  tally: Tally,
  path: readonly number[] | FieldTally,
): (protocol: Protocol) => Counter {
  const fields = 'length' in path ? fieldAt(path) : path;
  return (protocol) => (protocol === 'http' ? new JsonCounter(tally) : new MessageCounter(fields));
}

/** Points that requests bring. On gRPC their one message is held, and its reader counts. */
export const pointsIn = {
  upserted: counting(pointsOrIds, [3]),
  selected: counting(selected, [3, 1, 1]),
  inBatch: counting(
    {
      members: {
        operations: {
          items: {
            members: {
              upsert: pointsOrIds,
              delete: selected,
              set_payload: selected,
              overwrite_payload: selected,
              delete_payload: selected,
              clear_payload: selected,
              update_vectors: selected,
              delete_vectors: selected,
            },
          },
        },
      },
    },
    [3, 1, 1],
  ),
};

/** The operations in a batch. On gRPC its one message is held, and its reader counts. */
export const partsIn = {
  searches: counting({ members: { searches: elements } }, [2]),
  updates: counting({ members: { operations: elements } }, [3]),
};

/** PointGroup: its hits, and the point that was looked up for it. */
const group = {
  rest: { members: { hits: elements, lookup: { members: {}, itself: true } } },
  grpc: { fields: { 2: { itself: true }, 3: { itself: true } } },
} as const satisfies { rest: Tally; grpc: FieldTally };

/** Points that answers carry. The hits of a group count and what is looked up for it, the group
 * does not. A pair of a matrix counts as one, and so does a value of a facet: the values of a field
 * that differ in each point are its column. */
export const pointsOut = {
  listed: counting(result(elements), [1]),
  queried: counting(result(points), [1]),
  scrolled: counting(result(points), [2]),
  facet: counting(result({ members: { hits: elements } }), [1]),
  pairs: counting(result({ members: { pairs: elements } }), [1, 1]),
  offsets: counting(result({ members: { ids: elements } }), [1, 4]),
  one: counting(result({ members: {}, itself: true }), [1]),
  batchListed: counting(result({ items: elements }), [1, 1]),
  batchQueried: counting(result({ items: points }), [1, 1]),
  grouped: counting(result({ members: { groups: { items: group.rest } } }), {
    fields: { 1: { fields: { 1: group.grpc } } },
  }),
};

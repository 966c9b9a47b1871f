import { Failure } from '../failure.ts';
import { firstOf, mapped, nullable } from '../json/alternatives.ts';
import { Malformed } from '../json/malformed.ts';
import { list, type Read, scalars } from '../json/read.ts';
import { buffered } from '../json/reading.ts';
import { field, struct } from '../json/struct.ts';
import type { Change, NewPoint } from '../store/changes.ts';
import type { Condition } from '../store/filter.ts';
import type { PointId } from '../store/point.ts';
import type { Selection } from '../store/selection.ts';
import { filter } from './filter.ts';
import { payload, pointId } from './values.ts';
import { pointVectors, vectorColumns } from './vectors.ts';
import { word } from './word.ts';

const sharded = { shard_key: field.spare(scalars.ignored) };

const pointStruct: Read<NewPoint> = mapped(
  struct('PointStruct', {
    id: field.required(pointId),
    vector: field.required(pointVectors, 'vectors'),
    payload: field.optional(payload),
  }),
  (read) => ({ id: read.id, vectors: read.vector, payload: read.payload ?? new Map() }),
);

const upsertManner = {
  ...sharded,
  update_filter: field.spare(filter),
  update_mode: field.spare(word('upsert', 'insert_only', 'update_only')),
};

const columns = struct('Batch', {
  ids: field.required(list(pointId)),
  vectors: field.required(vectorColumns),
  payloads: field.optional(list(nullable(payload))),
});

const pointsBatch = struct('PointsBatch', { batch: field.required(columns), ...upsertManner });

const pointsList = struct('PointsList', {
  points: field.required(list(pointStruct)),
  ...upsertManner,
});

/** Reads points to insert. The body is copied first, which leaves one of each of its keys. */
const upsert: Read<Change> = (node, mode) => {
  buffered(node, mode);
  const keys = node.kind === 'object' ? node.members.map(({ key }) => key) : [];
  if (keys.includes('batch')) {
    const read = pointsBatch(node, 'value');
    return upsertOf(pointsOfColumns(read.batch), read);
  }
  if (!keys.includes('points')) throw new Malformed('Invalid PointInsertOperations format');
  const read = pointsList(node, 'value');
  return upsertOf(read.points, read);
};

function upsertOf(
  points: readonly NewPoint[],
  read: {
    readonly update_filter: Condition | undefined;
    readonly update_mode: 'upsert' | 'insert_only' | 'update_only' | undefined;
  },
): Change {
  return { kind: 'upsert', points, mode: read.update_mode ?? 'upsert', only: read.update_filter };
}

function pointsOfColumns({ ids, vectors, payloads }: ReturnType<typeof columns>): NewPoint[] {
  const named = vectors.length === ids.length || vectors.length === 0;
  if (!named || (payloads && payloads.length !== ids.length)) {
    throw new Failure('invalid', 'Validation error in JSON body: [batch: number of ids differs]');
  }
  return ids.map((id, at) => ({
    id,
    vectors: vectors[at] ?? new Map(),
    payload: payloads?.[at] ?? new Map(),
  }));
}

const selector: Read<Selection> = firstOf<Selection>(
  'data did not match any variant of untagged enum PointsSelector',
  mapped(
    struct('PointIdsList', { points: field.required(list(pointId)), ...sharded }),
    ({ points }) => ({ ids: points }),
  ),
  struct('FilterSelector', { filter: field.required(filter), ...sharded }),
);

const selecting = {
  points: field.optional(list(pointId)),
  filter: field.optional(filter),
};

/** Ids where there are any, else the filter. */
function selectionOf(read: {
  readonly points: readonly PointId[] | undefined;
  readonly filter: Condition | undefined;
}): Selection {
  if (read.points) return { ids: read.points };
  if (read.filter) return { filter: read.filter };
  throw new Malformed('Either list of point ids or `filter` must be provided');
}

function setPayload(kind: 'set_payload' | 'overwrite_payload'): Read<Change> {
  const read = struct('SetPayload', {
    payload: field.required(payload),
    ...selecting,
    ...sharded,
    key: field.optional(scalars.string),
  });
  return mapped(read, (found) => {
    return { kind, points: selectionOf(found), payload: found.payload, key: found.key };
  });
}

const pointVector = struct('PointVectors', {
  id: field.required(pointId),
  vector: field.required(pointVectors, 'vectors'),
});

/** The bodies of requests that change points. */
export const changeRequests = {
  upsert,
  delete: mapped(selector, (points): Change => ({ kind: 'delete', points })),
  set_payload: setPayload('set_payload'),
  overwrite_payload: setPayload('overwrite_payload'),
  delete_payload: mapped(
    struct('DeletePayload', {
      keys: field.required(list(scalars.string)),
      ...selecting,
      ...sharded,
    }),
    (read): Change => ({ kind: 'delete_payload', points: selectionOf(read), keys: read.keys }),
  ),
  clear_payload: mapped(selector, (points): Change => ({ kind: 'clear_payload', points })),
  update_vectors: mapped(
    struct('UpdateVectors', {
      points: field.required(list(pointVector)),
      ...sharded,
      update_filter: field.spare(filter),
    }),
    ({ points, update_filter }): Change => ({
      kind: 'update_vectors',
      points: points.map(({ id, vector }) => ({ id, vectors: vector })),
      only: update_filter,
    }),
  ),
  delete_vectors: mapped(
    struct('DeleteVectors', {
      ...selecting,
      vector: field.required(list(scalars.string), 'vectors'),
      ...sharded,
    }),
    (read): Change => ({ kind: 'delete_vectors', points: selectionOf(read), names: read.vector }),
  ),
} satisfies Readonly<Record<Change['kind'], Read<Change>>>;

/** Reads a batch of changes. */
export const changeBatch: Read<readonly Change[]> = mapped(
  struct('UpdateOperations', {
    operations: field.required(
      list(
        firstOf<Change>(
          'data did not match any variant of untagged enum UpdateOperation',
          ...Object.entries(changeRequests).map(([name, read]) =>
            mapped(
              struct<Record<string, ReturnType<typeof field.required<Change>>>>(name, {
                [name]: field.required<Change>(read),
              }),
              (found) => found[name] as Change,
            ),
          ),
        ),
      ),
    ),
  }),
  ({ operations }) => operations,
);

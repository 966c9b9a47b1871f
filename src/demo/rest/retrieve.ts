import { list, type Read, scalars } from '../json/read.ts';
import { field } from '../json/struct.ts';
import type { Condition } from '../store/filter.ts';
import type { MatrixQuery } from '../store/matrix.ts';
import type { PointId } from '../store/point.ts';
import type { Shown } from '../store/query.ts';
import type { ScrollQuery } from '../store/scroll.ts';
import { filter } from './filter.ts';
import { atLeastOne, flatStruct, withPayload, withVector } from './query.ts';
import { orderBy } from './ranking.ts';
import { pointId } from './values.ts';

const shownFields = {
  with_payload: field.optional(withPayload),
  with_vector: field.defaulted(withVector, false, 'with_vectors'),
};

/** Reads which points to get; their payload is shown unless that was asked against. */
export const pointRequest: Read<{ readonly ids: readonly PointId[]; readonly shown: Shown }> =
  flatStruct('PointRequest', { ids: field.required(list(pointId)), ...shownFields }, (read) => ({
    ids: read.ids,
    shown: { payload: read.with_payload ?? true, vectors: read.with_vector },
  }));

/** Reads which page of a collection to show. */
export const scrollRequest: Read<{ readonly page: ScrollQuery; readonly shown: Shown }> =
  flatStruct(
    'ScrollRequest',
    {
      offset: field.optional(pointId),
      limit: field.optional(scalars.size),
      filter: field.optional(filter),
      order_by: field.optional(orderBy),
      ...shownFields,
    },
    (read) => ({
      page: {
        offset: read.offset,
        limit: atLeastOne(read.limit, 'scroll_request.limit'),
        filter: read.filter,
        orderBy: read.order_by,
      },
      shown: { payload: read.with_payload ?? true, vectors: read.with_vector },
    }),
  );

/** Reads which points to count. */
export const countRequest: Read<{ readonly filter: Condition | undefined }> = flatStruct(
  'CountRequest',
  { filter: field.optional(filter), exact: field.defaulted(scalars.boolean, true) },
  (read) => ({ filter: read.filter }),
);

/** Reads which values to count. */
export const facetRequest: Read<{
  readonly key: string;
  readonly filter: Condition | undefined;
  readonly limit: number;
}> = flatStruct(
  'FacetRequest',
  {
    key: field.required(scalars.string),
    limit: field.optional(scalars.size),
    filter: field.optional(filter),
    exact: field.optional(scalars.boolean),
  },
  ({ key, limit, filter }) => ({ key, filter, limit: atLeastOne(limit, 'facet_request.limit') }),
);

/** Reads which points to compare with each other. */
export const matrixRequest: Read<MatrixQuery> = flatStruct(
  'SearchMatrixRequest',
  {
    filter: field.optional(filter),
    sample: field.optional(scalars.size),
    limit: field.optional(scalars.size),
    using: field.optional(scalars.string),
  },
  ({ filter, sample, limit, using }) => ({
    filter,
    sample: sample ?? 10,
    limit: atLeastOne(limit, 'search_request.limit', 3),
    using: using ?? '',
  }),
);

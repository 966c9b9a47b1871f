import { list, type Read, scalars } from '../json/read.ts';
import { field } from '../json/struct.ts';
import type { PointId } from '../store/point.ts';
import type { Shown } from '../store/query.ts';
import type { ScrollQuery } from '../store/scroll.ts';
import { filter } from './filter.ts';
import { flatStruct } from './flat.ts';
import { atLeastOne } from './limit.ts';
import { orderBy } from './ranking.ts';
import { selectors } from './shown-fields.ts';
import { pointId } from './values.ts';

const shownFields = {
  with_payload: field.optional(selectors.payload),
  with_vector: field.defaulted(selectors.vector, false, 'with_vectors'),
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

import { type Read, scalars } from '../json/read.ts';
import { field } from '../json/struct.ts';
import type { MatrixQuery } from '../store/matrix.ts';
import { filter } from './filter.ts';
import { flatStruct } from './flat.ts';
import { atLeastOne } from './limit.ts';

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

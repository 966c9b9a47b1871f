import { type Read, scalars } from '../json/read.ts';
import { field } from '../json/struct.ts';
import type { Condition } from '../store/filter.ts';
import { filter } from './filter.ts';
import { flatStruct } from './flat.ts';
import { atLeastOne } from './limit.ts';

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

import { mapped } from '../json/alternatives.ts';
import { type Read, scalars } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import type { LookupFrom } from '../store/query.ts';

/** Reads where examples are looked up. */
export const lookupFrom: Read<LookupFrom> = mapped(
  struct('LookupLocation', {
    collection: field.required(scalars.string),
    vector: field.spare(scalars.string),
    shard_key: field.spare(scalars.ignored),
  }),
  ({ collection, vector }) => ({ collection, vector }),
);

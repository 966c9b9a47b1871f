import { firstOf, mapped } from '../json/alternatives.ts';
import { type Read, scalars } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import type { FieldIndex } from '../store/collection.ts';
import type { NewVector } from '../store/collections.ts';
import { dense } from './dense.ts';
import { payload } from './values.ts';

/** Reads which payload index to make. */
export const indexRequest: Read<{ readonly key: string; readonly index: FieldIndex }> = mapped(
  struct('CreateFieldIndex', {
    field_name: field.required(scalars.string),
    field_schema: field.optional(
      firstOf<FieldIndex>(
        'data did not match any variant of untagged enum PayloadFieldSchema',
        mapped(scalars.string, (type) => ({ type, params: undefined })),
        mapped(payload, (params) => ({ type: String(params.get('type')), params })),
      ),
      'field_type',
    ),
  }),
  ({ field_name, field_schema }) => ({
    key: field_name,
    index: field_schema ?? { type: 'keyword', params: undefined },
  }),
);

/** Reads what vectors a new name is for. */
export const vectorNameRequest: Read<NewVector> = firstOf<NewVector>(
  'data did not match any variant of untagged enum VectorNameConfig',
  struct('DenseVectorNameConfig', { dense: field.required(dense) }),
  struct('SparseVectorNameConfig', { sparse: field.required(payload) }),
);

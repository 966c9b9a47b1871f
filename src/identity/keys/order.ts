import { z } from 'zod';
import { labelsSchema, word } from '../word.ts';
import { isAddressBlock } from './sources.ts';

const most = 64;

const source = z
  .string('no address block; write it as 10.0.0.0/8')
  .refine(isAddressBlock, 'no address block; write it as 10.0.0.0/8 or fd00::/8');

/** What somebody may say about a key that is to be made, as JSON; times in ISO 8601. */
export const keyOrderSchema = z.strictObject({
  name: word('the name'),
  roles: z
    .array(word('a role'), 'roles are missing; list at least one')
    .min(1, 'no role; list at least one')
    .max(most, `more than ${most} roles; list fewer`),
  upstream: word('the upstream').nullish(),
  expires: z.iso
    .datetime({ offset: true, error: 'no point in time; write it as 2027-01-31T00:00:00Z' })
    .nullish(),
  sources: z.array(source).max(most, `more than ${most} blocks; list fewer`).optional(),
  labels: labelsSchema.optional(),
});

/** Such an order, as it was read. */
export type WrittenKeyOrder = z.output<typeof keyOrderSchema>;

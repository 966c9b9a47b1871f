import { z } from 'zod';

const keys = z.strictObject(
  {
    store: z
      .enum(['file', 'redis'], 'no such store; use file')
      .refine((store) => store === 'file', 'keys in Redis are not built yet; use store: file')
      .transform(() => 'file' as const),
    path: z
      .string('the key file is missing; set path, for example keys.yaml')
      .min(1, 'the key file is empty; set path, for example keys.yaml'),
  },
  'keys are missing; add keys: { store: file, path: keys.yaml }',
);

/** The `identity:` section: which credentials count. */
export const identitySection = z.strictObject(
  {
    keys,
    combine: z
      .enum(['refuse', 'both', 'transport'], 'no such choice; use transport')
      .refine(
        (combine) => combine === 'transport',
        'certificates are not identities yet, so nothing can be combined; use transport',
      )
      .transform(() => 'transport' as const)
      .default('transport'),
    tokens: z.never('tokens are not built yet; remove tokens and use keys').optional(),
    certificates: z
      .never('certificates are not identities yet; remove certificates and use keys')
      .optional(),
  },
  'identity is missing; add identity: with keys: { store: file, path: keys.yaml }',
);

/** The `identity:` section as it is in force. */
export type IdentitySection = Readonly<z.output<typeof identitySection>>;

import { z } from 'zod';
import { certificateRules } from './certificate-config.ts';
import { tokensSection } from './token-config.ts';

export { certificateMatch } from './certificate-config.ts';
export { isWeakSecret } from './token-config.ts';

const pathMissing = 'the key file is missing; set path, for example keys.yaml';

const keys = z
  .strictObject(
    {
      store: z.enum(['file', 'redis'], 'no such store; use file or redis'),
      path: z
        .string(pathMissing)
        .min(1, 'the key file is empty; set path, for example keys.yaml')
        .optional(),
    },
    'keys are missing; add keys: { store: file, path: keys.yaml }',
  )
  .transform(({ store, path }, context) => {
    if (store === 'redis' && path === undefined) return { store, path: null };
    if (store === 'file' && path !== undefined) return { store, path };
    const message =
      store === 'file'
        ? pathMissing
        : 'keys in a store have no file; remove path, or use store: file';
    context.addIssue({ code: 'custom', path: ['path'], message });
    return z.NEVER;
  });

const written = z.strictObject(
  {
    keys,
    combine: z
      .enum(['refuse', 'both', 'transport'], 'no such choice; use refuse, both or transport')
      .optional(),
    tokens: tokensSection.default([]),
    certificates: certificateRules.optional(),
  },
  'identity is missing; add identity: with keys: { store: file, path: keys.yaml }',
);

/** The `identity:` section: which credentials count. */
export const identitySection = written.transform(({ certificates, combine, ...section }) => ({
  ...section,
  certificates: certificates ?? [],
  /** Rights never add up by accident: where certificates are somebody, a second credential is a
   * rival unless something else is said. */
  combine: combine ?? (certificates ? ('refuse' as const) : ('transport' as const)),
}));

import { z } from 'zod';
import { checkpointsSection } from './checkpoints-config.ts';
import { duration, size } from './units.ts';

const durability = z.enum(['written', 'synced'], {
  error: 'no such durability; Use `written` or `synced`',
});

const unavailable = z.enum(['refuse', 'forward'], {
  error: 'no such answer to an audit log that cannot be written; Use `refuse` or `forward`',
});

/** The `audit:` section of vectorgate.yaml. */
export const auditSection = z
  .strictObject({
    directory: z
      .string({ error: 'the audit directory is not a path; Name a directory of its own' })
      .min(1, { error: 'the audit directory is empty; Name a directory of its own' })
      .default('audit/'),
    durability: z
      .strictObject(
        {
          read: durability.default('written'),
          write: durability.default('synced'),
        },
        { error: notBoth('durability') },
      )
      .prefault({}),
    unavailable: z
      .strictObject(
        {
          read: unavailable.default('refuse'),
          write: unavailable.default('refuse'),
        },
        { error: notBoth('unavailable') },
      )
      .prefault({}),
    /** How many of the credentials that count are recorded as such; those that do not always
     * are. */
    authentication: z
      .strictObject({
        success: z
          .number({ error: 'is no share; Write a number from 0 to 1, as 0.01' })
          .min(0, { error: 'is no share; Write a number from 0 to 1, as 0.01' })
          .max(1, { error: 'is no share; Write a number from 0 to 1, as 0.01' })
          .default(0),
      })
      .prefault({}),
    trustParent: z
      .array(
        z.string().regex(/^[0-9a-fA-F.:]{2,45}(\/\d{1,3})?$/, {
          error: 'is no address block; Write it as 10.0.0.0/8 or 10.0.0.7',
        }),
        { error: 'is no list of address blocks; Write it as [10.0.0.0/8]' },
      )
      .readonly()
      .default([]),
    checkpoints: checkpointsSection.optional(),
    budget: size.optional(),
    compress: z.boolean().default(true),
    retention: z
      .strictObject({
        age: duration.optional(),
        size: size.optional(),
        shippedOnly: z.boolean().default(false),
      })
      .prefault({}),
  })
  .prefault({});

/** What `audit:` says, with its defaults. */
export type AuditConfig = z.infer<typeof auditSection>;

/** `written`: in the kernel before forwarding; `synced`: on the disk before forwarding. */
export type Durability = AuditConfig['durability']['read'];

/** Unknown keys keep their own message. */
function notBoth(key: string) {
  return ({ code }: { readonly code: string }) =>
    code === 'unrecognized_keys'
      ? undefined
      : `${key} takes a value for each class; Write ${key}: { read: …, write: … }`;
}

import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { adminSection, healthSection } from '../admin/config.ts';
import { auditSection } from '../audit/config.ts';
import { identitySection } from '../identity/config.ts';
import { limitsSection } from '../limits/config.ts';
import { upstreams } from '../proxy/config.ts';
import { storeSection } from '../store/config.ts';
import { tlsSection } from '../tls/config.ts';
import { secretsSection } from './stores/section.ts';

const mostWorkers = 256;

/** How many processes serve: a number, or as many as the machine runs at once. */
const workers = z
  .union([z.literal('auto'), z.int().min(1).max(mostWorkers)], {
    error: `is no number of processes; Write 1 to ${mostWorkers}, or auto`,
  })
  .default(1)
  .transform((count) => (count === 'auto' ? availableParallelism() : count));

/** vectorgate.yaml: the sum of each folder's section. */
export const configSchema = z.strictObject({
  version: z.literal(1, 'is a version this gateway does not read; write version: 1'),
  workers,
  upstreams,
  tls: tlsSection,
  identity: identitySection,
  store: storeSection.optional(),
  limits: limitsSection,
  audit: auditSection,
  admin: adminSection.optional(),
  health: healthSection.optional(),
  secrets: secretsSection.optional(),
});

/** The whole configuration, frozen, with its defaults; every path absolute. */
export type Config = Frozen<z.output<typeof configSchema>>;

/** The sections of a file that are good by themselves. */
export type Sections = Partial<Config>;

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/** Freezes a configuration through and through. */
export function freeze<T>(value: T): Frozen<T> {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
  return value as Frozen<T>;
}

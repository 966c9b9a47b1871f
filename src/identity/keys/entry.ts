import { z } from 'zod';
import { labelsSchema, word } from '../word.ts';
import { isAddressBlock } from './sources.ts';

/** One entry of `keys.yaml`: everything about a key but the key. Times in milliseconds since
 * 1970. */
export interface KeyEntry {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  /** The only upstream it is valid at; null: all. */
  readonly upstream: string | null;
  /** SHA-256 of the key, in hex. */
  readonly hash: string;
  readonly created: number | null;
  readonly expires: number | null;
  /** From when on it is refused. */
  readonly revoked: number | null;
  /** Address blocks it may be used from; empty: everywhere. */
  readonly sources: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** The id of the key that it takes over from (`keys rotate`); null: it was made anew. */
  readonly replaces: string | null;
  /** Whether others made the key (`keys import`). */
  readonly imported: boolean;
  /** The user of the machine whose command made the entry, and whose revoked it: as true as the
   * file; left out where it was another way. */
  readonly createdBy?: string | undefined;
  readonly revokedBy?: string | undefined;
}

const id = z
  .string('the id is missing; let vectorgate keys hash make the entry')
  .regex(/^[0-9A-Za-z]{1,32}$/, 'no id; use 1 to 32 letters and digits');
const time = z.iso
  .datetime({ offset: true, error: 'no point in time; write it as 2026-11-22T15:04:05Z' })
  .transform((text) => Date.parse(text))
  .nullish()
  .transform((time) => time ?? null);
const source = z
  .string('no address block; write it as 10.0.0.0/8')
  .refine(isAddressBlock, 'no address block; write it as 10.0.0.0/8 or fd00::/8');

/** What `keys.yaml` holds. */
export const keyFileSchema = z.strictObject(
  {
    keys: z.array(
      z.strictObject({
        id,
        name: word('the name'),
        roles: z
          .array(word('a role'), 'roles are missing; list at least one')
          .min(1, 'no role; list at least one, or the key can do nothing'),
        upstream: word('the upstream')
          .nullish()
          .transform((name) => name ?? null),
        hash: z
          .string('the hash is missing; vectorgate keys hash prints it')
          .regex(/^sha256:[0-9a-f]{64}$/, 'no hash; write sha256: and 64 hex digits in lower case')
          .transform((text) => text.slice(7)),
        created: time,
        expires: time,
        revoked: time,
        sources: z.array(source, 'no list; write [10.0.0.0/8]').default([]),
        labels: labelsSchema.default({}),
        replaces: id.nullish().transform((before) => before ?? null),
        imported: z.boolean('neither true nor false; write true, or remove it').default(false),
        createdBy: word('the user').optional(),
        revokedBy: word('the user').optional(),
      }),
      'no list; write keys: and one "- id: …" for each key',
    ),
  },
  'no list of keys; write keys: and one "- id: …" for each key',
);

/** An entry as `keys.yaml` spells it, without what says nothing. */
export function entryRecord(entry: KeyEntry): Record<string, unknown> {
  const time = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  const all = {
    id: entry.id,
    name: entry.name,
    roles: entry.roles,
    upstream: entry.upstream,
    hash: `sha256:${entry.hash}`,
    created: time(entry.created),
    expires: time(entry.expires),
    revoked: time(entry.revoked),
    sources: entry.sources.length > 0 ? entry.sources : null,
    labels: Object.keys(entry.labels).length > 0 ? entry.labels : null,
    replaces: entry.replaces,
    imported: entry.imported ? true : null,
    createdBy: entry.createdBy ?? null,
    revokedBy: entry.revokedBy ?? null,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

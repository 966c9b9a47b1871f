import { hostname } from 'node:os';
import { z } from 'zod';

const msIn = { s: 1000, m: 60_000, h: 3_600_000 };

const pemStart = '-----BEGIN';
/** What every Ed25519 private key begins with in PEM: taken for a path, it would be told. */
const keyWithin = /-----BEGIN|MC4CAQAwBQYDK2Vw/;

const key = z
  .string({ error: 'the key is missing; Name a PEM file of an Ed25519 private key' })
  .min(1, { error: 'the key is empty; Name a PEM file of an Ed25519 private key' })
  .refine((text) => text.startsWith(pemStart) || !keyWithin.test(text), {
    error:
      'is a key, and not from its BEGIN line on; Name its PEM file, or give the PEM text whole',
  })
  .transform((text) => (text.startsWith(pemStart) ? { pem: text } : text));

const every = z
  .string({ error: 'is no time; Write it as 30s, 5m or 1h' })
  .transform((text, context): number => {
    const [, digits, unit] = /^([1-9]\d{0,4})([smh])$/.exec(text) ?? [];
    if (unit !== undefined) return Number(digits) * msIn[unit as keyof typeof msIn];
    context.addIssue('is no time; Write it as 30s, 5m or 1h');
    return z.NEVER;
  });

/** A signed note's key name has no spaces and no plus (c2sp.org/signed-note). */
const origin = z.string().regex(/^[\w.:/-]{1,200}$/, {
  error: 'is no name of a log; Use letters, digits and . _ : / - as in gw-1.example.com/audit',
});

/** `audit.checkpoints`: who signs the log, how often, and where that is kept besides. */
export const checkpointsSection = z
  .strictObject({
    key,
    previousKey: key.optional(),
    origin: origin.optional(),
    every: every.prefault('60s'),
    copy: z.string().min(1, { error: 'is empty; Name a file, or an http(s) URL' }).optional(),
    copyToken: z.string().min(1, { error: 'is empty; Leave it out' }).optional(),
  })
  .superRefine(agreeOnCopy)
  .transform(({ copy, copyToken, origin = ownName(), ...section }) => ({
    ...section,
    origin,
    ...target(copy, copyToken),
  }));

/** What `audit.checkpoints` says, with its defaults; `every` in milliseconds. */
export type CheckpointsConfig = Readonly<z.output<typeof checkpointsSection>>;

function ownName(): string {
  return hostname().replace(/[^\w.:/-]/g, '-');
}

/** A URL is no path, so that it is not resolved as one. */
function target(copy: string | undefined, token: string | undefined) {
  if (copy === undefined) return {};
  return { copy: isUrl(copy) ? { url: copy, token: token ?? null } : copy };
}

function isUrl(copy: string): boolean {
  return /^https?:\/\//.test(copy);
}

function agreeOnCopy(
  { copy = '', copyToken }: { copy?: string | undefined; copyToken?: string | undefined },
  context: z.core.$RefinementCtx,
): void {
  const tell = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (isUrl(copy) && !URL.canParse(copy)) tell('copy', 'is no URL; Correct it');
  const safe = /^(https:\/\/|http:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])[:/])/.test(copy);
  if (copyToken !== undefined && !safe) {
    tell('copyToken', 'would cross the network in the clear; Use https:// in copy');
  }
}

import { z } from 'zod';
import { certificateMatch } from '../identity/config.ts';
import { address, isLoopback } from '../proxy/config.ts';
import { tlsSection } from '../tls/config.ts';

const shortestToken = 16;

const token = z
  .string()
  .regex(/^[\x21-\x7e]*$/, 'holds characters that a header does not carry; use letters and digits')
  .min(
    shortestToken,
    `is shorter than ${shortestToken} characters; make one with openssl rand -hex 32`,
  );

const role = z.enum(
  ['viewer', 'key-manager', 'operator'],
  'is no role of an administrator; use viewer, key-manager or operator',
);

const ofIssuer = z
  .strictObject({
    issuer: z.string('names no issuer; give the name of an entry of identity.tokens'),
    subject: z.string().min(1, 'is empty; give the sub of the tokens').optional(),
    role: z.string().min(1, 'is empty; give a role as the tokens have it').optional(),
  })
  .refine(({ subject, role: held }) => (subject === undefined) !== (held === undefined), {
    message: 'names nobody, or somebody twice; write either subject or role',
  });

const administrator = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][\w.@-]{0,63}$/, 'is no name; use letters, digits, . _ @ and -'),
    roles: z.array(role).min(1, 'no role; use viewer, key-manager or operator'),
    /** SHA-256 of a token that `vectorgate admin token` made. */
    token: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/, 'is no hash; vectorgate admin token prints it')
      .optional(),
    /** The secret of one-time codes, in base 32 (RFC 6238). */
    totp: z
      .string()
      .regex(/^[A-Z2-7]{32,128}=*$/, 'is no secret in base 32; vectorgate admin token prints one')
      .optional(),
    certificate: certificateMatch.optional(),
    oidc: ofIssuer.optional(),
  })
  .superRefine(checkProof);

const written = z
  .strictObject({
    listen: address.prefault('127.0.0.1:9633'),
    token: token.optional(),
    tokenFile: z.string().min(1, 'names no file; write the path of one').optional(),
    administrators: z.array(administrator).optional(),
    /** How long ago at most whoever changes keys has proved who they are. */
    stepUpMinutes: z.int().min(1).max(60).default(5),
    tls: tlsSection.optional(),
  })
  .superRefine(checkAdmin);

/** The `admin:` section: where operators ask and act; no port where it is left out. */
export const adminSection = written.transform(({ administrators, tls, ...section }) => ({
  ...section,
  administrators: administrators ?? [],
  tls: tls ?? null,
  /** Clear text never leaves this machine. */
  secured: tls !== undefined || !isLoopback(section.listen.host),
}));

/** The `health:` section: where probes and scrapers ask; no port where it is left out. */
export const healthSection = z.strictObject({
  listen: address.prefault('0.0.0.0:9634'),
  /** Opens `/metrics` for whoever presents it. */
  metricsToken: token.optional(),
});

/** What `admin:` says, with its defaults. */
export type AdminConfig = Deep<z.infer<typeof adminSection>>;

/** What `health:` says, with its defaults. */
export type HealthConfig = z.infer<typeof healthSection>;

type Deep<T> = T extends object ? { readonly [K in keyof T]: Deep<T[K]> } : T;

interface Proof {
  readonly roles: readonly string[];
  readonly token?: string | undefined;
  readonly totp?: string | undefined;
  readonly certificate?: object | undefined;
  readonly oidc?: object | undefined;
}

function checkProof(entry: Proof, context: z.core.$RefinementCtx): void {
  const { token: hash, certificate, oidc, totp, roles } = entry;
  const issue = (path: string[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  const ways = [hash, certificate, oidc].filter((way) => way !== undefined).length;
  if (ways !== 1) issue([], 'is known by one thing; write exactly one of token, certificate, oidc');
  if (totp !== undefined && hash === undefined)
    issue(['totp'], 'goes with a token only; remove it');
  if (hash !== undefined && totp === undefined && roles.includes('key-manager')) {
    issue(
      ['token'],
      'alone changes no keys, as it tells nothing about when it was shown; ' +
        'add totp, or know this administrator by certificate or oidc',
    );
  }
}

interface Entries {
  readonly token?: unknown;
  readonly tokenFile?: unknown;
  readonly administrators?: readonly (Proof & { readonly name: string })[] | undefined;
}

function checkAdmin(section: Entries, context: z.core.$RefinementCtx): void {
  const { token: shared, tokenFile, administrators = [] } = section;
  const issue = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  if (shared !== undefined && tokenFile !== undefined) {
    issue(['tokenFile'], 'stands beside token; write one of the two');
  }
  if (shared === undefined && tokenFile === undefined && administrators.length === 0) {
    issue([], 'lets nobody in; add administrators, token or tokenFile');
  }
  for (const [index, { name, token: hash }] of administrators.entries()) {
    const earlier = administrators.slice(0, index);
    const at = ['administrators', index];
    if (earlier.some((other) => other.name === name)) {
      issue([...at, 'name'], 'is the name of another administrator; give each their own');
    }
    if (hash !== undefined && earlier.some((other) => other.token === hash)) {
      issue([...at, 'token'], 'is the token of another administrator; give each their own');
    }
  }
}

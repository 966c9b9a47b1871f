import { z } from 'zod';
import { signatureAlgorithms } from './jwks.ts';

const shortestSecret = 32;

const word = (what: string) =>
  z
    .string(`${what} is missing; give it as text`)
    .regex(/^[^\s\p{C}][^\p{C}]{0,254}$/u, `${what} is no plain text; use printable characters`);

const issuerName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'no name of an issuer; use a-z, 0-9, . and -, at most 63')
  .optional();

const step = z.string().min(1, 'a step of the path is empty; write it as realm_access.roles');

/** `realm_access.roles`, or its steps as a list where one has a dot in it. */
const claimPath = z
  .union(
    [z.string(), z.array(z.string())],
    'no path to a claim; write it as realm_access.roles, or its steps as a list',
  )
  .transform((path) => (typeof path === 'string' ? path.split('.') : path))
  .pipe(z.array(step).min(1, 'the path to the claim is empty; write it as realm_access.roles'));

const words = (what: string) =>
  z
    .union([word(what), z.array(word(what)).min(1, `${what} is missing; name at least one`)], {
      error: `${what} is missing; give it as text, or as a list`,
    })
    .transform((one) => (typeof one === 'string' ? [one] : one));

const skewSeconds = z
  .int('no number of seconds; write one from 0 to 30')
  .min(0, 'no number of seconds; write one from 0 to 30')
  .max(30, 'a clock that is off by more lets ended tokens in; write 0 to 30')
  .default(5);

const common = {
  /** Stands before the subject in the ids of its bearers. */
  name: issuerName,
  /** Valid only there; else at every upstream. */
  upstream: word('the upstream').optional(),
  skewSeconds,
};

const algorithm = z.enum(Object.keys(signatureAlgorithms) as (keyof typeof signatureAlgorithms)[], {
  error: ({ input }) =>
    /^(HS\d+|none)$/i.test(String(input))
      ? 'an algorithm that needs no private key of the issuer; use RS256, ES256 or EdDSA'
      : 'no such algorithm; use RS, PS or ES with 256, 384 or 512, or EdDSA',
});

const jwks = z
  .string('the keys of the issuer are missing; give an https:// address or a file')
  .min(1, 'the keys of the issuer are missing; give an https:// address or a file')
  .refine((text) => !text.includes('://') || isHttps(text), {
    message: 'keys from there could be forged on their way; use an https:// address or a file',
  });

const oidc = z
  .strictObject({
    kind: z.literal('oidc'),
    issuer: word('the issuer'),
    jwks,
    ca: z.string().min(1, 'the path is empty; name a PEM file').optional(),
    audience: words('the audience'),
    algorithms: z
      .array(algorithm, 'no list; write algorithms: [RS256, ES256]')
      .min(1, 'no algorithm is allowed; write algorithms: [RS256, ES256]'),
    typ: words('the typ').optional(),
    principal: claimPath.optional(),
    roles: claimPath.optional(),
    claims: z.record(z.string(), claimPath, 'no claims; write { tenant: tenant_id }').optional(),
    requireBound: z.boolean().default(false),
    /** Its tokens count at the admin port, and nowhere else. */
    admin: z.boolean().default(false),
    refreshSeconds: z.int().min(10).max(86_400).default(300),
    trustSeconds: z.int().min(60).max(2_592_000).default(86_400),
    ...common,
  })
  .transform(({ name, typ, claims, ...rest }) => ({
    ...rest,
    name: name ?? hostOf(rest.issuer),
    typ: (typ ?? ['at+jwt', 'jwt']).map((each) => each.toLowerCase()),
    claims: claims ?? {},
  }));

const secret = z
  .string('the secret is missing; refer to a file or a variable that holds it')
  .min(1, 'the secret is empty; refer to a file or a variable that holds it');

const qdrant = z
  .strictObject({
    kind: z.literal('qdrant'),
    secret,
    secondSecret: secret.optional(),
    allowWeakSecret: z.boolean().default(false),
    ...common,
  })
  .superRefine(checkSecrets)
  .transform(({ name, ...rest }) => ({ ...rest, name: name ?? 'qdrant' }));

/** The `tokens:` list of the `identity:` section: whose access tokens count. */
export const tokensSection = z
  .array(
    z.discriminatedUnion('kind', [oidc, qdrant], 'no such kind of token; use oidc or qdrant'),
    'no list; write tokens: and one "- kind: …" for each issuer',
  )
  .min(1, 'no issuer; write one "- kind: …", or remove tokens')
  .superRefine(checkRivals);

/** Whether a secret of HS256 has fewer bits than its hash, so that it might be guessed (RFC 7518,
 * section 3.2). */
export function isWeakSecret(secret: string): boolean {
  return Buffer.byteLength(secret) < shortestSecret;
}

/** One entry of `tokens:` that describes an OpenID Connect issuer. */
export type OidcConfig = Deep<z.output<typeof oidc>>;

/** One entry of `tokens:` that describes who signs Qdrant's own access tokens. */
export type QdrantTokenConfig = Deep<z.output<typeof qdrant>>;

type Deep<T> = T extends object ? { readonly [K in keyof T]: Deep<T[K]> } : T;

function isHttps(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:' && new URL(text).username === '';
}

/** What an issuer is called that was given no name. */
function hostOf(issuer: string): string {
  if (URL.canParse(issuer)) return new URL(issuer).hostname || 'oidc';
  return 'oidc';
}

interface Secrets {
  readonly secret: string;
  readonly secondSecret?: string | undefined;
  readonly allowWeakSecret: boolean;
}

function checkSecrets(section: Secrets, context: z.core.$RefinementCtx): void {
  const issue = (key: 'secret' | 'secondSecret', message: string) =>
    context.addIssue({ code: 'custom', path: [key], message });
  for (const key of ['secret', 'secondSecret'] as const) {
    const value = section[key];
    if (value === undefined || section.allowWeakSecret || !isWeakSecret(value)) continue;
    issue(
      key,
      'is shorter than 256 bits, so that whoever has a token could guess it; ' +
        'make one with openssl rand -hex 32, or set allowWeakSecret: true',
    );
  }
  if (section.secret !== section.secondSecret) return;
  issue('secondSecret', 'is the first secret again; remove it, or write the old one');
}

interface Entry {
  readonly kind: 'oidc' | 'qdrant';
  readonly name: string;
  readonly upstream?: string | undefined;
  readonly issuer?: string;
  readonly audience?: readonly string[];
  readonly admin?: boolean;
}

/** Of two entries that claim one token, it would be chance which is asked. */
function checkRivals(entries: readonly Entry[], context: z.core.$RefinementCtx): void {
  for (const [index, entry] of entries.entries()) {
    const earlier = entries.slice(0, index);
    const issue = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [index, key], message });
    if (earlier.some(({ name }) => name === entry.name)) {
      issue('name', 'two issuers have this name; give each its own');
    }
    const shared = earlier.some(
      ({ issuer, admin, audience }) =>
        entry.kind === 'oidc' &&
        issuer === entry.issuer &&
        admin !== entry.admin &&
        audience?.some((word) => entry.audience?.includes(word)),
    );
    if (shared) {
      const remedy = 'ask the issuer for an audience of their own';
      issue(
        'audience',
        `the tokens of administrators and callers could not be told apart; ${remedy}`,
      );
    }
    const rival = earlier.find(
      (other) =>
        other.kind === entry.kind &&
        other.issuer === entry.issuer &&
        other.admin === entry.admin &&
        (!other.upstream || !entry.upstream || other.upstream === entry.upstream),
    );
    if (!rival) continue;
    if (entry.kind === 'oidc') issue('issuer', 'stands here twice; name each issuer once');
    else issue('kind', 'stands here twice for one upstream; use secondSecret for the other');
  }
}

import { type ClaimPath, textsAt, timeAt, wordAt } from './claims.ts';
import type { Compact } from './compact.ts';
import { notValid } from './credential.ts';
import type { Identity } from './identity.ts';
import type { KeySet } from './jwks.ts';
import { boundCertificate } from './token-binding.ts';
import type { OidcConfig } from './token-config.ts';
import type { TokenIssuer } from './token-issuer.ts';
import { isSignedBy } from './token-signature.ts';
import { isWord } from './word.ts';

/** The keys of an issuer, and who is told of a token whose key is not among them. */
export interface IssuerKeys {
  /** Null: none are known, or what is known is too old. */
  current(): KeySet | null;
  missed(): void;
}

type Payload = Compact['payload'];

/** Claims that only other kinds of token carry: ID tokens, logout tokens. */
const foreignClaims = ['at_hash', 'c_hash', 's_hash', 'events'];
/** Roles of this prefix are given by the gateway itself. */
const ownRole = /^qdrant:/;

/** An OpenID Connect issuer, whose access tokens (RFC 9068) say who calls. */
export function makeOidcIssuer(config: OidcConfig, keys: IssuerKeys): TokenIssuer {
  const { name, issuer, skewSeconds } = config;
  const skew = skewSeconds * 1000;
  return {
    name,
    issues: ({ header, payload }) => header.alg !== 'HS256' && payload['iss'] === issuer,
    verify: async (token) => {
      checkHeader(config, token);
      const set = keys.current();
      if (!set) throw notValid(`the keys of the issuer ${name} are not known`);
      const key = set.find(token.header);
      if (!key) {
        keys.missed();
        throw notValid(`the issuer ${name} has not exactly one key for this token`);
      }
      if (!(await isSignedBy(token, key))) {
        throw notValid(`the token is not signed by the issuer ${name}`);
      }
      const { payload } = token;
      checkAudience(config, payload);
      const { from, until, expires } = timesOf(payload);
      return {
        identity: identityOf(config, payload, expires),
        from: from - skew,
        until: until + skew,
        certificate: bindingOf(config, payload),
        condition: null,
        trusted: () => keys.current() === set,
      };
    },
  };
}

/** Nothing but what was allowed for this issuer is ever tried (RFC 8725, 3.1 and 3.11). */
function checkHeader({ name, algorithms, typ }: OidcConfig, { header }: Compact): void {
  if (!algorithms.some((allowed) => allowed === header.alg)) {
    throw notValid(`the algorithm of the token is not allowed for the issuer ${name}`);
  }
  const type = header.typ?.toLowerCase().replace(/^application\//, '') ?? 'none';
  if (!typ.includes(type)) throw notValid(`the typ of the token is not one of ${typ.join(', ')}`);
}

function checkAudience({ name, audience }: OidcConfig, payload: Payload): void {
  const { aud } = payload as { aud?: unknown };
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!named.every((each) => typeof each === 'string')) throw notValid('aud is no text');
  if (!audience.some((own) => named.includes(own))) {
    throw notValid(`the token of the issuer ${name} is for another audience`);
  }
  const foreign = foreignClaims.find((claim) => Object.hasOwn(payload, claim));
  if (foreign !== undefined) throw notValid(`${foreign} makes it another kind of token`);
}

function timesOf(payload: Payload) {
  const expires = timeAt(payload, 'exp');
  if (expires === null) throw notValid('the token does not say when it expires');
  const from = Math.max(timeAt(payload, 'nbf') ?? 0, timeAt(payload, 'iat') ?? 0);
  return { from, until: expires, expires };
}

function identityOf(config: OidcConfig, payload: Payload, expires: number): Identity {
  const subject = payload['sub'];
  if (typeof subject !== 'string' || !isWord(subject)) {
    throw notValid('sub is no plain text of 1 to 128 characters');
  }
  const name = config.principal ? wordAt(payload, config.principal) : subject;
  if (name === null) throw notValid('the claim that names the principal is missing');
  return Object.freeze({
    kind: 'token',
    id: `${config.name}:${subject}`,
    name,
    roles: Object.freeze(config.roles ? rolesAt(payload, config.roles) : []),
    claims: claimsOf(config, payload),
    labels: Object.freeze({}),
    expires,
  });
}

/** A list of roles, or one text of several, as `scope` is (RFC 8693, section 4.2). */
function rolesAt(payload: Payload, path: ClaimPath): readonly string[] {
  const texts = textsAt(payload, path).flatMap((text) => text.split(' '));
  const roles = [...new Set(texts)].filter((role) => role !== '' && !ownRole.test(role));
  if (!roles.every(isWord)) throw notValid('a role of the token is no plain text');
  return roles;
}

function claimsOf({ claims }: OidcConfig, payload: Payload): Identity['claims'] {
  const values = Object.entries(claims).map(
    ([name, path]) => [name, Object.freeze(textsAt(payload, path))] as const,
  );
  return Object.freeze(Object.fromEntries(values.filter(([, texts]) => texts.length > 0)));
}

function bindingOf({ requireBound }: OidcConfig, payload: Payload): string | null {
  const certificate = boundCertificate(payload);
  if (requireBound && certificate === null) {
    throw notValid('the token is not bound to a client certificate');
  }
  return certificate;
}

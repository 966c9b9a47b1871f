import { check, readDocument } from '../../../src/document.ts';
import { makeAuthenticator } from '../../../src/identity/authenticator.ts';
import { identitySection } from '../../../src/identity/config.ts';
import type { Identity } from '../../../src/identity/identity.ts';
import { parseKeySet } from '../../../src/identity/jwks.ts';
import { keepKeys } from '../../../src/identity/jwks-refresh.ts';
import { makeKeyring } from '../../../src/identity/keys/keyring.ts';
import { makeOidcIssuer } from '../../../src/identity/oidc.ts';
import { makeQdrantIssuer, secretsOf } from '../../../src/identity/qdrant-token.ts';
import { keepConditions } from '../../../src/identity/token-condition.ts';
import { makeTokenGate } from '../../../src/identity/token-gate.ts';
import type { ValueCondition } from '../../../src/identity/token-issuer.ts';
import { Refusal } from '../../../src/refusal.ts';
import { claimant, readAuthorization } from '../claimant.ts';
import { keySetOf, sealed, signed, signingKey } from './mint.ts';

export const issuer = 'https://idp.example.com/realms/one';
export const secret = 'a secret of Qdrant with at least 32 bytes';
export const secondSecret = 'another secret, which is to replace it soon';

/** The second in which test tokens are shown, and its millisecond: the present, as far as a gateway
 * with a clock of its own can tell. */
export const seconds = Math.floor(Date.now() / 1000);
export const time = seconds * 1000;

/** Keys of the issuer, made once: keys are what takes time. */
export const keys = {
  rsa: signingKey('RS256'),
  ec: signingKey('ES256'),
  ed: signingKey('EdDSA'),
};

export const goodHeader = { alg: 'RS256', typ: 'at+jwt', kid: 'rs256' };

export const goodClaims = {
  iss: issuer,
  aud: 'vectorgate',
  exp: seconds + 60,
  nbf: seconds - 1,
  iat: seconds - 1,
  sub: 'service-7',
  azp: 'rag',
  realm_access: { roles: ['search', 'ingest'] },
  tenants: ['acme', 'beta'],
};

/** A token of the issuer, good but for what is changed; undefined takes a member away. */
export function oidcToken(
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
  key = keys.rsa,
): string {
  const own = { alg: key.alg, kid: key.kid };
  return signed({ ...goodHeader, ...own, ...header }, { ...goodClaims, ...claims }, key);
}

/** A token of Qdrant's own kind, good but for what is changed. */
export function qdrantToken(
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
  signedWith = secret,
): string {
  const payload = { exp: seconds + 60, access: 'r', ...claims };
  return sealed({ alg: 'HS256', typ: 'JWT', ...header }, payload, signedWith);
}

/** Whom the tokens of the scene are of, as a configuration says it. */
export const tokensYaml = `keys: { store: file, path: keys.yaml }
tokens:
  - kind: oidc
    name: idp
    issuer: ${issuer}
    jwks: https://idp.example.com/jwks.json
    audience: vectorgate
    algorithms: [RS256, ES256, EdDSA]
    roles: realm_access.roles
    claims: { tenant: tenants, client: azp, odd: [https://example.com/tenant] }
  - kind: qdrant
    secret: ${secret}
    secondSecret: ${secondSecret}
`;

/** What a test may have otherwise. */
export interface SceneOptions {
  readonly yaml?: string;
  readonly holds?: (condition: ValueCondition) => Promise<boolean>;
}

/** The authenticator of one upstream, at a time of the test's own, with what can be changed. */
export function tokenScene({ yaml = tokensYaml, holds }: SceneOptions = {}) {
  const section = check(readDocument('identity.yaml', yaml), identitySection);
  const clock = { now: time };
  const missed = { count: 0 };
  const kept = keepKeys(3_600_000, () => clock.now);
  kept.onMissed(() => missed.count++);
  kept.confirm(parseKeySet(keySetOf(keys.rsa, keys.ec, keys.ed)));
  const issuers = section.tokens.map((entry) =>
    entry.kind === 'oidc'
      ? makeOidcIssuer(entry, kept)
      : makeQdrantIssuer(entry, () => secretsOf(entry)),
  );
  const now = () => clock.now;
  const ask = holds ?? (() => Promise.resolve(false));
  const tokens = makeTokenGate({ issuers, holds: keepConditions({ ask, now }), now });
  const authenticate = makeAuthenticator({
    ...{ tokens, readAuthorization, upstream: 'main', now },
    keys: makeKeyring([], (credential) => credential.length),
  });
  const show = (token: string, certificate: string | null = null) =>
    authenticate(claimant({ 'api-key': token }, { certificate }));
  return { clock, kept, missed, show, authenticate };
}

/** What a token is refused with. Anything else is thrown on. */
export async function refusedToken(show: () => Identity | Promise<Identity>): Promise<Refusal> {
  try {
    await show();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('the token was not refused');
}

import { digestOf } from './api-key.ts';
import { timeAt, wordAt } from './claims.ts';
import type { Compact } from './compact.ts';
import { notValid } from './credential.ts';
import type { Identity } from './identity.ts';
import { accessOf } from './qdrant-token-access.ts';
import { valueConditionOf } from './qdrant-token-condition.ts';
import type { QdrantTokenConfig } from './token-config.ts';
import type { TokenIssuer } from './token-issuer.ts';
import { isSealedWith } from './token-signature.ts';

/**
 * The claims that Qdrant knows, and how they are misspelt: a restriction that is not read is none.
 */
const known = ['exp', 'access', 'value_exists', 'subject'];

/**
 * Whoever holds one of the secrets in force, with which Qdrant's own access tokens are signed
 * (HS256; Qdrant's src/common/auth/claims.rs). Stricter than Qdrant: `access` and `exp` must be
 * there, and nothing is accepted that another reader could understand otherwise.
 */
export function makeQdrantIssuer(
  config: QdrantTokenConfig,
  secrets: () => readonly string[],
): TokenIssuer {
  const { name } = config;
  const skew = config.skewSeconds * 1000;
  return {
    name,
    issues: ({ header }) => header.alg === 'HS256',
    verify: async (token) => {
      checkType(token);
      const secret = secrets().find((each) => isSealedWith(token, each));
      if (secret === undefined) {
        throw notValid(`the token is not signed with a secret of ${name}`);
      }
      const { payload } = token;
      checkSpelling(payload);
      const expires = timeAt(payload, 'exp');
      if (expires === null) throw notValid('the token does not say when it expires');
      return {
        identity: identityOf(name, token, expires),
        from: (timeAt(payload, 'nbf') ?? 0) - skew,
        until: expires + skew,
        certificate: null,
        condition: valueConditionOf(payload),
        trusted: () => secrets().includes(secret),
      };
    },
  };
}

/** The secrets that an entry of the configuration names. */
export function secretsOf({ secret, secondSecret }: QdrantTokenConfig): readonly string[] {
  return secondSecret === undefined ? [secret] : [secret, secondSecret];
}

function checkType({ header, payload }: Compact): void {
  if (header.typ !== null && header.typ.toUpperCase() !== 'JWT') {
    throw notValid('the typ of the token is not JWT');
  }
  if (Object.hasOwn(payload, 'cnf')) throw notValid('the token is bound by cnf');
}

function checkSpelling(payload: Compact['payload']): void {
  for (const name of Object.keys(payload)) {
    const plain = name.toLowerCase().replace(/[^a-z]/g, '');
    const meant = known.find((each) => each !== name && each.replace('_', '') === plain);
    if (meant !== undefined) throw notValid(`a claim of the token is nearly ${meant}`);
  }
}

/** The token has no public id of its own, so its digest names it. */
function identityOf(issuer: string, { text, payload }: Compact, expires: number): Identity {
  const subject = payload['subject'] === null ? null : wordAt(payload, ['subject']);
  const id = `${issuer}:${digestOf(text).toString('hex').slice(0, 16)}`;
  return Object.freeze({
    kind: 'token',
    id,
    name: subject ?? id,
    ...accessOf(payload['access']),
    labels: Object.freeze({}),
    expires,
  });
}

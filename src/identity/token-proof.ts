import type { Peer } from '../tls/peer.ts';
import { timeAt } from './claims.ts';
import { readCompact } from './compact.ts';
import { notValid } from './credential.ts';
import type { Identity } from './identity.ts';
import type { TokenIssuer } from './token-issuer.ts';

/** A token that was found good just now. */
export interface ProvenToken {
  /** The issuer's name, as `identity.tokens` has it. */
  readonly issuer: string;
  readonly subject: string;
  readonly identity: Identity;
  /** When its bearer logged in (`auth_time`), in milliseconds since 1970; null: it does not say. */
  readonly authenticatedAt: number | null;
}

/** What tokens are proved with. */
export interface ProofMeans {
  readonly issuers: readonly TokenIssuer[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Proves a token on a connection. Rejects with `Refusal` not-authenticated. */
export type TokenProof = (
  credential: string,
  certificate: Peer['certificate'],
) => Promise<ProvenToken>;

/** Verifies each token anew: whoever administers the gateway is asked about every time. */
export function makeTokenProof({ issuers, now }: ProofMeans): TokenProof {
  return async function prove(credential, certificate) {
    const token = readCompact(credential);
    const issuer = issuers.find((each) => each.issues(token));
    if (!issuer) throw notValid('the token is of no issuer whose tokens count here');
    const found = await issuer.verify(token);
    const time = now();
    const { identity } = found;
    if (time >= found.until) throw notValid(`token ${identity.id} has expired`);
    if (time < found.from) throw notValid(`token ${identity.id} does not count yet`);
    if (found.certificate !== null && found.certificate !== certificate) {
      throw notValid(`token ${identity.id} is bound to another client certificate`);
    }
    const authenticatedAt = timeAt(token.payload, 'auth_time');
    const subject = String(token.payload['sub']);
    return { issuer: issuer.name, subject, identity, authenticatedAt };
  };
}

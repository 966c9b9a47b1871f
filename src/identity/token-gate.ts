import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { isTokenShaped, readCompact } from './compact.ts';
import { notValid } from './credential.ts';
import type { Claimant, Identity } from './identity.ts';
import type { Holds } from './token-condition.ts';
import type { TokenIssuer, VerifiedToken } from './token-issuer.ts';

/** Who the bearer of a token is. */
export interface TokenGate {
  /** The bearer of a token that was verified before; null for every other credential. Throws
   * `Refusal` not-authenticated where the token counts no more, or not here. */
  known(credential: string, claimant: Claimant): Identity | Promise<Identity> | null;
  /** The same bearer again, whose token is neither read nor hashed anew; null for everybody who has
   * to be told by the credential. Throws as `known` does. */
  again(bearer: Identity, claimant: Claimant): Identity | Promise<Identity> | null;
  /** Verifies what is no key. Null where it does not even look like a token. Rejects with `Refusal`
   * not-authenticated. */
  verify(credential: string, claimant: Claimant): Promise<Identity> | null;
}

/** What tokens are judged with. */
export interface TokenMeans {
  readonly issuers: readonly TokenIssuer[];
  readonly holds: Holds;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const mostRemembered = 4096;

/**
 * Verifies each token once and remembers it by its SHA-256 until it ends; what is asked of each use
 * is asked each time: its time, its key, its certificate, its condition. Tokens that are not good
 * are not remembered, so that a flood of them can neither fill memory nor push an honest one out.
 */
export function makeTokenGate({ issuers, holds, now }: TokenMeans): TokenGate {
  const remembered = new LRUCache<string, VerifiedToken>({ max: mostRemembered });
  /** One frozen identity for each verified token. */
  const shown = new WeakMap<Identity, VerifiedToken>();
  const underway = new Map<string, Promise<VerifiedToken>>();

  async function verified(credential: string, digest: string): Promise<VerifiedToken> {
    const token = readCompact(credential);
    const issuer = issuers.find((each) => each.issues(token));
    if (!issuer) throw notValid('the token is of no issuer whose tokens count here');
    const found = await issuer.verify(token);
    shown.set(found.identity, found);
    if (now() < found.until) remembered.set(digest, found);
    return found;
  }

  /** Once for all who show the token meanwhile. */
  function verifiedOnce(credential: string): Promise<VerifiedToken> {
    const digest = hash('sha256', credential, 'base64');
    const begun = underway.get(digest);
    if (begun) return begun;
    const found = verified(credential, digest);
    const over = () => void underway.delete(digest);
    underway.set(digest, found);
    found.then(over, over);
    return found;
  }

  function admitted(token: VerifiedToken, claimant: Claimant): Identity | Promise<Identity> {
    const { identity, condition } = token;
    inForce(token, now(), claimant);
    if (condition === null) return identity;
    const answer = holds(condition);
    if (!(answer instanceof Promise)) return bearer(token, answer);
    return answer.then((held) => {
      inForce(token, now(), claimant);
      return bearer(token, held);
    });
  }

  return {
    known: (credential, claimant) => {
      if (!isTokenShaped(credential)) return null;
      const digest = hash('sha256', credential, 'base64');
      const token = remembered.get(digest);
      if (!token) return null;
      if (token.trusted() && now() < token.until) return admitted(token, claimant);
      remembered.delete(digest);
      return null;
    },
    again: (bearer, claimant) => {
      const token = shown.get(bearer);
      return token?.trusted() ? admitted(token, claimant) : null;
    },
    verify: (credential, claimant) => {
      if (!isTokenShaped(credential)) return null;
      return verifiedOnce(credential).then((token) => admitted(token, claimant));
    },
  };
}

function inForce(token: VerifiedToken, time: number, { peer }: Claimant): void {
  const { id } = token.identity;
  if (time >= token.until) throw notValid(`token ${id} has expired`);
  if (time < token.from) throw notValid(`token ${id} does not count yet`);
  if (token.certificate !== null && token.certificate !== peer.certificate) {
    throw notValid(`token ${id} is bound to another client certificate than the connection shows`);
  }
}

function bearer({ identity }: VerifiedToken, held: boolean): Identity {
  if (held) return identity;
  throw notValid(`token ${identity.id} asks for a value that no point has`);
}

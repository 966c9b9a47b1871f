import type { Refusal } from '../refusal.ts';
import { apiKeyId } from './api-key.ts';
import { credentialOf, notValid, type ReadAuthorization } from './credential.ts';
import type { Authenticator, Identity } from './identity.ts';
import type { Key, Keyring } from './keys/keyring.ts';
import { isWithin } from './keys/sources.ts';
import type { TokenGate } from './token-gate.ts';

/** What an authenticator of one upstream decides by. */
export interface Means {
  readonly keys: Pick<Keyring, 'find' | 'byId'>;
  /** Null: no issuer's tokens count. */
  readonly tokens: TokenGate | null;
  readonly readAuthorization: ReadAuthorization;
  /** The name of the upstream that is asked for. */
  readonly upstream: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Tells who sends a request to one upstream by the API key or access token it shows. The client
 * hears the same whatever is wrong with it; the reason is for the log and the audit record. A key
 * may look like a token, so it is a token only where it is no key.
 */
export function makeAuthenticator(means: Means): Authenticator {
  const { keys, tokens, readAuthorization, upstream, now } = means;
  return function authenticate(claimant, before = null) {
    if (before !== null) {
      const key = keys.byId(before.id);
      // A key that was loaded anew is another identity: its credential is proved anew.
      if (key?.identity === before) return holder(key, upstream, now(), claimant.peer.address);
      const bearer = tokens?.again(before, claimant);
      if (bearer) return bearer;
    }
    const credential = credentialOf(claimant, readAuthorization);
    const bearer = tokens?.known(credential, claimant);
    if (bearer) return bearer;
    const key = keys.find(credential);
    if (key) return holder(key, upstream, now(), claimant.peer.address);
    const verified = tokens?.verify(credential, claimant);
    if (verified) return verified;
    throw unknown(credential);
  };
}

function holder(key: Key, upstream: string, time: number, address: string): Identity {
  const objection = objectionTo(key, upstream, time, address);
  if (objection !== null) throw notValid(`key ${key.identity.id} ${objection}`);
  key.lastUsed = time;
  return key.identity;
}

function objectionTo(key: Key, upstream: string, time: number, address: string): string | null {
  const { expires } = key.identity;
  if (key.revoked !== null && time >= key.revoked) return 'is revoked';
  if (expires !== null && time >= expires) return 'has expired';
  if (key.upstream !== null && key.upstream !== upstream) {
    return `is valid only at the upstream ${key.upstream}`;
  }
  if (key.sources && !isWithin(key.sources, address)) return `may not be used from ${address}`;
  return null;
}

/** The id is told only where the checksum holds, so that no other secret can end up in a log. */
function unknown(credential: string): Refusal {
  const id = apiKeyId(credential);
  if (id !== null) return notValid(`no key in force is the one that calls itself ${id}`, id);
  return notValid('the credential is no key in force');
}

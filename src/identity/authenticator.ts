import type { Refusal } from '../refusal.ts';
import { apiKeyId } from './api-key.ts';
import { credentialOf, notValid } from './credential.ts';
import type { Authenticator } from './identity.ts';
import type { Key, Keyring } from './keys/keyring.ts';
import { isWithin } from './keys/sources.ts';

/** What an authenticator of one upstream decides by. */
export interface Means {
  readonly keys: Pick<Keyring, 'find'>;
  /** The name of the upstream that is asked for. */
  readonly upstream: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Tells who sends a request to one upstream by the API key it shows. A client certificate secures the
 * transport only: alone it is nobody. The client hears the same whatever is wrong with its key; the
 * reason is for the log and the audit record.
 */
export function makeAuthenticator({ keys, upstream, now }: Means): Authenticator {
  return function authenticate(claimant) {
    const credential = credentialOf(claimant);
    const key = keys.find(credential);
    if (!key) throw unknown(credential);
    const time = now();
    const objection = objectionTo(key, upstream, time, claimant.peer.address);
    if (objection !== null) throw notValid(`key ${key.identity.id} ${objection}`);
    key.lastUsed = time;
    return key.identity;
  };
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
  if (id !== null) return notValid(`no key in force is the one that calls itself ${id}`);
  return notValid('the credential is no key in force');
}

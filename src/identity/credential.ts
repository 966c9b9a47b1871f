import { Refusal } from '../refusal.ts';
import type { Claimant } from './identity.ts';

const longest = 8192;
/** One class and no choice, so that it costs what its length is. */
const visible = /^[\x21-\x7e]+$/;

/**
 * Reads a credential out of an `authorization` field as the clients of one database write it; null
 * where it is none of theirs.
 */
export type ReadAuthorization = (value: string) => string | null;

/**
 * The one credential of a request, from `api-key` or `authorization`: 1 to 8192 visible ASCII
 * characters. Throws `Refusal` not-authenticated where there is none, a malformed one, or two
 * that differ; unreadable-request where a header is repeated.
 */
export function credentialOf(claimant: Claimant, read: ReadAuthorization): string {
  const key = claimant.field('api-key');
  const authorization = claimant.field('authorization');
  const token = authorization === undefined ? null : read(authorization);
  if (key === undefined) {
    if (token !== null) return wellFormed(token);
    if (authorization !== undefined) throw nothingShown('authorization holds no credential');
    throw nothingShown('neither api-key nor authorization was sent');
  }
  if (authorization !== undefined && token !== key) {
    throw notValid('rival credentials: api-key and authorization differ');
  }
  return wellFormed(key);
}

/** A refusal that tells the client no more than that its credential does not count, as its
 * challenge says. `key`: the id of the key that it calls itself, with another secret. */
export function notValid(reason: string, key: string | null = null): Refusal {
  return new Refusal('not-authenticated', reason, {
    challenge: 'Bearer error="invalid_token"',
    failing: { key },
  });
}

function nothingShown(reason: string): Refusal {
  return new Refusal('not-authenticated', reason, { challenge: 'Bearer' });
}

function wellFormed(credential: string): string {
  if (credential.length === 0) throw notValid('the credential is empty');
  if (credential.length > longest) throw notValid(`the credential is longer than ${longest} bytes`);
  if (!visible.test(credential)) {
    throw notValid('the credential holds a space or a character outside visible ASCII');
  }
  return credential;
}

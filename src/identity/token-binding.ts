import { notValid } from './credential.ts';
import { isObject } from './token-json.ts';

const thumbprint = 'x5t#S256';
const digestBytes = 32;

/**
 * The certificate that a token is bound to (RFC 8705, section 3.1), as `sha256:` and hex digits;
 * null where it is bound to none. Throws `Refusal` not-authenticated where `cnf` (RFC 7800) binds
 * it to what cannot be checked here.
 */
export function boundCertificate(payload: Readonly<Record<string, unknown>>): string | null {
  const confirmation = payload['cnf'];
  if (confirmation === undefined) return null;
  if (!isObject(confirmation)) throw notValid('cnf is no object');
  const others = Object.keys(confirmation).filter((name) => name !== thumbprint);
  const digest = confirmation[thumbprint];
  if (others.length > 0 || typeof digest !== 'string') {
    throw notValid('cnf binds the token to something else than a client certificate');
  }
  const bytes = Buffer.from(digest, 'base64url');
  if (bytes.length !== digestBytes || bytes.toString('base64url') !== digest) {
    throw notValid(`${thumbprint} in cnf is no SHA-256 in base64url`);
  }
  return `sha256:${bytes.toString('hex')}`;
}

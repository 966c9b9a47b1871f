import { constants, createHmac, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import { compactVerify } from 'jose';
import type { Compact } from './compact.ts';

const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST } = constants;
const pkcs1 = { padding: RSA_PKCS1_PADDING };
const pss = { padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_DIGEST };

/** The algorithms of RSA (RFC 7518, sections 3.3 and 3.5). */
const ofRsa = new Map([
  ['RS256', { hash: 'sha256', scheme: pkcs1 }],
  ['RS384', { hash: 'sha384', scheme: pkcs1 }],
  ['RS512', { hash: 'sha512', scheme: pkcs1 }],
  ['PS256', { hash: 'sha256', scheme: pss }],
  ['PS384', { hash: 'sha384', scheme: pss }],
  ['PS512', { hash: 'sha512', scheme: pss }],
]);

/**
 * Whether a token's signature is of this key, made with the algorithm its header names. The caller
 * has read the token strictly and allowed that algorithm for this key. RSA is verified at once: it
 * takes less than handing the work to another thread, which is where jose has every key do it.
 */
export function isSignedBy(token: Compact, key: KeyObject): boolean | Promise<boolean> {
  const algorithm = ofRsa.get(token.header.alg);
  if (algorithm === undefined) return isVerified(token, key);
  const { signed, signature } = partsOf(token);
  return verify(algorithm.hash, Buffer.from(signed), { key, ...algorithm.scheme }, signature);
}

async function isVerified({ text, header }: Compact, key: KeyObject): Promise<boolean> {
  try {
    await compactVerify(text, key, { algorithms: [header.alg] });
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a token is signed with HMAC SHA-256 (RFC 7518, section 3.2) and this secret, of which the
 * bytes of its UTF-8 count. It takes microseconds, so nobody waits for it.
 */
export function isSealedWith(token: Compact, secret: string): boolean {
  const { signed, signature } = partsOf(token);
  const made = createHmac('sha256', secret).update(signed).digest();
  return signature.length === made.length && timingSafeEqual(signature, made);
}

function partsOf({ text }: Compact) {
  const end = text.lastIndexOf('.');
  return { signed: text.slice(0, end), signature: Buffer.from(text.slice(end + 1), 'base64url') };
}

import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { compactVerify } from 'jose';
import type { Compact } from './compact.ts';

/** Whether a token's signature is of this key, made with the algorithm its header names. The caller
 * has allowed that algorithm for this key. */
export async function isSignedBy({ text, header }: Compact, key: KeyObject): Promise<boolean> {
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
export function isSealedWith({ text }: Compact, secret: string): boolean {
  const end = text.lastIndexOf('.');
  const shown = Buffer.from(text.slice(end + 1), 'base64url');
  const made = createHmac('sha256', secret).update(text.slice(0, end)).digest();
  return shown.length === made.length && timingSafeEqual(shown, made);
}

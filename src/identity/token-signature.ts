import { createSecretKey, type KeyObject } from 'node:crypto';
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

/** A secret as a key of HMAC: the bytes of its UTF-8. */
export function secretKey(secret: string): KeyObject {
  return createSecretKey(Buffer.from(secret, 'utf8'));
}

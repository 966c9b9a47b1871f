import { verify, type X509Certificate } from 'node:crypto';
import type { RevocationList } from './revocation.ts';

/** Hashes by signature algorithm, its identifier in hex: RSA, ECDSA and Ed25519 (RFC 5912, 8410).
 * SHA-1 is none of them. */
const hashes: Readonly<Record<string, string | null>> = {
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  '2b6570': null,
};

/** Whether a revocation list was signed by this authority, for whose key it names the algorithm. */
export function isSignedBy(list: RevocationList, authority: X509Certificate): boolean {
  const hash = hashes[list.algorithm];
  if (hash === undefined) return false;
  try {
    return verify(hash, list.signed, authority.publicKey, list.signature);
  } catch {
    return false;
  }
}

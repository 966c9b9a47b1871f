import { apiKeyId } from '../api-key.ts';

const shortest = 16;
const longest = 8192;
/** Three parts in base64url: whoever sends it sends a token (RFC 7519). */
const tokenShape = /^[\w-]+\.[\w-]*\.[\w-]*$/;

/**
 * Why a key that others made cannot be taken over; null: it can. `weak`: it may be one that could
 * be guessed from its hash. The key itself never stands in the answer.
 */
export function objectionToForeignKey(key: string, weak: boolean): string | null {
  if (key.length > longest || !/^[!-~]+$/.test(key)) {
    return 'stdin holds no key; a key is 16 to 8192 visible ASCII characters';
  }
  if (key.includes(':'))
    return 'the key holds a colon, which parts a user from a password; make another';
  if (key.startsWith('vg_')) {
    return apiKeyId(key) === null
      ? 'the key begins as our own do, but its checksum does not fit; copy it again'
      : 'the key is one of our own; paste its entry, which vectorgate keys hash prints';
  }
  if (tokenShape.test(key)) return 'the key has the shape of a token (JWT); make another';
  if (key.length < shortest && !weak) {
    return `the key is shorter than ${shortest} characters and could be guessed; --weak takes it`;
  }
  return null;
}

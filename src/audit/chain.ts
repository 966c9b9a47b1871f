import { hash } from 'node:crypto';

/** What the first record of a writer holds as `prev`. */
export const genesis = '0'.repeat(64);

/** The link of a line, which the next record holds as `prev`: the SHA-256, in hex, of its bytes,
 * newline included. */
export function linkOf(line: Uint8Array): string {
  return hash('sha256', line, 'hex');
}

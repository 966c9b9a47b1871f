import { hash } from 'node:crypto';

/** What the first record of a writer holds as `prev`. */
export const genesis = '0'.repeat(64);

/** The link of a line: the SHA-256, in hex, of its bytes, newline included; the next record's `prev`. */
export function linkOf(line: Uint8Array): string {
  return hash('sha256', line, 'hex');
}

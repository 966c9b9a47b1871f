import { createHash, timingSafeEqual } from 'node:crypto';

/** A bearer token, kept only as what proves it. */
export interface Token {
  /** SHA-256. */
  readonly digest: Buffer;
}

const scheme = /^bearer +(\S+) *$/i;

/** The proof of a token. */
export function tokenOf(secret: string): Token {
  return { digest: createHash('sha256').update(secret).digest() };
}

/** Whether the one `authorization` field among raw header fields carries this token; compared in
 * constant time. None, or two of them, carry nothing. */
export function carries(rawHeaders: readonly string[], token: Token): boolean {
  let value: string | null = null;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== 'authorization') continue;
    if (value !== null) return false;
    value = rawHeaders[at + 1] ?? '';
  }
  const presented = value === null ? null : scheme.exec(value)?.[1];
  return presented ? timingSafeEqual(tokenOf(presented).digest, token.digest) : false;
}

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

/** Whether this is the token; compared in constant time. */
export function isToken(presented: string | null, token: Token): boolean {
  return presented !== null && timingSafeEqual(tokenOf(presented).digest, token.digest);
}

/** The bearer token of the one `authorization` field among raw header fields; null where there is
 * none, two of them, or another scheme. */
export function bearerOf(rawHeaders: readonly string[]): string | null {
  let value: string | null = null;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== 'authorization') continue;
    if (value !== null) return null;
    value = rawHeaders[at + 1] ?? '';
  }
  return value === null ? null : (scheme.exec(value)?.[1] ?? null);
}

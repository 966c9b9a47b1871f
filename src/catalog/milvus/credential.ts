import type { Protocol } from '../operation.ts';

const bearer = 'Bearer ';
const basic = 'Basic ';

/**
 * The credential in an `authorization` field as Milvus's clients write it (internal/proxy/
 * authentication_interceptor.go, distributed/proxy/httpserver/utils.go): the base64 of a key, or of
 * `anything:key`, with or without `Basic `; a key, or `anything:key`, behind `Bearer `;
 * `anything:key` as it stands. A colon and a space are not in the alphabet of base64, so that no
 * text reads in two ways. Null where it is none of these.
 */
export function readAuthorization(value: string): string | null {
  if (value.startsWith(bearer)) return behindUser(value.slice(bearer.length));
  if (value.startsWith(basic)) return decoded(value.slice(basic.length));
  return value.includes(':') ? behindUser(value) : decoded(value);
}

/** The header fields by which the gateway proves itself: `user:password` as Milvus reads it of
 * calls and of REST requests. */
export function credentialFields(secret: string, protocol: Protocol): readonly string[] {
  const encoded = Buffer.from(secret, 'utf8').toString('base64');
  return ['authorization', protocol === 'grpc' ? encoded : `${bearer}${secret}`];
}

/** Whoever the user is said to be: only the key proves anything. */
function behindUser(text: string): string {
  return text.slice(text.indexOf(':') + 1);
}

/** Of the spellings of the same bytes, only the one that Go's encoder writes (RFC 4648, section 4):
 * a credential has one text. */
function decoded(text: string): string | null {
  const bytes = Buffer.from(text, 'base64');
  if (text === '' || bytes.toString('base64') !== text) return null;
  return behindUser(bytes.toString('latin1'));
}

import { notValid } from './credential.ts';
import { jsonObject } from './token-json.ts';

/** What the header of a token says that the gateway listens to. */
export interface TokenHeader {
  readonly alg: string;
  readonly typ: string | null;
  readonly kid: string | null;
}

/** A token in JWS compact serialisation (RFC 7515, section 7.1): read, and not yet believed. */
export interface Compact {
  readonly text: string;
  readonly header: TokenHeader;
  readonly payload: Readonly<Record<string, unknown>>;
}

const longestToken = 8192;
const longestKid = 256;
/** By these a token would choose its own key, or change what its bytes mean (RFC 8725, 3.10). */
const notHeard = ['jku', 'x5u', 'jwk', 'x5c', 'crit', 'b64', 'zip', 'enc'];

/** Whether a credential looks like a token: three parts, the first of which begins as base64url of
 * `{` does. An API key that others made may look so too. */
export function isTokenShaped(credential: string): boolean {
  if (credential.charCodeAt(0) !== 0x65) return false;
  const first = credential.indexOf('.');
  const second = credential.indexOf('.', first + 1);
  return first > 0 && second > 0 && credential.indexOf('.', second + 1) === -1;
}

/**
 * Reads a token strictly: three parts that are not empty, each the one base64url spelling of its
 * bytes without padding (RFC 4648, section 5), header and payload JSON objects without a key twice,
 * no header member by which a token would choose its key. Throws `Refusal` not-authenticated.
 */
export function readCompact(text: string): Compact {
  if (text.length > longestToken) throw notValid(`the token is longer than ${longestToken} bytes`);
  const parts = text.split('.');
  if (parts.length !== 3) throw notValid('the token does not have three parts');
  const [header, payload] = parts.map(bytesOf);
  const members = jsonObject(header as Buffer);
  if (!members) throw notValid('the header of the token is not one JSON object with unique keys');
  const claims = jsonObject(payload as Buffer);
  if (!claims) throw notValid('the payload of the token is not one JSON object with unique keys');
  return { text, header: headerOf(members), payload: claims };
}

/** Another spelling of the same bytes would be another token to every cache and list. */
function bytesOf(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (part === '') throw notValid('a part of the token is empty');
  if (bytes.toString('base64url') !== part) {
    throw notValid('a part of the token is not base64url as it is written without padding');
  }
  return bytes;
}

function headerOf(members: Readonly<Record<string, unknown>>): TokenHeader {
  const banned = notHeard.find((name) => Object.hasOwn(members, name));
  if (banned !== undefined) throw notValid(`the token has ${banned} in its header`);
  const { alg, typ, kid } = members as { alg?: unknown; typ?: unknown; kid?: unknown };
  if (typeof alg !== 'string') throw notValid('the token does not name its algorithm');
  if (typ !== undefined && typeof typ !== 'string') throw notValid('the typ is not text');
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > longestKid)) {
    throw notValid(`the kid of the token is not text of at most ${longestKid} characters`);
  }
  return { alg, typ: typ ?? null, kid: kid ?? null };
}

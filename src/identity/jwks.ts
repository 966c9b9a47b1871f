import { createHash, createPublicKey, type KeyObject, type webcrypto } from 'node:crypto';
import type { TokenHeader } from './compact.ts';
import { isObject, jsonObject } from './token-json.ts';

/** The public keys of one issuer. */
export interface KeySet {
  /** `sha256:…` over the text it was read from. */
  readonly digest: string;
  readonly size: number;
  /**
   * The one key that a header means: by its kid, and of its algorithm; null where there is none, or
   * more than one.
   */
  find(header: TokenHeader): KeyObject | null;
}

/** The algorithms whose tokens can be verified with a public key, and the keys they take (RFC 7518,
 * RFC 8037). */
export const signatureAlgorithms = {
  RS256: 'RSA',
  RS384: 'RSA',
  RS512: 'RSA',
  PS256: 'RSA',
  PS384: 'RSA',
  PS512: 'RSA',
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
  EdDSA: 'Ed25519',
} as const;

interface PublicKey {
  readonly kid: string | null;
  readonly alg: string | null;
  /** `RSA`, or the curve. */
  readonly family: string;
  readonly key: KeyObject;
}

const families: ReadonlySet<string | null> = new Set(Object.values(signatureAlgorithms));
const mostKeys = 64;
const shortestModulus = 2048;
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * Reads a JWK Set (RFC 7517). Keys that are not for verifying, too short, unreadable, or published
 * with their private half are left out. Throws `Error` with `what is wrong; what to do` where it is
 * no set, or no key is left.
 */
export function parseKeySet(text: string): KeySet {
  const members = jsonObject(Buffer.from(text, 'utf8'))?.['keys'];
  if (!Array.isArray(members)) {
    throw new Error('it is not a JWK Set; Put a JSON object there whose keys is a list');
  }
  if (members.length > mostKeys) {
    throw new Error(`it holds over ${mostKeys} keys; Leave out those that sign no tokens`);
  }
  const keys = members.flatMap(publicKeyOf);
  if (keys.length === 0) {
    throw new Error(
      'it holds no public key that can verify; Publish RSA of 2048 bits, EC or Ed25519',
    );
  }
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return { digest, size: keys.length, find: (header) => only(keys, header) };
}

function only(keys: readonly PublicKey[], { alg, kid }: TokenHeader): KeyObject | null {
  const family = Object.hasOwn(signatureAlgorithms, alg)
    ? signatureAlgorithms[alg as keyof typeof signatureAlgorithms]
    : null;
  const fitting = keys.filter(
    (each) =>
      each.family === family &&
      (each.alg === null || each.alg === alg) &&
      (kid === null || each.kid === kid),
  );
  return fitting.length === 1 ? (fitting[0]?.key ?? null) : null;
}

function publicKeyOf(jwk: unknown): PublicKey[] {
  if (!isObject(jwk) || privateMembers.some((name) => Object.hasOwn(jwk, name))) return [];
  const { kid, alg, use, key_ops: operations } = jwk as Record<string, unknown>;
  if (use !== undefined && use !== 'sig') return [];
  if (Array.isArray(operations) && !operations.includes('verify')) return [];
  try {
    const key = createPublicKey({ key: jwk as webcrypto.JsonWebKey, format: 'jwk' });
    const family = familyOf(key, jwk);
    if (family === null) return [];
    const named = alg === 'Ed25519' ? 'EdDSA' : alg;
    return [{ kid: textOf(kid), alg: textOf(named), family, key }];
  } catch {
    return [];
  }
}

function familyOf(key: KeyObject, jwk: Readonly<Record<string, unknown>>): string | null {
  if (key.asymmetricKeyType === 'rsa') {
    return (key.asymmetricKeyDetails?.modulusLength ?? 0) >= shortestModulus ? 'RSA' : null;
  }
  const curve = textOf(jwk['crv']);
  return families.has(curve) ? curve : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readSecretFile } from '../secret-file.ts';
import type { SigningKey } from './checkpoint.ts';

/** Where a signing key is: a file, or the PEM text itself, which came from the environment. */
export type KeySource = string | { readonly pem: string };

const remedy = 'make one with: openssl genpkey -algorithm ed25519 -out audit-key.pem';

/** Reads a private Ed25519 key in PEM (PKCS #8). Throws `Error` for people. */
export function readSigningKey(source: KeySource, named: string): SigningKey {
  let secret: KeyObject;
  try {
    secret = createPrivateKey(typeof source === 'string' ? readSecretFile(source) : source.pem);
  } catch (error) {
    // What a parser says of a text that is no key could show the text.
    const told = typeof source === 'string' && !isCryptoError(error) ? causeOf(error) : null;
    throw new Error(told ? `${named}: ${told}` : `${named} is no private key in PEM; ${remedy}`);
  }
  if (secret.asymmetricKeyType !== 'ed25519') {
    throw new Error(`${named} is a ${secret.asymmetricKeyType} key, not Ed25519; ${remedy}`);
  }
  return { secret, public: rawKey(createPublicKey(secret)) };
}

/** Reads public Ed25519 keys, each in PEM or as a note's verifier key (`name+id+key`). Gives their
 * 32 bytes in base64. Throws `Error` for people. */
export function readPublicKeys(text: string, named: string): string[] {
  const blocks = text.match(/-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----/g) ?? [];
  const lines = text.matchAll(/^[^\s+]+\+[0-9a-f]{8}\+([A-Za-z0-9+/]{44})$/gm);
  const keys = [
    ...blocks.map((pem) => publicIn(pem, named)),
    ...[...lines].map(([, key = '']) => Buffer.from(key, 'base64').subarray(1).toString('base64')),
  ];
  if (keys.length > 0) return keys;
  throw new Error(`${named} holds no public key; name a PEM file of an Ed25519 public key`);
}

function publicIn(pem: string, named: string): string {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return rawKey(key);
  } catch {
    // Told below.
  }
  throw new Error(`${named} holds a key that is not Ed25519 in PEM; ${remedy}`);
}

function rawKey(key: KeyObject): string {
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
}

function isCryptoError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_OSSL');
}

function causeOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseKeySet } from '../../../src/identity/jwks.ts';
import { type SigningKey, signingKey } from './mint.ts';
import { keys } from './scene.ts';

const header = (alg: string, kid: string | null) => ({ alg, kid, typ: null });
const set = (...jwks: readonly object[]) => parseKeySet(JSON.stringify({ keys: jwks }));
const without = ({ jwk }: SigningKey, ...names: readonly string[]) =>
  Object.fromEntries(Object.entries(jwk).filter(([name]) => !names.includes(name)));

describe('a JWK Set', () => {
  test('gives the key that a token names, of its own algorithm only', () => {
    const found = set(keys.rsa.jwk, keys.ec.jwk, keys.ed.jwk);
    expect(found.size).toBe(3);
    expect(found.find(header('RS256', 'rs256'))).toMatchObject({ asymmetricKeyType: 'rsa' });
    expect(found.find(header('ES256', 'es256'))).toMatchObject({ asymmetricKeyType: 'ec' });
    expect(found.find(header('EdDSA', 'eddsa'))).toMatchObject({ asymmetricKeyType: 'ed25519' });
    expect(found.find(header('ES256', 'rs256'))).toBeNull();
    expect(found.find(header('RS512', 'rs256'))).toBeNull();
    for (const alg of ['none', 'HS256', 'constructor', '__proto__']) {
      expect(found.find(header(alg, 'rs256'))).toBeNull();
    }
  });

  test('tells keys of one kid apart by what they are, and gives none where that is not enough', () => {
    const other = signingKey('RS256', 'rs256');
    const curve = { ...keys.ec.jwk, kid: 'rs256' };
    expect(set(keys.rsa.jwk, curve).find(header('RS256', 'rs256'))).not.toBeNull();
    expect(set(keys.rsa.jwk, other.jwk).find(header('RS256', 'rs256'))).toBeNull();
  });

  test('gives a key without an algorithm of its own for every algorithm of its family', () => {
    const found = set(without(keys.rsa, 'alg', 'use'));
    for (const alg of ['RS256', 'PS512']) expect(found.find(header(alg, 'rs256'))).not.toBeNull();
    expect(found.find(header('ES256', 'rs256'))).toBeNull();
  });

  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
  test.each([
    ['for encryption', { ...keys.rsa.jwk, use: 'enc' }],
    ['for signing alone', { ...keys.rsa.jwk, key_ops: ['sign'] }],
    ['with its private half', keys.rsa.privateKey.export({ format: 'jwk' })],
    ['that is a secret', { kty: 'oct', k: 'c2VjcmV0', kid: 'a' }],
    ['of RSA under 2048 bits', weak.export({ format: 'jwk' })],
    ['of a curve that no algorithm has', { ...keys.ec.jwk, crv: 'secp256k1' }],
    ['off its curve', { ...keys.ec.jwk, x: keys.ec.jwk['y'], y: keys.ec.jwk['x'] }],
    ['for agreement', generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' })],
    ['of an unknown kind', { kty: 'AKP', pub: 'x' }],
    ['that is text', 'key' as unknown as object],
  ])('leaves out a key %s', (_what, jwk) => {
    const found = set(jwk, keys.ed.jwk);
    const rest = ['RS256', 'PS256', 'ES256'].map((alg) => found.find(header(alg, null)));
    expect(rest).toEqual([null, null, null]);
    expect(found.find(header('EdDSA', 'eddsa'))).not.toBeNull();
    expect(() => set(jwk)).toThrow('no public key');
  });

  test.each([
    '',
    '[]',
    '{}',
    '{"keys":{}}',
    '{"keys":[]}',
    '{"keys":[],"keys":[1]}',
    '<html></html>',
  ])('is not %j', (text) => expect(() => parseKeySet(text)).toThrow(/; [A-Z]/));

  test('holds no more keys than an issuer needs', () => {
    expect(() => set(...Array.from({ length: 65 }, () => keys.ed.jwk))).toThrow('over 64 keys');
  });
});

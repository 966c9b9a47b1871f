import { describe, expect, test } from 'vitest';
import { parseKeySet } from '../../../src/identity/jwks.ts';
import { keySetOf, sealed, signed, signingKey } from './mint.ts';
import {
  goodClaims,
  goodHeader,
  keys,
  oidcToken,
  qdrantToken,
  refusedToken,
  seconds,
  secret,
  tokenScene,
  tokensYaml,
} from './scene.ts';

const reasonOf = async (token: string, yaml = tokensYaml) =>
  (await refusedToken(() => tokenScene({ yaml }).show(token))).message;

/** RFC 8725, JSON Web Token Best Current Practices, section 3: each of its rules, in its order. */
describe('RFC 8725', () => {
  test('3.1 algorithms are verified: the key decides, from a list, not the token', async () => {
    const disguised = signed({ ...goodHeader, alg: 'PS256' }, goodClaims, {
      ...keys.rsa,
      alg: 'PS256',
    });
    expect(await reasonOf(disguised)).toContain('not allowed');
    const pem = keys.rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const confused = sealed({ alg: 'HS256', typ: 'JWT' }, { ...goodClaims, access: 'm' }, pem);
    expect(await reasonOf(confused)).toContain('not signed with a secret');
  });

  test('3.2 algorithms are appropriate: none is never one, nor what the configuration refuses', async () => {
    expect(await reasonOf(oidcToken({}, { alg: 'none' }))).toContain('not allowed');
    for (const alg of ['none', 'HS256', 'RSA1_5', 'ES256K']) {
      const yaml = tokensYaml.replace('[RS256, ES256, EdDSA]', `[${alg}]`);
      expect(() => tokenScene({ yaml })).toThrow(/tokens\[0\]\.algorithms\[0\]/);
    }
  });

  test('3.3 all cryptographic operations are validated: one part that is bad is enough', async () => {
    const [head = '', body = '', signature = ''] = oidcToken().split('.');
    const foreign = oidcToken({ sub: 'someone-else' }).split('.');
    expect(await reasonOf(`${head}.${body}.${foreign[2]}`)).toContain('not signed');
    expect(await reasonOf(`${head}.${foreign[1]}.${signature}`)).toContain('not signed');
  });

  test('3.4 cryptographic inputs are validated: a point off the curve is no key', () => {
    const off = { ...keys.ec.jwk, x: keys.ec.jwk['y'], y: keys.ec.jwk['x'] };
    expect(() => parseKeySet(JSON.stringify({ keys: [off] }))).toThrow('no public key');
  });

  test('3.5 keys have enough entropy: secrets under 256 bits are refused when they are loaded', () => {
    const weak = tokensYaml.replace(secret, 'x'.repeat(31));
    expect(() => tokenScene({ yaml: weak })).toThrow(/tokens\[1\]\.secret.*256 bits/);
  });

  test('3.6 nothing is decompressed', async () => {
    expect(await reasonOf(oidcToken({}, { zip: 'DEF' }))).toContain('zip');
  });

  test('3.7 texts are UTF-8', async () => {
    const bytes = Buffer.from(JSON.stringify({ ...goodClaims, name: '\xff' }), 'latin1');
    expect(await reasonOf(signed(goodHeader, bytes, keys.rsa))).toContain('payload');
  });

  test('3.8 issuer and subject are validated: a key speaks for its own issuer only', async () => {
    expect(await reasonOf(oidcToken({ iss: 'https://other.example.com' }))).toContain('no issuer');
    const stranger = signingKey('RS256', 'rs256');
    expect(await reasonOf(signed(goodHeader, goodClaims, stranger))).toContain('not signed');
    expect(await reasonOf(oidcToken({ sub: '' }))).toContain('sub');
  });

  test('3.9 the audience is used and validated', async () => {
    expect(await reasonOf(oidcToken({ aud: 'another' }))).toContain('another audience');
    const yaml = tokensYaml.replace('    audience: vectorgate\n', '');
    expect(() => tokenScene({ yaml })).toThrow(/tokens\[0\]\.audience/);
  });

  test('3.10 received claims are not trusted: a kid looks nothing up, a jku is not followed', async () => {
    for (const kid of ["' OR 1=1 --", '../../etc/passwd', 'http://169.254.169.254/']) {
      expect(await reasonOf(oidcToken({}, { kid }))).toContain('not exactly one key');
    }
    for (const name of ['jku', 'x5u']) {
      expect(await reasonOf(oidcToken({}, { [name]: 'http://127.0.0.1/' }))).toContain(name);
    }
  });

  test('3.11 types are explicit', async () => {
    for (const typ of [undefined, 'secevent+jwt', 'id_token+jwt', 'application/jose']) {
      expect(await reasonOf(oidcToken({}, { typ }))).toContain('typ');
    }
  });

  test('3.12 kinds of token exclude each other', async () => {
    const issuer = signed(goodHeader, { exp: seconds + 60, access: 'm' }, keys.rsa);
    expect(await reasonOf(issuer)).toContain('no issuer');
    const own = await tokenScene().show(qdrantToken({ ...goodClaims, access: [] }));
    expect(own.roles).toEqual([]);
    expect(await reasonOf(oidcToken({ at_hash: 'x' }))).toContain('another kind');
    const scene = tokenScene();
    scene.kept.confirm(parseKeySet(keySetOf(keys.rsa)));
    const both = oidcToken({ access: 'm' });
    expect(await scene.show(both)).toMatchObject({ roles: ['search', 'ingest'] });
  });
});

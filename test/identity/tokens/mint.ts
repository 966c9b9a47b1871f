import {
  constants,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto';

/** A pair of keys with the algorithm and the id that it signs under. */
export interface SigningKey {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** As an issuer publishes it. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

type Part = Readonly<Record<string, unknown>> | string | Buffer;

const makers: Readonly<Record<string, () => { privateKey: KeyObject; publicKey: KeyObject }>> = {
  RS: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

/** Makes a key for one algorithm. */
export function signingKey(alg: string, kid = alg.toLowerCase()): SigningKey {
  const make = makers[alg] ?? makers[alg.slice(0, 2)];
  if (!make) throw new Error(`no key can be made for ${alg}`);
  const { privateKey, publicKey } = make();
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  return { alg, kid, privateKey, publicKey, jwk };
}

/** A JWK Set of these keys. */
export function keySetOf(...keys: readonly SigningKey[]): string {
  return JSON.stringify({ keys: keys.map(({ jwk }) => jwk) });
}

/** base64url without padding of a JSON value, a text or bytes. */
export function encoded(part: Part): string {
  if (Buffer.isBuffer(part)) return part.toString('base64url');
  const text = typeof part === 'string' ? part : JSON.stringify(part);
  return Buffer.from(text, 'utf8').toString('base64url');
}

/** Signs whatever it is given: nothing is checked. `alg` is how, whatever the header says. */
export function signed(header: Part, payload: Part, { privateKey, alg }: SigningKey): string {
  const input = `${encoded(header)}.${encoded(payload)}`;
  return `${input}.${signBytes(digestOf(alg), Buffer.from(input), schemeOf(privateKey, alg)).toString('base64url')}`;
}

/** The same with HMAC: HS256 unless another hash is named. */
export function sealed(header: Part, payload: Part, secret: string | Buffer, hash = 'sha256') {
  const input = `${encoded(header)}.${encoded(payload)}`;
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
}

function digestOf(alg: string): string | null {
  return alg === 'EdDSA' ? null : `sha${alg.slice(2)}`;
}

function schemeOf(key: KeyObject, alg: string) {
  if (alg.startsWith('ES')) return { key, dsaEncoding: 'ieee-p1363' as const };
  if (!alg.startsWith('PS')) return { key };
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
}

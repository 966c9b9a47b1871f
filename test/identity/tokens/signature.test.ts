import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { CompactSign, compactVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { readCompact } from '../../../src/identity/compact.ts';
import { isSignedBy } from '../../../src/identity/token-signature.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const another = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ofRsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const;

async function signed(alg: string, key: KeyObject): Promise<string> {
  const payload = Buffer.from(JSON.stringify({ nonce: randomBytes(8).toString('hex') }));
  return new CompactSign(payload).setProtectedHeader({ alg }).sign(key);
}

/** The same token under another header, with the signature as it is. */
function renamed(token: string, alg: string): string {
  const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
  return `${header}${token.slice(token.indexOf('.'))}`;
}

function joseSays(text: string, key: KeyObject, alg: string): Promise<boolean> {
  return compactVerify(text, key, { algorithms: [alg] }).then(
    () => true,
    () => false,
  );
}

describe.each(ofRsa)('a signature of %s', (alg) => {
  it('counts with its own key and no other', async () => {
    const token = readCompact(await signed(alg, rsa.privateKey));
    expect(await isSignedBy(token, rsa.publicKey)).toBe(true);
    expect(await isSignedBy(token, another.publicKey)).toBe(false);
  });

  it('counts for no other algorithm of the same key', async () => {
    const token = await signed(alg, rsa.privateKey);
    for (const other of ofRsa) {
      const text = renamed(token, other);
      expect(await isSignedBy(readCompact(text), rsa.publicKey)).toBe(other === alg);
    }
  });

  it('is judged as jose judges it, whichever bits of it are turned or cut off', async () => {
    const token = await signed(alg, rsa.privateKey);
    const end = token.lastIndexOf('.') + 1;
    const bytes = Buffer.from(token.slice(end), 'base64url');
    const turned = fc.record({
      at: fc.nat(bytes.length - 1),
      by: fc.nat(255),
      length: fc.constantFrom(bytes.length, bytes.length - 1, 1),
    });
    await fc.assert(
      fc.asyncProperty(turned, async ({ at, by, length }) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ by;
        const text = token.slice(0, end) + changed.subarray(0, length).toString('base64url');
        const said = await isSignedBy(readCompact(text), rsa.publicKey);
        expect(said).toBe(await joseSays(text, rsa.publicKey, alg));
      }),
      { numRuns: 30 },
    );
  });
});

describe('a signature of another kind', () => {
  const kinds = [
    ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['EdDSA', generateKeyPairSync('ed25519')],
  ] as const;

  it.each(kinds)('is verified too: %s', async (alg, { privateKey, publicKey }) => {
    const token = await signed(alg, privateKey);
    expect(await isSignedBy(readCompact(token), publicKey)).toBe(true);
    const [header = '', , signature = ''] = token.split('.');
    const payload = Buffer.from('{"nonce":"another"}').toString('base64url');
    const forged = readCompact(`${header}.${payload}.${signature}`);
    expect(await isSignedBy(forged, publicKey)).toBe(false);
  });
});

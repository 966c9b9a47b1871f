import { createHmac, timingSafeEqual } from 'node:crypto';
import fc from 'fast-check';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { expect, it } from 'vitest';
import type { Identity } from '../../src/identity/identity.ts';
import { Refusal } from '../../src/refusal.ts';
import { encoded, keySetOf, sealed, signed, signingKey } from '../identity/tokens/mint.ts';
import {
  goodClaims,
  goodHeader,
  issuer,
  keys,
  secondSecret,
  seconds,
  secret,
  time,
  tokenScene,
} from '../identity/tokens/scene.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 1500);
const stranger = signingKey('RS256');
const published = createLocalJWKSet(
  JSON.parse(keySetOf(keys.rsa, keys.ec, keys.ed)) as JSONWebKeySet,
);

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('none', 'HS256', 'RS256', 'ES256', 'vectorgate', issuer, 'at+jwt', 'r', 'm', '*'),
  fc.constantFrom(0, -1, 1e300, seconds, seconds + 60, seconds - 60, 2 ** 53, '9e9', null, []),
  fc.constant([{ collection: 'docs', access: 'rw' }]),
);
const names = {
  header: ['alg', 'typ', 'kid', 'crit', 'jwk', 'jku', 'x5c', 'b64', 'zip', 'cty', 'ALG'],
  payload: [
    ...['iss', 'aud', 'exp', 'nbf', 'iat', 'sub', 'realm_access', 'tenants', 'azp', 'cnf'],
    ...['access', 'Access', 'payload', 'value_exists', 'subject', 'at_hash', 'events', '__proto__'],
  ],
};
const changes = (of: readonly string[]) =>
  fc.array(fc.tuple(fc.constantFrom(...of), fc.option(odd, { nil: undefined })), { maxLength: 2 });

type Changes = readonly (readonly [string, unknown])[];

/** As JSON would have it: own members, whatever they are called. */
function changed(good: object, by: Changes): string {
  const members = new Map(Object.entries(good));
  for (const [name, value] of by) {
    if (value === undefined) members.delete(name);
    else members.set(name, value as never);
  }
  const written = [...members].map(([name, value]) => {
    return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  });
  return `{${written.join(',')}}`;
}

const signers = { rsa: keys.rsa, ec: keys.ec, ed: keys.ed, stranger } as const;
const oidcTokens = fc
  .tuple(fc.constantFrom(...Object.values(signers)), changes(names.header), changes(names.payload))
  .map(([key, header, payload]) =>
    signed(
      changed({ ...goodHeader, alg: key.alg, kid: key.kid }, header),
      changed(goodClaims, payload),
      key,
    ),
  );
const qdrantTokens = fc
  .tuple(
    fc.constantFrom(secret, secondSecret, 'another secret of 32 bytes or more, not ours'),
    changes(names.header),
    changes(names.payload),
  )
  .map(([key, header, payload]) =>
    sealed(
      changed({ alg: 'HS256', typ: 'JWT' }, header),
      changed({ exp: seconds + 60, access: 'r' }, payload),
      key,
    ),
  );
const tokens = fc.oneof(oidcTokens, qdrantTokens);

/** One token, some letters of it replaced, taken out or put in. */
const spoiled = fc
  .tuple(
    tokens,
    fc.array(fc.tuple(fc.nat(1200), fc.nat(2), fc.constantFrom(...'.=+/ -_Ae0{"\n')), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([token, edits]) =>
    edits.reduce((text, [at, taken, letter]) => {
      const place = at % text.length;
      return text.slice(0, place) + letter + text.slice(place + taken);
    }, token),
  );
/** Parts of two tokens, which were signed each for itself. */
const spliced = fc.tuple(tokens, tokens, fc.nat(2)).map(([one, other, part]) => {
  const [parts, foreign] = [one.split('.'), other.split('.')];
  return parts.map((text, index) => (index === part ? foreign[index] : text)).join('.');
});
const raw = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 80 }), fc.jsonValue())
  .map(([head, body]) => `eyJ${encoded(head)}.${encoded(JSON.stringify(body))}.e30`);

/** What another reader says of a token that let somebody in. */
async function isRightly(token: string, identity: Identity): Promise<boolean> {
  if (decodeProtectedHeader(token).alg !== 'HS256') {
    const algorithms = ['RS256', 'ES256', 'EdDSA'];
    const asked = { issuer, audience: 'vectorgate', algorithms, clockTolerance: 6 };
    const now = { currentDate: new Date(time), requiredClaims: ['exp', 'sub', 'aud', 'iss'] };
    const { payload } = await jwtVerify(token, published, { ...asked, ...now });
    return identity.id === `idp:${payload.sub}`;
  }
  const [head, body, seal = ''] = token.split('.');
  const shown = Buffer.from(seal, 'base64url');
  const isSealed = [secret, secondSecret].some((key) => {
    const right = createHmac('sha256', key).update(`${head}.${body}`).digest();
    return right.length === shown.length && timingSafeEqual(right, shown);
  });
  const { exp, access } = JSON.parse(Buffer.from(body ?? '', 'base64url').toString());
  return isSealed && exp > seconds - 6 && (typeof access === 'string' || Array.isArray(access));
}

const tally = { taken: 0, refused: 0 };

it('a token that lets somebody in is one that another reader verifies, and no other', async () => {
  const { show } = tokenScene();
  const holds = fc.asyncProperty(fc.oneof(tokens, spoiled, spliced, raw), async (token) => {
    try {
      const identity = await show(token);
      tally.taken += 1;
      expect(await isRightly(token, identity)).toBe(true);
      // What is remembered is the whole token.
      expect(await show(token)).toBe(identity);
      await expect(Promise.resolve().then(() => show(`${token}A`))).rejects.toThrow(Refusal);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      tally.refused += 1;
      expect(error.code).toBe('not-authenticated');
      expect(error.challenge).toBe('Bearer error="invalid_token"');
      for (const part of token.split('.')) {
        if (part.length > 12) expect(error.message).not.toContain(part);
      }
    }
  });
  await fc.assert(holds, { numRuns });
  expect(tally.taken).toBeGreaterThan(numRuns / 50);
  expect(tally.refused).toBeGreaterThan(numRuns / 4);
});

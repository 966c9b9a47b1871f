/** What it costs to know a caller by a token, in CPU microseconds: `node bench/tokens.ts`. */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { qdrant } from '../src/catalog/qdrant/database.ts';
import { makeAuthenticator } from '../src/identity/authenticator.ts';
import type { Claimant } from '../src/identity/identity.ts';
import { parseKeySet } from '../src/identity/jwks.ts';
import { makeKeyring } from '../src/identity/keys/keyring.ts';
import { makeOidcIssuer } from '../src/identity/oidc.ts';
import { makeQdrantIssuer } from '../src/identity/qdrant-token.ts';
import { makeTokenGate } from '../src/identity/token-gate.ts';

const issuer = 'https://idp.example.com';
const secret = 'a secret of at least thirty-two bytes';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig' };
const set = parseKeySet(JSON.stringify({ keys: [jwk] }));
const exp = Math.floor(Date.now() / 1000) + 3600;

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function oidcToken(number: number): string {
  const roles = { realm_access: { roles: ['search', 'ingest'] }, tenants: ['acme', 'beta'] };
  const claims = { iss: issuer, aud: 'vectorgate', exp, sub: `service-${number}`, ...roles };
  const input = `${encoded({ alg: 'RS256', typ: 'at+jwt', kid: 'one' })}.${encoded(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
}

function qdrantToken(number: number): string {
  const access = [{ collection: `docs-${number}`, access: 'rw' }];
  const input = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded({ exp, access })}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const issuers = [
  makeOidcIssuer(
    {
      ...{ kind: 'oidc', name: 'idp', issuer, jwks: '', audience: ['vectorgate'] },
      ...{ algorithms: ['RS256'], typ: ['at+jwt'], roles: ['realm_access', 'roles'] },
      ...{ claims: { tenant: ['tenants'] }, requireBound: false, admin: false, skewSeconds: 5 },
      ...{ refreshSeconds: 300, trustSeconds: 86_400 },
    },
    { current: () => set, missed: () => undefined },
  ),
  makeQdrantIssuer(
    { kind: 'qdrant', name: 'qdrant', secret, allowWeakSecret: false, skewSeconds: 5 },
    () => [secret],
  ),
];
const authenticate = makeAuthenticator({
  keys: makeKeyring([], () => 0),
  tokens: makeTokenGate({ issuers, holds: () => true, now: Date.now }),
  readAuthorization: qdrant.readAuthorization,
  upstream: 'main',
  now: Date.now,
});

function claimantOf(token: string): Claimant {
  return {
    field: (name) => (name === 'api-key' ? token : undefined),
    peer: { address: '127.0.0.1', certificate: null, client: null },
  };
}

async function measure(
  what: string,
  count: number,
  act: (at: number) => unknown,
  together = 1,
): Promise<void> {
  for (const warm of [true, false]) {
    const before = process.cpuUsage();
    for (let at = 0; at < count; at += together) {
      const first = warm ? at : at + count;
      const answer = together === 1 ? act(first) : Promise.all(range(first, together).map(act));
      if (answer instanceof Promise) await answer;
    }
    const { user, system } = process.cpuUsage(before);
    if (!warm) console.log(`${what}: ${((user + system) / count).toFixed(1)} µs`);
  }
}

const range = (first: number, count: number) =>
  Array.from({ length: count }, (_, at) => first + at);

const once = 2000;
const rsa = range(0, once * 4).map((at) => claimantOf(oidcToken(at)));
const hmac = range(0, once * 2).map((at) => claimantOf(qdrantToken(at)));
await measure('a first token, RS256', once, (at) => authenticate(rsa[at] as Claimant));
await measure('the same, 16 at once', once, (at) => authenticate(rsa[at + 4000] as Claimant), 16);
await measure('a first token, HS256', once, (at) => authenticate(hmac[at] as Claimant));
const known = hmac.slice(-1000).concat(rsa.slice(-1000));
for (const claimant of known) await authenticate(claimant);
await measure('a token seen before', 500_000, (at) => authenticate(known[at % 2000] as Claimant));

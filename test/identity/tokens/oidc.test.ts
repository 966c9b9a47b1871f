import { describe, expect, test } from 'vitest';
import { parseKeySet } from '../../../src/identity/jwks.ts';
import { thumb } from './bad-tokens.ts';
import { keySetOf, signed, signingKey } from './mint.ts';
import {
  goodClaims,
  goodHeader,
  issuer,
  keys,
  oidcToken,
  refusedToken,
  seconds,
  time,
  tokenScene,
  tokensYaml,
} from './scene.ts';

const entry = (more: string) => `keys: { store: file, path: keys.yaml }
tokens:
  - kind: oidc
    issuer: ${issuer}
    jwks: https://idp.example.com/jwks.json
    audience: [other, vectorgate]
    ${more}
`;

describe('an access token of an OpenID Connect issuer', () => {
  test('is its identity: subject, roles, and the claims that were configured', async () => {
    const identity = await tokenScene().show(oidcToken({ secret: 'not for policies' }));
    expect(identity).toEqual({
      kind: 'token',
      id: 'idp:service-7',
      name: 'service-7',
      roles: ['search', 'ingest'],
      claims: { tenant: ['acme', 'beta'], client: ['rag'] },
      labels: {},
      expires: time + 60_000,
    });
    for (const part of [identity, identity.roles, identity.claims, identity.claims['tenant']]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test('takes its issuer for its name where none is given', async () => {
    const { show } = tokenScene({ yaml: entry('algorithms: [RS256]') });
    expect(await show(oidcToken())).toMatchObject({ id: 'idp.example.com:service-7', roles: [] });
  });

  test('has its principal and roles where they were configured', async () => {
    const yaml = entry('algorithms: [RS256]\n    principal: azp\n    roles: scope');
    const { show } = tokenScene({ yaml });
    const identity = await show(oidcToken({ scope: 'search  ingest search' }));
    expect(identity).toMatchObject({ name: 'rag', roles: ['search', 'ingest'] });
    expect((await refusedToken(() => show(oidcToken({ azp: undefined })))).message).toContain(
      'principal is missing',
    );
  });

  test('gives a claim whose name has dots by the list of its steps, and numbers as text', async () => {
    const token = oidcToken({ 'https://example.com/tenant': [7, 'acme'], tenants: 'one' });
    const { claims } = await tokenScene().show(token);
    expect(claims).toEqual({ tenant: ['one'], client: ['rag'], odd: ['7', 'acme'] });
  });

  test('never has a role that stands for a token of Qdrant', async () => {
    const roles = ['qdrant:global-m', 'search', 'qdrant:rw'];
    const identity = await tokenScene().show(oidcToken({ realm_access: { roles } }));
    expect(identity.roles).toEqual(['search']);
  });

  test('reaches no member that it does not have itself', async () => {
    const yaml = entry(
      'algorithms: [RS256]\n    roles: constructor.name\n    claims: { a: __proto__.b }',
    );
    expect(await tokenScene({ yaml }).show(oidcToken())).toMatchObject({ roles: [], claims: {} });
  });

  test.each([
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES256',
    'ES384',
    'ES512',
    'EdDSA',
  ])('counts with %s where that is allowed, and only there', async (alg) => {
    const key = signingKey(alg, 'own');
    const token = signed({ ...goodHeader, alg, kid: 'own' }, goodClaims, key);
    const allowing = tokenScene({ yaml: entry(`algorithms: [${alg}]`) });
    allowing.kept.confirm(parseKeySet(keySetOf(key)));
    expect(await allowing.show(token)).toMatchObject({ kind: 'token' });
    const rest = alg === 'RS256' ? 'ES256' : 'RS256';
    const refusing = tokenScene({ yaml: entry(`algorithms: [${rest}]`) });
    refusing.kept.confirm(parseKeySet(keySetOf(key)));
    expect((await refusedToken(() => refusing.show(token))).message).toContain('not allowed');
  });

  test('is verified once, and is the same object from then on, without a promise', async () => {
    const { show } = tokenScene();
    const first = show(oidcToken());
    expect(first).toBeInstanceOf(Promise);
    const token = oidcToken();
    const identity = await show(token);
    expect(show(token)).toBe(identity);
  });

  test('is verified once for all who show it meanwhile', async () => {
    const { show } = tokenScene();
    const token = oidcToken();
    const shown = await Promise.all(Array.from({ length: 20 }, () => show(token)));
    expect(new Set(shown).size).toBe(1);
  });

  test('is remembered through a flood of bad ones, which are not', async () => {
    const { show } = tokenScene();
    const token = oidcToken();
    const identity = await show(token);
    const [, body = '', signature = ''] = token.split('.');
    for (let count = 0; count < 5000; count++) {
      const header = Buffer.from(`{"alg":"none","kid":"${count}"}`).toString('base64url');
      await refusedToken(() => show(`${header}.${body}.${signature}`));
    }
    expect(show(token)).toBe(identity);
  });

  test('ends to the millisecond, with the skew, before and after it was remembered', async () => {
    const scene = tokenScene();
    const token = oidcToken();
    await scene.show(token);
    scene.clock.now = time + 64_999;
    expect(await scene.show(token)).toMatchObject({ expires: time + 60_000 });
    scene.clock.now = time + 65_000;
    expect((await refusedToken(() => scene.show(token))).message).toContain('has expired');
    expect((await refusedToken(() => scene.show(token))).message).toContain('has expired');
    scene.clock.now = time + 64_999;
    expect(await scene.show(token)).toMatchObject({ kind: 'token' });
  });

  test('begins to the millisecond, with the skew', async () => {
    const scene = tokenScene();
    const token = oidcToken({ nbf: seconds + 10 });
    scene.clock.now = time + 4999;
    expect((await refusedToken(() => scene.show(token))).message).toContain('does not count yet');
    scene.clock.now = time + 5000;
    expect(await scene.show(token)).toMatchObject({ kind: 'token' });
  });
});

describe('a token without a typ', () => {
  test('counts only where the configuration says so', async () => {
    const bare = oidcToken({}, { typ: undefined });
    const { show } = tokenScene({ yaml: entry('algorithms: [RS256]\n    typ: none') });
    expect(await show(bare)).toMatchObject({ kind: 'token' });
    expect((await refusedToken(() => show(oidcToken()))).message).toContain('typ');
    expect((await refusedToken(() => tokenScene().show(bare))).message).toContain('typ');
  });
});

describe('a token that is bound to a certificate', () => {
  const shown = `sha256:${Buffer.from(thumb('a'), 'base64url').toString('hex')}`;
  const bound = oidcToken({ cnf: { 'x5t#S256': thumb('a') } });

  test('counts beside that certificate only, also once it is remembered', async () => {
    const { show } = tokenScene();
    expect(await show(bound, shown)).toMatchObject({ kind: 'token' });
    for (const other of [null, shown.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))]) {
      const refusal = await refusedToken(() => show(bound, other));
      expect(refusal.message).toContain('bound to another client certificate');
      expect(refusal.challenge).toBe('Bearer error="invalid_token"');
    }
    expect(await show(bound, shown)).toMatchObject({ kind: 'token' });
  });

  test('is the only one that counts where binding is required', async () => {
    const yaml = entry('algorithms: [RS256]\n    requireBound: true');
    const { show } = tokenScene({ yaml });
    expect(await show(bound, shown)).toMatchObject({ kind: 'token' });
    const refusal = await refusedToken(() => show(oidcToken(), shown));
    expect(refusal.message).toContain('is not bound');
  });
});

describe('the keys of an issuer', () => {
  test('count no more once they are withdrawn, also for tokens that are remembered', async () => {
    const scene = tokenScene();
    const token = oidcToken();
    await scene.show(token);
    scene.kept.confirm(parseKeySet(keySetOf(keys.ec)));
    expect((await refusedToken(() => scene.show(token))).message).toContain('not exactly one key');
    expect(scene.missed.count).toBe(1);
  });

  test('are not asked for again when they are confirmed', async () => {
    const scene = tokenScene();
    const token = oidcToken();
    const identity = await scene.show(token);
    scene.kept.confirm(parseKeySet(keySetOf(keys.rsa, keys.ec, keys.ed)));
    expect(scene.show(token)).toBe(identity);
  });

  test('count through an outage, but not for ever', async () => {
    const scene = tokenScene();
    const late = oidcToken({ exp: seconds + 86_400 });
    scene.clock.now = time + 3_600_000;
    expect(await scene.show(late)).toMatchObject({ kind: 'token' });
    scene.clock.now++;
    expect((await refusedToken(() => scene.show(late))).message).toContain('are not known');
    scene.kept.confirm(parseKeySet(keySetOf(keys.rsa)));
    expect(await scene.show(late)).toMatchObject({ kind: 'token' });
  });

  test('leave no choice where a token names none of several', async () => {
    const scene = tokenScene();
    const two = [keys.rsa, signingKey('RS256', 'second')];
    const bare = oidcToken({}, { kid: undefined });
    expect(await scene.show(bare)).toMatchObject({ kind: 'token' });
    scene.kept.confirm(parseKeySet(keySetOf(...two)));
    await refusedToken(() => scene.show(bare));
    scene.kept.confirm(parseKeySet(keySetOf(keys.rsa, { ...keys.rsa, ...two[1], kid: 'rs256' })));
    expect(await scene.show(oidcToken())).toMatchObject({ kind: 'token' });
  });

  test('of two issuers never stand for each other', async () => {
    const yaml = tokensYaml.replace(
      '  - kind: qdrant',
      `  - kind: oidc
    issuer: https://two.example.com
    jwks: https://two.example.com/jwks.json
    audience: elsewhere
    algorithms: [RS256]
  - kind: qdrant`,
    );
    const { show } = tokenScene({ yaml });
    expect(await show(oidcToken())).toMatchObject({ id: 'idp:service-7' });
    const crossed = oidcToken({ iss: 'https://two.example.com' });
    expect((await refusedToken(() => show(crossed))).message).toContain('another audience');
  });
});

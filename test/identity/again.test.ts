import { describe, expect, test } from 'vitest';
import { makeApiKey } from '../../src/identity/api-key.ts';
import { makeAuthenticator } from '../../src/identity/authenticator.ts';
import type { Claimant, Identity } from '../../src/identity/identity.ts';
import { parseKeySet } from '../../src/identity/jwks.ts';
import type { KeyEntry } from '../../src/identity/keys/entry.ts';
import { makeKeyring } from '../../src/identity/keys/keyring.ts';
import { claimant, minted, readAuthorization, refusalOf } from './claimant.ts';
import { keySetOf } from './tokens/mint.ts';
import { keys, oidcToken, qdrantToken, refusedToken, tokenScene } from './tokens/scene.ts';

const { key, entry } = minted({ expires: 2000 });

/** One who was let in by a key at 1000, and what can be changed since. */
function letIn(address = '127.0.0.1') {
  const clock = { now: 1000 };
  const ring = makeKeyring([entry], (credential) => credential.length);
  let found = 0;
  const find = (credential: string) => {
    found++;
    return ring.find(credential);
  };
  const authenticate = makeAuthenticator({
    ...{ tokens: null, readAuthorization, upstream: 'main', now: () => clock.now },
    keys: { find, byId: ring.byId },
  });
  const request = claimant({ 'api-key': key }, { address });
  const before = authenticate(request) as Identity;
  const again = () => authenticate(request, before);
  const put = (change: Partial<KeyEntry>) => ring.replace([{ ...entry, ...change }]);
  return { clock, ring, before, again, put, found: () => found };
}

describe('whoever was let in by a key a while ago', () => {
  test('is the same as long as nothing changed, and the key is not hashed again', () => {
    const { again, before, found, clock, ring } = letIn();
    clock.now = 1999;
    expect(again()).toBe(before);
    expect(found()).toBe(1);
    expect(ring.byId(entry.id)?.lastUsed).toBe(1999);
  });

  test('is nobody once it has expired', () => {
    const { again, clock } = letIn();
    clock.now = 2000;
    expect(refusalOf(again).message).toContain('has expired');
  });

  test.each<[string, Partial<KeyEntry>]>([
    ['is revoked', { revoked: 1000 }],
    ['ends sooner', { expires: 1000 }],
    ['belongs to another upstream', { upstream: 'other' }],
    ['may be used from elsewhere only', { sources: ['10.0.0.0/8'] }],
    ['has another secret', { hash: minted().entry.hash }],
    ['has another id', { id: makeApiKey().id, revoked: 1000 }],
  ])('is nobody once the key %s', (_what, change) => {
    const { again, put } = letIn();
    put(change);
    expect(refusalOf(again).code).toBe('not-authenticated');
  });

  test('is nobody once the key is gone', () => {
    const { again, ring } = letIn();
    ring.replace([]);
    expect(refusalOf(again).code).toBe('not-authenticated');
  });

  test('has the roles that the key has by now', () => {
    const { again, put, before } = letIn();
    put({ roles: ['other'] });
    expect(again()).toMatchObject({ id: before.id, roles: ['other'] });
  });

  test('is told by the credential, not by what somebody calls itself', () => {
    const { before } = letIn();
    const { ring } = letIn();
    const authenticate = makeAuthenticator({
      ...{ keys: ring, tokens: null, readAuthorization, upstream: 'main', now: () => 1000 },
    });
    const stranger = claimant({ 'api-key': makeApiKey().key });
    expect(refusalOf(() => authenticate(stranger, before)).code).toBe('not-authenticated');
  });
});

describe('whoever was let in by a token a while ago', () => {
  /** The token is taken away, so that nothing but what was known before can be asked. */
  async function bearer(token: string, scene = tokenScene(), peer: Partial<Claimant['peer']> = {}) {
    const before = await scene.authenticate(claimant({ 'api-key': token }, peer));
    const again = (now = peer) => scene.authenticate(claimant({ 'api-key': 'gone' }, now), before);
    return { ...scene, before, again };
  }

  test('is the same at once, and the token is not read again', async () => {
    for (const token of [oidcToken(), qdrantToken()]) {
      const { again, before } = await bearer(token);
      expect(again()).toBe(before);
    }
  });

  test('is nobody once the token has ended', async () => {
    const { again, clock } = await bearer(oidcToken());
    clock.now += 3_600_000;
    expect((await refusedToken(again)).code).toBe('not-authenticated');
  });

  test('is nobody once its key was withdrawn', async () => {
    const { again, kept } = await bearer(oidcToken());
    kept.confirm(parseKeySet(keySetOf(keys.ec)));
    expect((await refusedToken(again)).code).toBe('not-authenticated');
  });

  test('is nobody on a connection with another certificate than it is bound to', async () => {
    const bound = `sha256:${'00'.repeat(32)}`;
    const thumb = Buffer.alloc(32).toString('base64url');
    const token = oidcToken({ cnf: { 'x5t#S256': thumb } });
    const { again, before } = await bearer(token, tokenScene(), { certificate: bound });
    expect(again()).toBe(before);
    expect((await refusedToken(() => again({ certificate: null }))).code).toBe('not-authenticated');
  });

  test('is nobody once no point has the value that it asks for', async () => {
    let holds = true;
    const scene = tokenScene({ holds: async () => holds });
    const matches = [{ key: 'user', value: 1 }];
    const token = qdrantToken({ value_exists: { collection: 'users', matches } });
    const { again, before, clock } = await bearer(token, scene);
    expect(await again()).toBe(before);
    holds = false;
    clock.now += 30_000;
    expect((await refusedToken(again)).code).toBe('not-authenticated');
  });
});

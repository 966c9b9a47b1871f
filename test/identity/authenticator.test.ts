import { describe, expect, test } from 'vitest';
import { makeApiKey } from '../../src/identity/api-key.ts';
import { makeAuthenticator } from '../../src/identity/authenticator.ts';
import type { KeyEntry } from '../../src/identity/keys/entry.ts';
import { makeKeyring } from '../../src/identity/keys/keyring.ts';
import { Refusal } from '../../src/refusal.ts';
import { claimant, minted, readAuthorization, refusalOf } from './claimant.ts';

const { key, entry } = minted();
const invalid = 'Bearer error="invalid_token"';

/** An authenticator of the upstream `main` that knows one key, at a time of the test's own. */
function gate(change: Partial<KeyEntry> = {}, time = 1000) {
  const keys = makeKeyring([{ ...entry, ...change }], (credential) => credential.length);
  const authenticate = makeAuthenticator({
    ...{ keys, tokens: null, readAuthorization, upstream: 'main' },
    now: () => time,
  });
  return { keys, authenticate };
}

describe('a credential that does not count', () => {
  test('tells whose secret was tried only where its checksum holds', () => {
    const { authenticate } = gate();
    const other = makeApiKey();
    const failing = (fields: Record<string, string>) =>
      refusalOf(() => authenticate(claimant(fields))).failing;
    expect(failing({ 'api-key': other.key })).toEqual({ key: other.id });
    expect(failing({ 'api-key': `${other.key.slice(0, -1)}!` })).toEqual({ key: null });
    expect(failing({ 'api-key': 'secret' })).toEqual({ key: null });
    expect(failing({})).toBeNull();
  });
});

describe('an API key', () => {
  test.each([{ 'api-key': key }, { authorization: `Bearer ${key}` }])(
    'is its identity, at once and without a secret',
    (fields) => {
      const { authenticate } = gate({ labels: { app: 'rag' }, expires: 5000 });
      const identity = authenticate(claimant(fields));
      expect(identity).toEqual({
        kind: 'key',
        id: entry.id,
        name: 'rag-service',
        roles: ['search'],
        claims: {},
        labels: { app: 'rag' },
        expires: 5000,
      });
      expect(JSON.stringify(identity)).not.toContain(entry.hash);
    },
  );

  test('is the same frozen object each time, and another after a reload', () => {
    const { authenticate, keys } = gate();
    const first = authenticate(claimant({ 'api-key': key }));
    expect(authenticate(claimant({ authorization: `Bearer ${key}` }))).toBe(first);
    for (const part of [first, first.valueOf(), Object(first)['roles'], Object(first)['labels']]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    keys.replace([entry]);
    expect(authenticate(claimant({ 'api-key': key }))).not.toBe(first);
  });

  test('is refused from the millisecond at which it ends', () => {
    expect(gate({ expires: 1001 }).authenticate(claimant({ 'api-key': key }))).toBeDefined();
    for (const expires of [1000, 999]) {
      const refusal = refusalOf(() => gate({ expires }).authenticate(claimant({ 'api-key': key })));
      expect(refusal).toMatchObject({ challenge: invalid, message: `key ${entry.id} has expired` });
    }
  });

  test('ends on a connection that used it before', () => {
    let time = 999;
    const keys = makeKeyring([{ ...entry, expires: 1000 }], () => 0);
    const authenticate = makeAuthenticator({
      ...{ keys, tokens: null, readAuthorization, upstream: 'main' },
      now: () => time,
    });
    const request = claimant({ 'api-key': key });
    expect(authenticate(request)).toBeDefined();
    time = 1000;
    expect(refusalOf(() => authenticate(request)).message).toContain('has expired');
  });

  test('is refused from the moment it is revoked, not before', () => {
    expect(gate({ revoked: 1001 }).authenticate(claimant({ 'api-key': key }))).toBeDefined();
    const refusal = refusalOf(() =>
      gate({ revoked: 1000 }).authenticate(claimant({ 'api-key': key })),
    );
    expect(refusal).toMatchObject({ challenge: invalid, message: `key ${entry.id} is revoked` });
  });

  test('that is revoked on disk is refused at the next request', () => {
    const { authenticate, keys } = gate();
    const request = claimant({ 'api-key': key });
    expect(authenticate(request)).toBeDefined();
    keys.replace([{ ...entry, revoked: 1000 }]);
    expect(refusalOf(() => authenticate(request)).challenge).toBe(invalid);
    keys.replace([]);
    expect(refusalOf(() => authenticate(request)).challenge).toBe(invalid);
  });

  test('of another upstream is refused here', () => {
    expect(gate({ upstream: 'main' }).authenticate(claimant({ 'api-key': key }))).toBeDefined();
    const refusal = refusalOf(() =>
      gate({ upstream: 'other' }).authenticate(claimant({ 'api-key': key })),
    );
    expect(refusal.challenge).toBe(invalid);
    expect(refusal.message).toContain('other');
  });

  const sources = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8'];
  test.each(['10.0.0.0', '10.255.255.255', '192.0.2.7', 'fd12::1'])(
    'may be used from %s where its blocks hold it',
    (address) => {
      const request = claimant({ 'api-key': key }, { address });
      expect(gate({ sources }).authenticate(request)).toBeDefined();
    },
  );
  test.each(['11.0.0.0', '9.255.255.255', '192.0.2.8', 'fe80::1%eth0', '::1', '', 'x', '10.0.0'])(
    'is refused from %j, which they do not hold',
    (address) => {
      const request = claimant({ 'api-key': key }, { address });
      expect(refusalOf(() => gate({ sources }).authenticate(request)).challenge).toBe(invalid);
    },
  );

  test('leaves the time of its last use, which a reload keeps', () => {
    const { authenticate, keys } = gate();
    expect(keys.byId(entry.id)?.lastUsed).toBeNull();
    authenticate(claimant({ 'api-key': key }));
    expect(keys.byId(entry.id)?.lastUsed).toBe(1000);
    keys.replace([entry]);
    expect(keys.byId(entry.id)?.lastUsed).toBe(1000);
  });

  test('that was refused is not thereby used', () => {
    const { authenticate, keys } = gate({ expires: 1 });
    refusalOf(() => authenticate(claimant({ 'api-key': key })));
    expect(keys.byId(entry.id)?.lastUsed).toBeNull();
  });
});

describe('whoever is nobody', () => {
  const flipped = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');

  test.each([
    ['a key with its checksum mistyped', flipped],
    ['a key that was never made here', minted().key],
    ['the id alone', entry.id],
    ['the hash in place of the key', entry.hash],
    ['the hash as it is written', `sha256:${entry.hash}`],
    ['the key without its checksum', key.slice(0, -6)],
    ['the key in another case', key.toUpperCase()],
    ['a name of every object', '__proto__'],
  ])('hears the same for %s', (_what, credential) => {
    const refusal = refusalOf(() => gate().authenticate(claimant({ 'api-key': credential })));
    expect(refusal).toMatchObject({ code: 'not-authenticated', http: 401, challenge: invalid });
    expect(refusal.message).not.toContain(credential);
  });

  test('is told in the log by the id it gives, only where the checksum holds', () => {
    const stranger = minted();
    const { authenticate } = gate();
    const reason = (credential: string) =>
      refusalOf(() => authenticate(claimant({ 'api-key': credential }))).message;
    expect(reason(stranger.key)).toContain(stranger.entry.id);
    expect(reason(`vg_hunter2pass_${'x'.repeat(49)}`)).not.toContain('hunter2');
  });

  test('a verified certificate alone is nobody', () => {
    const request = claimant({}, { certificate: `sha256:${'a'.repeat(64)}` });
    expect(refusalOf(() => gate().authenticate(request)).challenge).toBe('Bearer');
  });

  test('every way to be refused reads the same to the client', () => {
    const ways = [{ expires: 1 }, { revoked: 1 }, { upstream: 'x' }, { sources: ['10.0.0.0/8'] }];
    const heard = ways.map((change) => {
      const refusal = refusalOf(() => gate(change).authenticate(claimant({ 'api-key': key })));
      expect(refusal).toBeInstanceOf(Refusal);
      const { code, http, grpc, told, challenge, retryAfter } = refusal;
      return { code, http, grpc, told, challenge, retryAfter };
    });
    expect(new Set(heard.map((each) => JSON.stringify(each))).size).toBe(1);
  });
});

import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badTokens } from '../identity/tokens/bad-tokens.ts';
import { keySetOf, signingKey } from '../identity/tokens/mint.ts';
import { issuer, keys, oidcToken, qdrantToken, seconds, secret } from '../identity/tokens/scene.ts';
import { openRest, type RawClient } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';
import {
  type Everywhere,
  forbidden,
  nobody,
  openEverywhere,
  welcome,
} from '../support/token-gateway.ts';

let database: TestDatabase;
let gateway: TestGateway;
let everywhere: Everywhere;
let rest: RawClient;
const shown = new Set<string>();

/** A key set that is the gateway's to read when it starts, and ours to replace. */
const keySet = 'issuer.jwks.json';

beforeAll(async () => {
  database = await openDemo();
  gateway = await startGateway({
    database,
    policies: {
      admin: 'allow: [{ collections: ["*"], access: m }]',
      search: 'allow: [{ collections: ["{claims.tenant}-docs"], access: r }]',
    },
    keys: { admin: { roles: ['admin'] } },
    sections: { audit: { directory: 'audit/', authentication: { success: 1 } } },
    texts: { [keySet]: keySetOf(keys.rsa, keys.ec, keys.ed) },
    identity: {
      tokens: [
        {
          kind: 'oidc',
          name: 'idp',
          issuer,
          jwks: keySet,
          audience: 'vectorgate',
          algorithms: ['RS256', 'ES256', 'EdDSA'],
          roles: 'realm_access.roles',
          claims: { tenant: 'tenants' },
        },
        { kind: 'qdrant', secret },
      ],
    },
  });
  everywhere = openEverywhere(gateway);
  rest = openRest(gateway);
  const body = JSON.stringify({ vectors: { size: 2, distance: 'Dot' } });
  for (const name of ['acme-docs', 'beta-docs', 'gamma-docs', 'users']) {
    await rest.ask({ method: 'PUT', path: `/collections/${name}`, body, key: admin() });
  }
});
afterAll(async () => {
  everywhere.close();
  rest.close();
  await gateway.stop();
  await database.close();
});

const admin = () => gateway.keys['admin'] ?? null;
const lasting = { exp: seconds + 3600 };

function heard(collection: string, token: string) {
  shown.add(token);
  return everywhere.about(collection, token);
}

describe('an access token', () => {
  it('reaches the collections of every value of its claim, and no other', async () => {
    const token = oidcToken(lasting);
    expect(await heard('acme-docs', token)).toEqual(welcome);
    expect(await heard('beta-docs', token)).toEqual(welcome);
    expect(await heard('gamma-docs', token)).toEqual(forbidden);
    expect(await heard('users', token)).toEqual(forbidden);
  });

  it('is a principal of its own in the audit log', async () => {
    await heard('acme-docs', oidcToken({ ...lasting, sub: 'audited' }));
    const principals = gateway.audit().flatMap(({ principal }) => (principal ? [principal] : []));
    expect(principals.filter(({ id }) => id === 'idp:audited')).not.toHaveLength(0);
    expect(principals.find(({ id }) => id === 'idp:audited')).toMatchObject({ kind: 'token' });
  });

  it('that counts is recorded as such where a sample of these is asked for, and no other', async () => {
    const of = (event: string) => gateway.audit().filter((record) => record.event === event);
    const token = oidcToken({ ...lasting, sub: 'sampled' });
    await heard('acme-docs', token);
    await heard('acme-docs', `${token}A`);
    const told = () =>
      of('auth.success').filter(({ principal }) => principal?.id === 'idp:sampled');
    await expect.poll(() => told().length).toBe(3);
    expect(
      told()
        .map(({ protocol }) => protocol)
        .sort(),
    ).toEqual(['grpc', 'http', 'http']);
    await expect.poll(() => of('auth.failure').length).toBeGreaterThan(0);
  });

  it.each([
    ['a tenant that is a pattern', ['*']],
    ['a tenant that is nobody', ['']],
    ['a tenant with the separator in it', ['acme-docs/../gamma']],
    ['a tenant with a letter outside names', ['acmé']],
  ])('gains nothing by %s', async (_what, tenants) => {
    const token = oidcToken({ ...lasting, tenants });
    for (const name of ['acme-docs', 'gamma-docs']) {
      expect(await heard(name, token)).toEqual(forbidden);
    }
  });

  it('beside a key of another principal is a rival', async () => {
    const token = oidcToken(lasting);
    const headers = { authorization: `Bearer ${token}` };
    const { status } = await rest.ask({ path: '/collections', key: admin(), headers });
    expect(status).toBe(401);
  });

  it('learns who it is, and nothing that it claims', async () => {
    const { body } = await rest.ask({ path: '/.vectorgate/whoami', key: oidcToken(lasting) });
    expect(JSON.parse(body.toString())).toMatchObject({
      principal: { kind: 'token', id: 'idp:service-7' },
      roles: ['search', 'ingest'],
      expires: new Date(lasting.exp * 1000).toISOString(),
    });
  });
});

describe('a bad token', () => {
  // Longer than one header field may be, so that it never comes as far as a token.
  const sendable = badTokens.filter(([, token]) => token.length < 8192);

  it.each(sendable)('is nobody on HTTP/1.1, HTTP/2 and gRPC: %s', async (_what, token) => {
    expect(await heard('acme-docs', token)).toEqual(nobody);
    const challenge = 'Bearer error="invalid_token"';
    expect(everywhere.challenges).toEqual({ http1: challenge, http2: challenge });
  });

  it('of more than sixty kinds is in the audit log, each time it was shown, with why', async () => {
    expect(sendable.length).toBeGreaterThanOrEqual(60);
    const failures = () => gateway.audit().filter(({ event }) => event === 'auth.failure');
    const counted = () => failures().reduce((sum, { count = 0 }) => sum + count, 0);
    const shownOften = { timeout: 15_000 };
    await expect.poll(counted, shownOften).toBeGreaterThanOrEqual(sendable.length * 3);
    const reasons = new Set(failures().map(({ reason }) => reason));
    expect(reasons.size).toBeGreaterThan(30);
    expect([...reasons].every((reason) => reason !== undefined && reason.length > 10)).toBe(true);
  });

  it('is no reason to say that something is invalid where nothing was shown', async () => {
    const { status, headers } = await rest.ask({ path: '/collections' });
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('Bearer');
  });

  it('never reaches the database', () => {
    const touched = (database.touches ?? []).map((touch) => JSON.stringify(touch)).join('\n');
    expect(touched).not.toContain('gamma-docs"}');
  });
});

describe('a token of Qdrant', () => {
  const usable = (access: unknown, more = {}) => qdrantToken({ ...lasting, access, ...more });
  const upsert = (collection: string, id: number, payload = {}) => ({
    method: 'PUT',
    path: `/collections/${collection}/points?wait=true`,
    body: JSON.stringify({ points: [{ id, vector: [1, 0], payload }] }),
  });

  it('does with each of its words what Qdrant lets it do', async () => {
    const read = usable([{ collection: 'acme-docs', access: 'r' }]);
    const write = usable([{ collection: 'acme-docs', access: 'prw' }]);
    expect(await heard('acme-docs', read)).toEqual(welcome);
    expect(await heard('beta-docs', read)).toEqual(forbidden);
    expect((await rest.ask({ ...upsert('acme-docs', 1), key: read })).status).toBe(403);
    expect((await rest.ask({ ...upsert('acme-docs', 1), key: write })).status).toBe(200);
    expect((await rest.ask({ ...upsert('beta-docs', 1), key: write })).status).toBe(403);
    expect(await heard('beta-docs', usable('r'))).toEqual(welcome);
    expect((await rest.ask({ ...upsert('beta-docs', 1), key: usable('r') })).status).toBe(403);
    expect((await rest.ask({ ...upsert('beta-docs', 1), key: usable('m') })).status).toBe(200);
  });

  it('exports nothing, whatever its word', async () => {
    for (const access of ['m', [{ collection: 'acme-docs', access: 'rw' }]]) {
      const path = '/collections/acme-docs/snapshots';
      const { status } = await rest.ask({ method: 'POST', path, key: usable(access) });
      expect(status).toBe(403);
      const all = await rest.ask({ method: 'POST', path: '/snapshots', key: usable(access) });
      expect(all.status).toBe(403);
    }
  });

  it('reaches no collection by a name that is a pattern', async () => {
    for (const collection of ['*', 'acme-*', '{claims.collections_r}']) {
      const token = usable([{ collection, access: 'rw' }]);
      expect(await heard('acme-docs', token)).toEqual(forbidden);
    }
  });

  it('stands and falls with the value that it names', async () => {
    const matches = [{ key: 'session', value: 'open' }];
    const token = usable('r', { value_exists: { collection: 'users', matches } });
    expect(await heard('acme-docs', token)).toEqual(nobody);
    await rest.ask({ ...upsert('users', 7, { session: 'open' }), key: admin() });
    expect(await heard('acme-docs', token)).toEqual(welcome);
    await rest.ask({ ...upsert('users', 7, { session: 'closed' }), key: admin() });
    await expect.poll(() => heard('acme-docs', token), { timeout: 5000 }).toEqual(nobody);
  });
});

describe('a file of keys', () => {
  it('that is replaced lets in the new key and shuts out the old, also on open connections', async () => {
    const old = oidcToken(lasting);
    const next = signingKey('RS256', 'next');
    const fresh = oidcToken(lasting, {}, next);
    expect(await heard('acme-docs', old)).toEqual(welcome);
    expect(await heard('acme-docs', fresh)).toEqual(nobody);
    replaceKeys(keySetOf(next));
    await expect.poll(() => heard('acme-docs', fresh), { timeout: 5000 }).toEqual(welcome);
    expect(await heard('acme-docs', old)).toEqual(nobody);
    const events = gateway.audit().map(({ event }) => event);
    expect(events).toContain('issuer.changed');

    replaceKeys('{"keys":[]}');
    const failed = async () => {
      const { body } = await gateway.admin('/status');
      const { configuration } = body as { configuration: readonly { part: string }[] };
      return configuration.find(({ part }) => part === 'issuers');
    };
    await expect.poll(failed).toMatchObject({ issuer: 'idp', failure: { problems: [{}] } });
    expect(await heard('acme-docs', fresh)).toEqual(welcome);
  });

  function replaceKeys(text: string): void {
    const path = join(gateway.directory, keySet);
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  }
});

describe('no token', () => {
  it('stands in the log or in an audit record, not even in part', () => {
    const records = readdirSync(gateway.auditDirectory)
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => readFileSync(join(gateway.auditDirectory, name), 'utf8'));
    const written = [gateway.output(), ...records].join('\n');
    expect(written).toContain('idp:service-7');
    const parts = [...shown].flatMap((token) => token.split('.').slice(1));
    expect(parts.length).toBeGreaterThan(100);
    for (const part of parts) if (part.length > 12) expect(written.includes(part)).toBe(false);
    expect(written).not.toContain(secret);
  });
});

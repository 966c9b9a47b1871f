import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signingKey } from '../identity/tokens/mint.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';
import type { LayoutOptions } from '../support/gateway-folder.ts';
import { type IdentityProvider, startProvider } from '../support/identity-provider.ts';
import {
  type Everywhere,
  forbidden,
  foreignCertificate,
  nobody,
  openEverywhere,
} from '../support/token-gateway.ts';

let database: TestDatabase;
let provider: IdentityProvider;
let gateway: TestGateway;
let everywhere: Everywhere;
let options: LayoutOptions;
const acme = { roles: ['search'], org: { tenants: ['acme'] } };

beforeAll(async () => {
  database = await openDemo();
  const served = foreignCertificate();
  provider = await startProvider(served, signingKey('RS256', 'one'));
  options = {
    database,
    policies: {
      admin: 'allow: [{ collections: ["*"], access: m }]',
      search: 'allow: [{ collections: ["{claims.tenant}-docs"], access: r }]',
    },
    keys: { admin: { roles: ['admin'] } },
    identity: {
      tokens: [
        {
          kind: 'oidc',
          issuer: provider.issuer,
          jwks: provider.jwks,
          ca: served.ca,
          audience: 'vectorgate',
          algorithms: ['RS256', 'ES256'],
          typ: 'at+jwt',
          principal: 'client_id',
          roles: 'roles',
          claims: { tenant: 'org.tenants' },
          refreshSeconds: 10,
        },
      ],
    },
  };
  gateway = await startGateway(options);
  everywhere = openEverywhere(gateway);
});
afterAll(async () => {
  everywhere.close();
  await gateway.stop();
  await provider.goDown().catch(() => undefined);
  await database.close();
});

const soon = { timeout: 40_000, interval: 250 };

interface IssuerState {
  readonly version: string;
  readonly failure: unknown;
}

async function issuerState(of = gateway): Promise<IssuerState | undefined> {
  const { body } = await of.admin('/status');
  const { configuration } = body as { configuration: (IssuerState & { part: string })[] };
  return configuration.find(({ part }) => part === 'issuers');
}

describe('a real identity provider', () => {
  let first: string;

  it('issues tokens that count at once, for what their claims say', async () => {
    first = await provider.token(acme);
    expect(await everywhere.about('acme-docs', first)).not.toEqual(nobody);
    expect(await everywhere.about('beta-docs', first)).toEqual(forbidden);
    const { body } = await gateway.admin('/status');
    expect(JSON.stringify(body)).toContain('"issuer":"localhost"');
    const names = gateway.audit().flatMap(({ principal }) => principal?.name ?? []);
    expect(names).toContain('rag-service');
  });

  it('issues tokens without a role, which may do nothing', async () => {
    const bare = await provider.token({});
    expect(await everywhere.about('acme-docs', bare)).toEqual(forbidden);
  });

  it('is asked for its keys off the path of requests', async () => {
    const before = provider.keyFetches;
    for (let count = 0; count < 20; count++) {
      await everywhere.about('acme-docs', await provider.token(acme));
    }
    expect(provider.keyFetches - before).toBeLessThanOrEqual(1);
  });

  it('rotates its keys: new tokens count soon, old ones no more', async () => {
    await provider.rotate(signingKey('ES256', 'two'));
    const second = await provider.token(acme);
    await expect.poll(() => everywhere.about('beta-docs', second), soon).toEqual(forbidden);
    expect(await everywhere.about('acme-docs', first)).toEqual(nobody);
    const changes = gateway.audit().filter(({ event }) => event === 'issuer.changed');
    expect(changes.length).toBeGreaterThanOrEqual(2);
  });

  it('goes down: its tokens still count, and the status says why there are no newer keys', async () => {
    const token = await provider.token(acme);
    await provider.goDown();
    await expect.poll(issuerState, soon).toMatchObject({ failure: { problems: [{}] } });
    expect(await everywhere.about('beta-docs', token)).toEqual(forbidden);
    expect((await gateway.health('/readyz')).status).toBe(200);
  });

  it('is down when a gateway starts: keys let in, tokens do once it is back', async () => {
    const late = await startGateway(options);
    const there = openEverywhere(late);
    try {
      expect(await issuerState(late)).toMatchObject({
        version: 'none',
        failure: { problems: [{}] },
      });
      const key = late.keys['admin'] ?? '';
      expect((await there.about('acme-docs', key)).http1).not.toBe(401);
      await provider.comeBack();
      const token = await provider.token(acme);
      await expect.poll(() => there.about('beta-docs', token), soon).toEqual(forbidden);
      await expect.poll(issuerState, soon).toMatchObject({ failure: null });
      expect(await everywhere.about('beta-docs', token)).toEqual(forbidden);
    } finally {
      there.close();
      await late.stop();
    }
  });
});

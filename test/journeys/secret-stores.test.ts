// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is the file's own spelling
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoDatabase, startDemoDatabase } from '../../src/demo/database.ts';
import { openRest, type RawClient } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { runCli } from '../support/gateway-cli.ts';
import { openVaultDouble, type VaultDouble } from '../support/secret-stores.ts';

const oldKey = 'credential-of-before-0123';
const newKey = 'credential-of-after-4567';
const storeToken = 'login-of-the-gateway-at-the-store';

let vault: VaultDouble;
let database: DemoDatabase;
let gateway: TestGateway;
let rest: RawClient;

beforeAll(async () => {
  vault = await openVaultDouble();
  vault.tokens.add(storeToken);
  vault.secrets.set('rag/qdrant', { key: oldKey });
  database = await startDemoDatabase({ apiKey: oldKey, readOnlyApiKey: newKey });
  gateway = await startGateway({
    database: { ...database, credential: null },
    credential: '${vault:rag/qdrant#key}',
    sections: { secrets: { vault: { address: vault.address, tokenFile: 'store-token' } } },
    policies: { r: 'allow: [{ collections: ["*"], access: r }]' },
    keys: { reader: { roles: ['r'] } },
    texts: { 'store-token': storeToken },
  });
  rest = openRest(gateway);
});
afterAll(async () => {
  rest.close();
  await gateway.stop();
  await database.close();
  await vault.close();
});

const soon = { timeout: 15_000, interval: 50 };
const reload = () => gateway.admin('/reload', 'POST');
const read = async () =>
  (await rest.ask({ path: '/collections', key: gateway.keys['reader'] ?? null })).status;
const events = (event: string) => gateway.audit().filter((record) => record.event === event).length;

async function problems(): Promise<string> {
  const { body } = await gateway.admin('/status');
  const { configuration } = body as { configuration: { part: string; failure: unknown }[] };
  return JSON.stringify(configuration.find(({ part }) => part === 'secrets')?.failure ?? null);
}

describe('a secret in a store', () => {
  it('is what the database is shown', async () => {
    expect(await read()).toBe(200);
  });

  it('that is replaced there comes into force without a restart', async () => {
    vault.secrets.set('rag/qdrant', { key: newKey });
    await reload();
    await expect.poll(() => events('credential.rotated'), soon).toBe(1);
    expect(events('secrets.changed')).toBe(1);
    expect(await read()).toBe(200);
  });

  it('stays as it was while the store is lost, which is told with file, line and key', async () => {
    vault.trouble = 503;
    await reload();
    await expect.poll(problems, soon).toContain('cannot be fetched');
    expect(await problems()).toContain('upstreams[0].credential');
    expect(await problems()).toContain(gateway.config);
    expect(await read()).toBe(200);
    expect((await gateway.health('/readyz')).status).toBe(200);
    expect(events('secrets.unavailable')).toBe(1);
    expect((await gateway.health('/metrics')).body).toContain(
      'vectorgate_reloads_total{part="secrets",result="refused"}',
    );
    vault.trouble = null;
    await expect.poll(problems, soon).toBe('null');
    expect(events('secrets.available')).toBe(1);
  });

  it('is fetched by check too, which says so where it cannot be', async () => {
    expect((await runCli('check', '--config', gateway.config)).code).toBe(0);
    vault.trouble = 403;
    const { code, stderr } = await runCli('check', '--config', gateway.config);
    expect([code, stderr]).toEqual([2, expect.stringContaining('does not let us read')]);
    const offline = await runCli('check', '--config', gateway.config, '--offline');
    expect(offline.stderr).toContain('not fetched: ${vault:rag/qdrant#key}');
    expect(offline.code).toBe(0);
    vault.trouble = null;
  });

  it('is no hindrance to the commands that read the configuration', async () => {
    expect((await runCli('keys', 'list', '--config', gateway.config)).code).toBe(0);
  });

  it('stands in nothing that the gateway wrote, nor does its login', async () => {
    const { body } = await gateway.admin('/status');
    const told = [gateway.output(), JSON.stringify(gateway.audit()), JSON.stringify(body)].join();
    for (const secret of [oldKey, newKey, storeToken]) expect(told).not.toContain(secret);
  });
});

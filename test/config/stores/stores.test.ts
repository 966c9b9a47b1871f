// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is the file's own spelling
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { loadWithSecrets } from '../../../src/config/load-secrets.ts';
import { Misconfigured } from '../../../src/problem.ts';
import { makeDevCertificates } from '../../../src/tls/dev-certificates.ts';
import { openAwsDouble, openVaultDouble } from '../../support/secret-stores.ts';
import { configFolder, goodConfig, goodEnvironment } from '../folder.ts';

const secret = 'the-credential-in-the-store';
const reference = '${vault:rag/qdrant#key}';

interface Scene {
  readonly folder: string;
  readonly file: string;
  load(offline?: boolean): ReturnType<typeof loadWithSecrets>;
}

function scene(section: string, text = reference, files: Record<string, string> = {}): Scene {
  const config = goodConfig.replace('${QDRANT_KEY}', () => text);
  const folder = configFolder({ 'vectorgate.yaml': `${config}${section}`, ...files });
  const file = join(folder, 'vectorgate.yaml');
  const load = async (offline = false) => {
    const env = { ...goodEnvironment, VAULT_TOKEN: 'root-token' };
    const loaded = await loadWithSecrets(file, offline, env);
    onTestFinished(async () => loaded.stores?.close());
    return loaded;
  };
  return { folder, file, load };
}

async function vault(certified: Parameters<typeof openVaultDouble>[0] = null) {
  const double = await openVaultDouble(certified);
  onTestFinished(() => double.close());
  double.secrets.set('rag/qdrant', { key: secret, number: 7, empty: '' });
  return double;
}

const byToken = (address: string) =>
  `secrets:\n  vault: { address: "${address}", token: "\${VAULT_TOKEN}" }\n`;

async function wrong(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof Misconfigured) return error.message;
    throw error;
  }
  throw new Error('nothing was wrong');
}

const credentialOf = ({ config }: Awaited<ReturnType<Scene['load']>>) =>
  config.upstreams[0]?.credential?.primary;

describe('a reference to Vault', () => {
  it('is replaced by what stands there, with a token', async () => {
    const store = await vault();
    expect(credentialOf(await scene(byToken(store.address)).load())).toBe(secret);
    expect(store.asked.at(-1)?.headers['x-vault-token']).toBe('root-token');
  });

  it('is read once, however many references lead to one secret', async () => {
    const store = await vault();
    store.secrets.set('rag/qdrant', { key: secret, other: 'another' });
    const both = '{ primary: "${vault:rag/qdrant#key}", secondary: "${vault:rag/qdrant#other}" }';
    const { config } = await scene(byToken(store.address), both).load();
    expect(config.upstreams[0]?.credential).toEqual({ primary: secret, secondary: 'another' });
    expect(store.asked.filter(({ path }) => path.endsWith('/rag/qdrant'))).toHaveLength(1);
  });

  it('asks in the namespace, and at the mount, that are configured', async () => {
    const store = await vault();
    const section = byToken(store.address).replace(' }', ', namespace: team/a, mount: kv }');
    expect(await wrong(scene(section).load)).toContain('there is nothing at kv/data/rag/qdrant');
    expect(store.asked.at(-1)?.headers['x-vault-namespace']).toBe('team/a');
  });

  it('is verified by the configured authority over https, and by no other', async () => {
    const { ca, server } = makeDevCertificates();
    const store = await vault({ key: server.key, cert: server.certificate });
    const section = byToken(store.address);
    const trusting = section.replace(' }', ', ca: ca.pem }');
    const files = { 'ca.pem': ca.certificate };
    expect(credentialOf(await scene(trusting, reference, files).load())).toBe(secret);
    expect(await wrong(scene(section).load)).toMatch(/cannot be reached \(\w*VERIFY\w*\)/);
  });

  it('is no variable of the environment that switches verification off', async () => {
    vi.stubEnv('VAULT_SKIP_VERIFY', 'true');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { server } = makeDevCertificates();
    const store = await vault({ key: server.key, cert: server.certificate });
    expect(await wrong(scene(byToken(store.address)).load)).toContain('VERIFY');
  });
});

describe('a login', () => {
  const byAccount = (address: string) =>
    `secrets:\n  vault: { address: "${address}", kubernetes: { role: gate, tokenFile: jwt } }\n`;

  it('as a service account is made anew with what the file holds then', async () => {
    const store = await vault();
    store.accounts.set('gate', 'jwt-one');
    const { load, folder } = scene(byAccount(store.address), reference, { jwt: 'jwt-one\n' });
    const { stores } = await load();
    store.tokens.clear();
    store.accounts.set('gate', 'jwt-two');
    writeFileSync(join(folder, 'jwt'), 'jwt-two');
    const came = await stores?.fetch();
    expect(came?.get('vault:rag/qdrant#key')).toEqual({ value: secret });
    expect(store.tokens).toEqual(new Set(['login-2']));
  });

  it('is renewed once half of its time is over, and made anew where it cannot be', async () => {
    const store = await vault();
    Object.assign(store, { lease: 1e-6, renewable: true });
    store.accounts.set('gate', 'jwt-one');
    const { load } = scene(byAccount(store.address), reference, { jwt: 'jwt-one' });
    const { stores } = await load();
    await stores?.fetch();
    const paths = store.asked.map(({ path }) => path);
    expect(paths.filter((path) => path.endsWith('/renew-self'))).toHaveLength(1);
    store.tokens.clear();
    expect((await stores?.fetch())?.get('vault:rag/qdrant#key')).toEqual({ value: secret });
  });

  it('with a token file uses the token that stands there now', async () => {
    const store = await vault();
    const section = `secrets:\n  vault: { address: "${store.address}", tokenFile: token }\n`;
    const { load, folder } = scene(section, reference, { token: 'root-token' });
    const { stores } = await load();
    store.tokens.delete('root-token');
    store.tokens.add('next-token');
    writeFileSync(join(folder, 'token'), 'next-token\n');
    expect((await stores?.fetch())?.get('vault:rag/qdrant#key')).toEqual({ value: secret });
  });

  it('that ends soon has secrets fetched sooner', async () => {
    const store = await vault();
    store.lease = 60;
    const { stores } = await scene(byToken(store.address)).load();
    expect(stores?.every).toBe(30_000);
  });
});

describe('what cannot be fetched', () => {
  it.each([
    ['no permission', 403, 'does not let us read secret/data/rag/qdrant'],
    ['a seal', 503, 'answers with status 503. Unseal it'],
    ['a fault', 500, 'answers with status 500'],
    ['an answer without an end', 'silent', 'did not answer in time'],
    ['an answer that is too large', 'huge', 'over 1048576 bytes'],
    ['an answer that is no JSON', 'html', 'is no JSON'],
    ['a redirect', 'redirect', 'answers with status 307'],
  ] as const)('is a problem at its line: %s', { timeout: 20_000 }, async (_, trouble, told) => {
    const store = await vault();
    store.trouble = trouble;
    const { load, file } = scene(byToken(store.address));
    const message = await wrong(load);
    expect(message).toContain(`${file}:7 upstreams[0].credential: \${vault:rag/qdrant#key} cannot`);
    expect(message).toContain(told);
    expect(message).not.toMatch(/secret-in-|root-token/);
  });

  it.each([
    ['${vault:rag/qdrant#nothing}', 'there is no key nothing at rag/qdrant'],
    ['${vault:rag/qdrant#number}', 'is no text, or empty'],
    ['${vault:rag/qdrant#empty}', 'is no text, or empty'],
    ['${vault:rag/qdrant#__proto__}', 'there is no key __proto__'],
    ['${vault:rag/other#key}', 'there is nothing at secret/data/rag/other'],
    ['${vault:rag/../../sys/mounts#key}', 'is no reference'],
    ['${vault:rag/qdrant}', 'is no reference'],
    ['${vault:rag/qdrant?version=1#key}', 'is no reference'],
    ['${aws:rag#key}', 'secrets.aws is missing'],
  ])('is a problem, and asks nothing else: %s', async (text, told) => {
    const store = await vault();
    expect(await wrong(scene(byToken(store.address), text).load)).toContain(told);
    expect(store.asked.every(({ path }) => /^\/v1\/(secret\/data|auth)\//.test(path))).toBe(true);
  });

  it('is a store that is not there', async () => {
    const store = await vault();
    await store.close();
    expect(await wrong(scene(byToken(store.address)).load)).toContain('ECONNREFUSED');
  });

  it('is asked of nobody where the section of the stores is not good', async () => {
    const message = await wrong(scene(byToken('http://vault.example.com:8200')).load);
    expect(message).toContain('secrets.vault.address: secrets from there could be read');
    expect(message).toContain('no store was asked');
    const store = await vault();
    const unset = byToken(store.address).replace('VAULT_TOKEN', 'NOT_SET');
    expect(await wrong(scene(unset).load)).toContain('NOT_SET is not set');
    const circular = byToken(store.address).replace('${VAULT_TOKEN}', '${vault:a#b}');
    expect(await wrong(scene(circular).load)).toContain('secrets.vault.token');
    expect(store.asked).toEqual([]);
  });

  it('is not asked for offline, and everything else is checked', async () => {
    const { load } = scene(byToken('http://127.0.0.1:1'));
    expect((await load(true)).unfetched).toEqual(['vault:rag/qdrant#key']);
    const bad = scene(`${byToken('http://127.0.0.1:1')}version: 2\n`);
    await expect(bad.load(true)).rejects.toThrow(Misconfigured);
  });

  it('keeps the value that was read last', async () => {
    const store = await vault();
    const { stores } = await scene(byToken(store.address)).load();
    store.trouble = 503;
    expect((await stores?.fetch())?.get('vault:rag/qdrant#key')).toHaveProperty('missing');
    expect(stores?.good.get('vault:rag/qdrant#key')).toEqual({ value: secret });
  });
});

describe('a reference to AWS Secrets Manager', () => {
  async function aws() {
    const double = await openAwsDouble();
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret-key-of-the-account');
    onTestFinished(async () => {
      vi.unstubAllEnvs();
      await double.close();
    });
    double.secrets.set('rag/qdrant', JSON.stringify({ key: secret }));
    double.secrets.set('plain', secret);
    const section = `secrets:\n  aws: { region: eu-west-1, endpoint: "${double.address}" }\n`;
    return { double, section };
  }

  it.each(['${aws:rag/qdrant#key}', '${aws:plain}'])('is replaced: %s', async (text) => {
    const { section, double } = await aws();
    expect(credentialOf(await scene(section, text).load())).toBe(secret);
    expect(double.asked[0]?.headers.authorization).toContain('/eu-west-1/secretsmanager/');
  });

  it.each([
    ['${aws:nothing#key}', 'there is no secret nothing'],
    ['${aws:rag/qdrant#other}', 'there is no key other'],
    ['${aws:plain#key}', 'there is no key key'],
  ])('is a problem where nothing stands: %s', async (text, told) => {
    const { section } = await aws();
    expect(await wrong(scene(section, text).load)).toContain(told);
  });

  it.each(['huge', 'silent', 500, 'html'] as const)(
    'survives trouble: %s',
    async (trouble) => {
      const { section, double } = await aws();
      double.trouble = trouble;
      const message = await wrong(scene(section, '${aws:plain}').load);
      expect(message).toMatch(/:7 upstreams\[0\]\.credential: \$\{aws:plain\} cannot be fetched/);
      expect(message).not.toMatch(/secret-in-|secret-key/);
    },
    30_000,
  );
});

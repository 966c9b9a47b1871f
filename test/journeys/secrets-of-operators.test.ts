// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is the file's own spelling
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAdminToken } from '../../src/admin/admin-token.ts';
import { oneTimeCode } from '../../src/admin/one-time-code.ts';
import { tokenOf } from '../../src/admin/token.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { verbNames } from '../../src/cli/verbs.ts';
import { oidcToken, qdrantToken, seconds } from '../identity/tokens/scene.ts';
import { found } from '../support/canaries.ts';
import { openRest } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { runCli } from '../support/gateway-cli.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';
import { adminToken, type LayoutOptions, scrapeToken } from '../support/gateway-folder.ts';
import { openVaultDouble, type VaultDouble } from '../support/secret-stores.ts';

const named = makeAdminToken();
const signing = String(
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
);
const tokenSecret = 'canary-secret-of-qdrant-tokens-of-32-bytes';
const lasting = { exp: seconds + 3600 };

/** One of each kind; those of files and of the network are added once they are there. */
const secrets: Record<string, string> = {
  adminToken,
  scrapeToken,
  namedToken: named,
  totp: 'CANARYTOTPSECRETQ2345672JHKBASEQ',
  tokenSecret,
  secondSecret: 'canary-second-secret-of-tokens-of-32-bytes',
  primary: 'canary-primary-of-the-database-1',
  secondary: 'canary-secondary-of-the-database-2',
  vaultToken: 'hvs.canary-login-of-the-gateway',
  foreignKey: 'canary-key-that-an-application-has-already',
  pastedKey: 'canaryKeyPastedInPlaceOfAnIdOfKeys0123456789',
  shortKey: 'canaryOfTheFormThatIdsOfKeysHave',
  wrongToken: 'canary-of-a-token-that-is-no-administrators',
  inBody: 'canary-in-a-body-that-cannot-be-read',
  signingKey: signing.split('\n')[1] ?? '',
  goodJwt: qdrantToken(lasting, {}, tokenSecret).split('.')[2] ?? '',
  badJwt: qdrantToken(lasting).split('.')[2] ?? '',
  foreignJwt: oidcToken(lasting).split('.')[2] ?? '',
};

let vault: VaultDouble;
let database: TestDatabase;
let gateway: TestGateway;
const folder = mkdtempSync(join(tmpdir(), 'vectorgate-canaries-'));
/** All that was said to whoever asked, but for what tells a new key, once. */
const said: string[] = [];

beforeAll(async () => {
  vault = await openVaultDouble();
  vault.tokens.add(secrets['vaultToken'] ?? '');
  vault.secrets.set('rag/qdrant', { key: secrets['secondary'] });
  database = await openDemo();
  const options: LayoutOptions = {
    database,
    credential: { primary: secrets['primary'] ?? '', secondary: '${vault:rag/qdrant#key}' },
    policies: { r: 'allow: [{ collections: ["*"], access: r }]' },
    keys: { r: { roles: ['r'] }, gone: { roles: ['r'], revoked: true } },
    identity: {
      tokens: [{ kind: 'qdrant', secret: tokenSecret, secondSecret: secrets['secondSecret'] }],
    },
    admin: {
      token: adminToken,
      administrators: [
        {
          name: 'alice',
          roles: ['viewer', 'key-manager', 'operator'],
          token: `sha256:${tokenOf(named).digest.toString('hex')}`,
          totp: secrets['totp'],
        },
      ],
    },
    sections: {
      audit: { directory: 'audit/', checkpoints: { key: 'audit-key.pem' } },
      secrets: { vault: { address: vault.address, tokenFile: 'vault-token' } },
    },
    texts: { 'vault-token': secrets['vaultToken'] ?? '', 'audit-key.pem': signing },
  };
  // Its one-time codes count from a minute after its start on.
  gateway = await startGateway(options, 90_000);
  const tlsKey = readFileSync(gateway.certificates.serverKey, 'utf8');
  secrets['tlsKey'] = tlsKey.split('\n')[1] ?? '';
  for (const [name, key] of Object.entries(gateway.keys)) secrets[`key ${name}`] = key;
  process.env['VECTORGATE_ADMIN_TOKEN'] = adminToken;
  await callAsClients();
});
afterAll(async () => {
  delete process.env['VECTORGATE_ADMIN_TOKEN'];
  await gateway.stop();
  await database.close();
  await vault.close();
  rmSync(folder, { recursive: true });
});

async function callAsClients(): Promise<void> {
  const rest = openRest(gateway);
  const tokens = [qdrantToken(lasting, {}, tokenSecret), qdrantToken(lasting), oidcToken(lasting)];
  const all = [...Object.values(gateway.keys), ...tokens, secrets['foreignKey'] ?? '', tokenSecret];
  for (const shown of all) {
    for (const headers of [{ 'api-key': shown }, { authorization: `Bearer ${shown}` }]) {
      for (const path of ['/collections', '/.vectorgate/whoami', '/collections/a/points/1']) {
        const { headers: told, body } = await rest.ask({ path, headers });
        said.push(JSON.stringify(told), body.toString());
      }
    }
  }
  rest.close();
}

/** A call of the admin port, by whoever; all of its answer. */
async function ask(method: string, path: string, more: RequestInit = {}): Promise<string> {
  const answer = await fetch(`http://${gateway.adminAddress}${path}`, { method, ...more });
  return `${JSON.stringify([...answer.headers])} ${await answer.text()}`;
}

const everything = () => [
  ...said,
  gateway.output(),
  ...readdirSync(gateway.auditDirectory).flatMap((name) => {
    const path = join(gateway.auditDirectory, name);
    return statSync(path).isFile() ? [readFileSync(path, 'latin1')] : [];
  }),
];

describe('no secret of any kind stands in', () => {
  it('what the admin port answers, whoever calls whatever with whatever', async () => {
    const described = await (
      await fetch(`http://${gateway.adminAddress}/openapi.json`, {
        headers: { authorization: `Bearer ${adminToken}` },
      })
    ).json();
    said.push(JSON.stringify(described));
    const routes = Object.entries((described as { paths: Record<string, object> }).paths).flatMap(
      ([path, methods]) =>
        Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
    );
    expect(routes.length).toBeGreaterThan(18);
    const code = () => oneTimeCode(secrets['totp'] ?? '', Date.now());
    const callers = [
      { authorization: `Bearer ${adminToken}` },
      { authorization: `Bearer ${named}`, 'x-vectorgate-code': code() },
      { authorization: `Bearer ${secrets['wrongToken']}` },
      { authorization: `Basic ${Buffer.from(`root:${adminToken}`).toString('base64')}` },
      {},
    ];
    const { foreignKey, inBody, pastedKey = '', shortKey = '' } = secrets;
    const bodies = [
      JSON.stringify({ key: foreignKey, name: 'taken', roles: ['r'] }),
      JSON.stringify({ key: foreignKey, name: foreignKey, unheard: foreignKey }),
      `{"key":"${inBody}`,
      `"${inBody}"`,
      undefined,
    ];
    for (const [method, path] of routes.filter(([, path]) => path !== '/drain')) {
      for (const [headers, pasted] of callers.flatMap((headers) =>
        [pastedKey, shortKey].map((pasted) => [headers, pasted] as const),
      )) {
        const at = path.replace(/\{\w+\}/, () => pasted);
        if (method === 'GET') {
          said.push(await ask(method, at, { headers }));
          said.push(await ask(method, `${at}?key=${pasted}&operation=points.query`, { headers }));
          continue;
        }
        for (const body of bodies) {
          const type = { 'content-type': 'application/json' };
          const sent = body === undefined ? {} : { body };
          said.push(await ask(method, at, { headers: { ...headers, ...type }, ...sent }));
        }
      }
    }
    const taken = said.filter((answer) => answer.includes('"name":"taken"'));
    expect(taken.length).toBeGreaterThan(0);
    const targets = () => gateway.audit().map(({ target }) => target);
    await expect.poll(targets).toContain('not-found');
    const why = () => gateway.audit().map(({ reason }) => reason);
    await expect.poll(why).toContain('the credential is no administrator’s');
    expect(found(said, secrets)).toEqual([]);
  });

  it('what any command prints, for people or machines, done or refused', async () => {
    const { config, keyFile, keyIds, policyDirectory, auditDirectory } = gateway;
    const pasted = secrets['foreignKey'] ?? '';
    const configured = ['--config', config];
    const copy = join(folder, 'keys.yaml');
    writeFileSync(copy, readFileSync(keyFile), { mode: 0o600 });
    const policies = ['--policies', policyDirectory];
    const audit = ['--audit', auditDirectory];
    const id = keyIds['r'] ?? '';
    const asked = ['--operation', 'points.query', '--collection', 'a'];
    const commands: readonly (readonly string[])[] = [
      ...verbNames.map((name) => [...name.split(' '), '--help']),
      ...verbNames
        .filter(
          (name) => !['serve', 'demo', 'audit tail', 'keys import', 'keys hash'].includes(name),
        )
        .flatMap((name) => {
          // What stands in the place of a path is told, as it may be mistyped.
          const takesPath = /^(policy|audit) /.test(name);
          const words = takesPath ? [] : [[pasted], [...configured, pasted, pasted]];
          const all = [configured, ['--unheard', pasted], ...words];
          return all.map((args) => [...name.split(' '), ...args]);
        }),
      ['check', ...configured],
      ['doctor', ...configured],
      ['keys', 'list', ...configured],
      ['keys', 'list', '--keys', copy],
      ['keys', 'revoke', ...configured, pasted],
      ['keys', 'revoke', '--keys', copy, pasted],
      ['keys', 'revoke', ...configured, secrets['shortKey'] ?? ''],
      ['keys', 'rotate', '--keys', copy, secrets['shortKey'] ?? ''],
      ['keys', 'rotate', ...configured, gateway.keys['r'] ?? ''],
      ['keys', 'revoke', '--keys', copy, keyIds['gone'] ?? ''],
      ['policy', 'explain', ...configured, '--key', id, ...asked],
      ['policy', 'explain', ...configured, '--key', pasted, ...asked],
      ['policy', 'explain', '--keys', copy, ...policies, '--key', pasted, ...asked],
      ...['test', 'lint'].map((verb) => ['policy', verb, policyDirectory]),
      ...['status', 'test', 'switch', 'rollback'].map((verb) => {
        return ['credential', verb, ...configured, '--all'];
      }),
      ...['verify', 'stats', 'export'].map((verb) => ['audit', verb, ...audit]),
      ...['verify', 'stats', 'export'].map((verb) => ['audit', verb, auditDirectory]),
      ['init', '--out', join(folder, 'new')],
      ['health', '--address', 'http://127.0.0.1:1/'],
    ];
    const print = (line: string) => said.push(line);
    for (const args of commands) {
      await dispatch(args, { print, complain: print });
      await dispatch([...args, '--json'], { print, complain: print });
    }
    for (const args of [
      ['keys', 'import', ...configured],
      ['keys', 'import', '--keys', copy],
      ['keys', 'hash'],
    ]) {
      const all = ['src/cli/main.ts', ...args, '--name', 'n', '--role', 'r'];
      const input = `${secrets['foreignKey']}-2`;
      const { stdout, stderr } = spawnSync(process.execPath, all, { input, encoding: 'utf8' });
      said.push(stdout, stderr);
    }
    const second = await runCli('serve', ...configured, '--log-level', 'debug');
    expect(second.code).toBe(1);
    said.push(second.stdout, second.stderr);
    expect(said.join('\n')).toContain('is revoked since');
    expect(found(said, secrets)).toEqual([]);
    const made = readdirSync(join(folder, 'new'), { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, 'new', name))
      .filter((path) => statSync(path).isFile() && (statSync(path).mode & 0o077) === 0)
      .map((path) => readFileSync(path, 'utf8').trim())
      .filter((text) => /^\S{20,100}$/.test(text));
    expect(made.length).toBeGreaterThanOrEqual(2);
    expect(found(said, Object.fromEntries(made.map((text, at) => [`made ${at}`, text])))).toEqual(
      [],
    );
  });

  it('status, metrics, the log, or the audit log, also where it is reloaded and stopped', async () => {
    const { body } = await gateway.health('/metrics');
    said.push(body, JSON.stringify(await gateway.admin('/status')));
    vault.secrets.clear();
    vault.trouble = 403;
    said.push(JSON.stringify(await gateway.admin('/reload', 'POST')));
    writeFileSync(gateway.keyFile, `keys: *${secrets['pastedKey']}\n`);
    writeFileSync(gateway.certificates.serverKey, `no key ${secrets['pastedKey']}`);
    said.push(JSON.stringify(await gateway.admin('/reload', 'POST')));
    said.push(JSON.stringify(await gateway.admin('/status')));
    await database.close();
    await callAsClients();
    const before = everything();
    expect(before.join('\n')).toContain('keys.refused');
    expect(found(before, secrets)).toEqual([]);
    gateway.signal('SIGTERM');
    await gateway.ended;
    expect(gateway.output()).toContain('"msg":"stopped"');
    expect(found([gateway.output()], secrets)).toEqual([]);
  });
});

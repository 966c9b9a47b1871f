import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAdminToken } from '../../src/admin/admin-token.ts';
import { oneTimeCode } from '../../src/admin/one-time-code.ts';
import { type AdminDoor, type AdminQuestion, askAdmin } from '../../src/cli/ask-admin.ts';
import { makeDevCertificates } from '../../src/tls/dev-certificates.ts';
import { hashOf } from '../admin/scene.ts';
import { keySetOf, sealed, signed, signingKey } from '../identity/tokens/mint.ts';
import { openRest, type RawClient } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { runCliWith } from '../support/gateway-cli.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';
import type { LayoutOptions } from '../support/gateway-folder.ts';

const issuer = 'https://idp.example.com';
const signer = signingKey('ES256');
const administration = makeDevCertificates();
const foreign = makeDevCertificates();
const totp = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const tokens = { vera: makeAdminToken(), kim: makeAdminToken() };
const soon = { timeout: 10_000, interval: 20 };
const order = { name: 'made', roles: ['reader'] };
const create: AdminQuestion = { method: 'POST', target: '/keys', body: order };

let database: TestDatabase;
let gateway: TestGateway;
let options: LayoutOptions;
let rest: RawClient;

beforeAll(async () => {
  database = await openDemo();
  options = {
    database,
    policies: { reader: 'allow: [{ collections: ["*"], access: r }]' },
    keys: { reader: { roles: ['reader'] } },
    texts: {
      'idp.json': keySetOf(signer),
      'admin-ca.pem': administration.ca.certificate,
    },
    identity: {
      tokens: [
        {
          ...{ kind: 'oidc', name: 'corp', admin: true, issuer, jwks: 'idp.json', roles: 'groups' },
          ...{ audience: 'vectorgate-admin', algorithms: ['ES256'] },
        },
      ],
    },
    admin: {
      tokenFile: 'admin-token',
      tls: {
        certificate: 'certs/server.pem',
        key: 'certs/server-key.pem',
        clientCa: 'admin-ca.pem',
        clientCertificate: 'optional',
      },
      administrators: [
        { name: 'vera', roles: ['viewer'], token: hashOf(tokens.vera) },
        { name: 'kim', roles: ['key-manager'], token: hashOf(tokens.kim), totp },
        {
          name: 'deployer',
          roles: ['key-manager'],
          certificate: { subject: 'CN=vectorgate-dev-client' },
        },
        { name: 'alice', roles: ['key-manager'], oidc: { issuer: 'corp', subject: 'alice-1' } },
        { name: 'platform', roles: ['operator'], oidc: { issuer: 'corp', role: 'operators' } },
      ],
    },
  };
  // Its one-time codes count from a minute after its start on.
  gateway = await startGateway(options, 90_000);
  rest = openRest(gateway);
});
afterAll(async () => {
  rest.close();
  await gateway.stop();
  await database.close();
});

function door(change: Partial<AdminDoor> = {}): AdminDoor {
  const [, port] = gateway.adminAddress.split(':');
  const ca = readFileSync(gateway.certificates.ca);
  return { host: 'localhost', port: Number(port), tls: { ca }, token: null, code: null, ...change };
}

function shown({ client }: typeof administration): AdminDoor {
  const { tls } = door();
  const [cert, key] = [Buffer.from(client.certificate), Buffer.from(client.key)];
  return door({ tls: { ...tls, cert, key } });
}

const seconds = () => Math.floor(Date.now() / 1000);
const claims = (more: object = {}) => ({
  ...{ iss: issuer, aud: 'vectorgate-admin', sub: 'alice-1', iat: seconds(), exp: seconds() + 300 },
  ...{ auth_time: seconds(), ...more },
});
const header = { alg: 'ES256', typ: 'at+jwt', kid: signer.kid };
const tokenWith = (more: object = {}) => signed(header, claims(more), signer);

const list = async (key: string) => (await rest.ask({ path: '/collections', key })).status;
const recorded = (operation: string) =>
  gateway.audit().filter((record) => record.operation === `admin.${operation}`);

describe('administrators', () => {
  it('by access token make keys that count at once, and the log says who made them', async () => {
    const made = (await askAdmin(door({ token: tokenWith() }), create)) as Record<string, string>;
    expect(await list(made['key'] ?? '')).toBe(200);
    const intent = recorded('keys.create').find(({ kind }) => kind === 'intent');
    expect(intent?.principal).toMatchObject({
      ...{ kind: 'administrator', name: 'alice', subject: 'corp:alice-1' },
    });
    const events = () => gateway.audit().filter(({ event }) => event === 'key.created');
    await expect
      .poll(events, soon)
      .toMatchObject([
        { key: { id: made['id'], name: 'made' }, by: { kind: 'administrator', name: 'alice' } },
      ]);
  });

  it('revoke keys before they are answered', async () => {
    const token = tokenWith();
    const made = (await askAdmin(door({ token }), create)) as Record<string, string>;
    const id = made['id'] ?? '';
    await askAdmin(door({ token }), { method: 'POST', target: `/keys/${id}/revoke` });
    expect(await list(made['key'] ?? '')).toBe(401);
    expect(recorded('keys.revoke').find(({ kind }) => kind === 'intent')?.target).toBe(id);
  });

  it('by certificate are known by its name, on a connection that is fresh', async () => {
    const made = (await askAdmin(shown(administration), create)) as Record<string, string>;
    expect(await list(made['key'] ?? '')).toBe(200);
    const who = { method: 'GET', target: '/whoami' } as const;
    expect(await askAdmin(shown(administration), who)).toMatchObject({ name: 'deployer' });
  });

  it('by token need a one-time code beside it', async () => {
    await expect(askAdmin(door({ token: tokens.kim }), create)).rejects.toThrow('fresh credential');
    const code = oneTimeCode(totp, Date.now());
    expect(await askAdmin(door({ token: tokens.kim, code }), create)).toHaveProperty('key');
    await expect(askAdmin(door({ token: tokens.kim, code }), create)).rejects.toThrow('fresh');
    const restarted = await startGateway(options);
    try {
      const [, port] = restarted.adminAddress.split(':');
      const tls = { ca: readFileSync(restarted.certificates.ca) };
      const anew = door({ token: tokens.kim, code, port: Number(port), tls });
      await expect(askAdmin(anew, create)).rejects.toThrow(/counts no more; .* in \d+ seconds/);
    } finally {
      await restarted.stop();
    }
  });

  it('by role of a token do what the role may, and no more', async () => {
    const token = tokenWith({ sub: 'bob-2', groups: ['operators'] });
    expect(await askAdmin(door({ token }), { method: 'POST', target: '/reload' })).toMatchObject({
      ok: true,
    });
    await expect(askAdmin(door({ token }), create)).rejects.toThrow('key-manager');
    const denied = recorded('keys.create').filter(({ kind }) => kind === 'denial');
    expect(denied.at(-1)).toMatchObject({
      refusal: 'not-permitted',
      principal: { name: 'platform' },
    });
  });

  it('may break the glass, which is told', async () => {
    const path = join(gateway.directory, 'admin-token');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const token = readFileSync(path, 'utf8').trim();
    expect(await askAdmin(door({ token }), create)).toHaveProperty('key');
    expect(gateway.output()).toContain('the shared token was used');
    expect(gateway.output()).not.toContain(token);
    const intents = recorded('keys.create').filter(({ kind }) => kind === 'intent');
    expect(intents.at(-1)?.principal).toMatchObject({ name: 'break-glass', breakGlass: true });
  });
});

describe('nobody administers', () => {
  const status: AdminQuestion = { method: 'GET', target: '/status' };

  it.each<[string, () => string]>([
    ['a token that has expired', () => tokenWith({ exp: seconds() - 60 })],
    ['a token for callers', () => tokenWith({ aud: 'vectorgate' })],
    ['a token of another issuer', () => tokenWith({ iss: 'https://evil.example.com' })],
    ['a token of a stranger', () => tokenWith({ sub: 'mallory' })],
    ['a token that others signed', () => signed(header, claims(), signingKey('ES256'))],
    ['a token of no algorithm', () => signed({ ...header, alg: 'none' }, claims(), signer)],
    [
      'a token sealed with the public key',
      () => {
        const pem = signer.publicKey.export({ type: 'spki', format: 'pem' });
        return sealed({ ...header, alg: 'HS256' }, claims(), pem);
      },
    ],
    ['a key of a caller', () => gateway.keys['reader'] ?? ''],
    ['a token that was made by nobody', makeAdminToken],
  ])('by %s', async (_, credential) => {
    await expect(askAdmin(door({ token: credential() }), status)).rejects.toThrow('credential');
  });

  it('by a login of long ago, or one that is not told, where keys are changed', async () => {
    for (const auth_time of [seconds() - 600, undefined, seconds() + 600]) {
      const token = tokenWith({ auth_time });
      await expect(askAdmin(door({ token }), create)).rejects.toThrow('fresh credential');
      expect(await askAdmin(door({ token }), status)).toHaveProperty('ready', true);
    }
  });

  it('by a certificate of the public ports, or of strangers', async () => {
    const { client, clientKey } = gateway.certificates;
    const { tls } = door();
    const own = { cert: readFileSync(client), key: readFileSync(clientKey) };
    await expect(askAdmin(door({ tls: { ...tls, ...own } }), status)).rejects.toThrow();
    await expect(askAdmin(shown(foreign), status)).rejects.toThrow();
  });

  it('in clear text', async () => {
    await expect(askAdmin(door({ tls: null, token: tokens.vera }), status)).rejects.toThrow();
  });

  it('with an administrator’s credential at the public ports', async () => {
    expect(await list(tokens.vera)).toBe(401);
    expect(await list(tokenWith())).toBe(401);
    expect(await list(readFileSync(join(gateway.directory, 'admin-token'), 'utf8').trim())).toBe(
      401,
    );
  });

  it('with a token beside another administrator’s certificate', async () => {
    const rivals = { ...shown(administration), token: tokens.vera };
    await expect(askAdmin(rivals, status)).rejects.toThrow('credential');
  });
});

describe('commands', () => {
  const reached = () => [
    ...['--config', gateway.config, '--address', gateway.adminAddress],
    ...['--admin-ca', gateway.certificates.ca, '--json'],
  ];
  const env = () => ({ VECTORGATE_ADMIN_TOKEN: tokenWith() });

  it('ask the gateway that runs, as whoever they are told to be', async () => {
    const args = ['keys', 'create', '--name', 'by-command', '--role', 'reader'];
    const made = await runCliWith(env(), ...args, ...reached());
    expect(made).toMatchObject({ code: 0 });
    const { key, id } = JSON.parse(made.stdout) as { key: string; id: string };
    expect(await list(key)).toBe(200);
    const rotated = await runCliWith(env(), 'keys', 'rotate', id, '--grace', '0d', ...reached());
    expect(await list(key)).toBe(401);
    expect(await list((JSON.parse(rotated.stdout) as { key: string }).key)).toBe(200);
    const listed = await runCliWith(
      { VECTORGATE_ADMIN_TOKEN: tokens.vera },
      'keys',
      'list',
      ...reached(),
    );
    expect(listed.stdout).toContain(id);
    const intents = recorded('keys.rotate').filter(({ kind }) => kind === 'intent');
    expect(intents).toMatchObject([{ principal: { name: 'alice' }, target: id }]);
  });

  it('explain by the policies and keys in force', async () => {
    const asked = ['policy', 'explain', '--key', gateway.keyIds['reader'] ?? ''];
    const what = ['--operation', 'points.query', '--collection', 'docs'];
    const told = await runCliWith(env(), ...asked, ...what, ...reached());
    expect(JSON.parse(told.stdout)).toMatchObject({
      effect: 'allow',
      rule: 'policies/reader.yaml:2',
    });
  });

  it('do not go round a gateway that does not let them', async () => {
    const before = readFileSync(gateway.keyFile, 'utf8');
    const args = ['keys', 'create', '--name', 'x', '--role', 'reader', ...reached()];
    for (const token of [tokens.vera, makeAdminToken()]) {
      const refused = await runCliWith({ VECTORGATE_ADMIN_TOKEN: token }, ...args);
      expect(refused.code).toBe(1);
      expect(refused.stdout).toContain('the gateway at');
    }
    expect(readFileSync(gateway.keyFile, 'utf8')).toBe(before);
  });

  it('change the files when told to, and the log says whose command it was', async () => {
    const made = await runCliWith(
      {},
      ...['keys', 'create', '--name', 'by-file', '--role', 'reader', '--json'],
      ...['--keys', gateway.keyFile],
    );
    const { id } = JSON.parse(made.stdout) as { id: string };
    const told = () => gateway.audit().filter(({ key }) => key?.id === id);
    const by = { kind: 'os-user', name: userInfo().username };
    await expect.poll(told, soon).toMatchObject([{ event: 'key.created', by }]);
  });

  it('find the port with another certificate, once its files hold one', async () => {
    const { server, serverKey } = gateway.certificates;
    writeFileSync(serverKey, foreign.server.key);
    writeFileSync(server, foreign.server.certificate);
    const other = door({ tls: { ca: Buffer.from(foreign.ca.certificate) }, token: tokens.vera });
    const ask = () => askAdmin(other, { method: 'GET', target: '/status' }).catch(() => null);
    const part = { part: 'admin-certificates', failure: null };
    const configuration = expect.arrayContaining([expect.objectContaining(part)]);
    await expect.poll(ask, soon).toMatchObject({ configuration });
  });

  it('change the file that is configured when no gateway runs', async () => {
    gateway.signal('SIGTERM');
    expect((await gateway.ended).code).toBe(0);
    const args = ['keys', 'create', '--name', 'meanwhile', '--role', 'reader', ...reached()];
    const made = await runCliWith({}, ...args);
    const { id } = JSON.parse(made.stdout) as { id: string };
    expect(readFileSync(gateway.keyFile, 'utf8')).toContain(id);
  });
});

it('no secret of an administrator, and no key, is in the log or in the records', () => {
  const { auditDirectory, directory } = gateway;
  const files = readdirSync(auditDirectory).map((name) =>
    readFileSync(join(auditDirectory, name), 'latin1'),
  );
  const shared = readFileSync(join(directory, 'admin-token'), 'utf8').trim();
  const told = [...files, gateway.output()].join('');
  expect(told).toContain('admin.change');
  for (const secret of [shared, tokens.vera, tokens.kim, totp, 'vg_', 'eyJ']) {
    expect(told.includes(secret), secret.slice(0, 4)).toBe(false);
  }
});

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is the file's own spelling
import { Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import type { Problem } from '../../src/problem.ts';
import { configFolder, goodConfig, goodEnvironment } from './folder.ts';

/** One thing that is wrong: what stands in place of what, and what is said about it. */
interface Case {
  readonly wrong: string;
  readonly change: readonly [string, string];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The line of the good file it stands at. */
  readonly line: number;
  readonly path: string;
  readonly says: RegExp;
  readonly remedy: RegExp;
}

const health = goodConfig.slice(goodConfig.indexOf('health:'));

const hash = `sha256:${'0'.repeat(64)}`;
const vera = (digit: string) =>
  `{ name: vera, roles: [viewer], token: "sha256:${digit.repeat(64)}" }`;

const cases: readonly Case[] = [
  {
    wrong: 'another version of the file',
    change: ['version: 1', 'version: 2'],
    line: 1,
    path: 'version',
    says: /does not read/,
    remedy: /Write version: 1/,
  },
  {
    wrong: 'a misspelt key',
    change: ['minVersion:', 'minimumVersion:'],
    line: 13,
    path: 'tls.minimumVersion',
    says: /unknown key/,
    remedy: /spelling/,
  },
  {
    wrong: 'an unknown section',
    change: ['audit:\n', 'auditing:\n'],
    line: 17,
    path: 'auditing',
    says: /unknown key/,
    remedy: /spelling/,
  },
  {
    wrong: 'a key that is there twice',
    change: ['    database: qdrant', '    name: other'],
    line: 4,
    path: '',
    says: /unique/i,
    remedy: /Mend/,
  },
  {
    wrong: 'a reference that YAML cannot read, in braces and without quotes',
    change: ['keys: { store: file, path: keys.yaml }', 'keys: { store: file, path: ${KEYS} }'],
    line: 15,
    path: '',
    says: /not quoted/,
    remedy: /"\$\{NAME\}"/,
  },
  {
    wrong: 'a variable that is not set',
    change: ['', ''],
    env: { QDRANT_KEY: undefined },
    line: 7,
    path: 'upstreams[0].credential',
    says: /QDRANT_KEY is not set/,
    remedy: /Set QDRANT_KEY/,
  },
  {
    wrong: 'a variable that is empty',
    change: ['', ''],
    env: { ADMIN_TOKEN: '' },
    line: 21,
    path: 'admin.token',
    says: /ADMIN_TOKEN is empty/,
    remedy: /Set ADMIN_TOKEN/,
  },
  {
    wrong: 'a secret file that is not there',
    change: ['${file:scrape-token}', '${file:/nowhere/token}'],
    line: 24,
    path: 'health.metricsToken',
    says: /no file \/nowhere\/token/,
    remedy: /Create it/,
  },
  {
    wrong: 'a reference that names nothing',
    change: ['${QDRANT_KEY}', '${qdrant key}'],
    line: 7,
    path: 'upstreams[0].credential',
    says: /no reference/,
    remedy: /\$\{NAME\}/,
  },
  {
    wrong: 'a reference without its end',
    change: ['${QDRANT_KEY}', '"${QDRANT_KEY"'],
    line: 7,
    path: 'upstreams[0].credential',
    says: /without its }/,
    remedy: /Close it/,
  },
  {
    wrong: 'no upstream',
    change: [
      goodConfig.slice(goodConfig.indexOf('upstreams:'), goodConfig.indexOf('tls:')),
      'upstreams: []\n',
    ],
    line: 2,
    path: 'upstreams',
    says: /no database/,
    remedy: /Add an upstream/,
  },
  {
    wrong: 'a database that is not known',
    change: ['database: qdrant', 'database: weaviate'],
    line: 4,
    path: 'upstreams[0].database',
    says: /unknown/,
    remedy: /qdrant/,
  },
  {
    wrong: 'a database that nobody knows',
    change: ['database: qdrant', 'database: chroma'],
    line: 4,
    path: 'upstreams[0].database',
    says: /unknown/,
    remedy: /qdrant or milvus/,
  },
  {
    wrong: 'a database across the network in the clear',
    change: ['http: http://127.0.0.1:16333', 'http: http://10.0.0.5:6333'],
    line: 5,
    path: 'upstreams[0].http',
    says: /in the clear/,
    remedy: /https:\/\//,
  },
  {
    wrong: 'an upstream that is no URL',
    change: ['http: http://127.0.0.1:16333', 'http: 127.0.0.1:16333'],
    line: 5,
    path: 'upstreams[0].http',
    says: /no http:\/\/ or https:\/\/ URL/,
    remedy: /http:\/\/127\.0\.0\.1/,
  },
  {
    wrong: 'an upstream URL with a path',
    change: ['http: http://127.0.0.1:16333', 'http: http://127.0.0.1:16333/qdrant'],
    line: 5,
    path: 'upstreams[0].http',
    says: /more than a host and a port/,
    remedy: /Leave out/,
  },
  {
    wrong: 'a credential that would break a header',
    change: ['', ''],
    env: { QDRANT_KEY: 'key\r\nx-admin: yes' },
    line: 7,
    path: 'upstreams[0].credential',
    says: /no header carries/,
    remedy: /Take out/,
  },
  {
    wrong: 'upstreams that share a port by name, which is not built',
    change: ['    policies: policies/', '    policies: policies/\n    hosts: [a.example.com]'],
    line: 10,
    path: 'upstreams[0].hosts',
    says: /not built yet/,
    remedy: /Remove the key/,
  },
  {
    wrong: 'a port that is no port',
    change: ['http: 0.0.0.0:6333', 'http: 0.0.0.0:66333'],
    line: 8,
    path: 'upstreams[0].listen.http',
    says: /no address/,
    remedy: /host:port/,
  },
  {
    wrong: 'two listeners of one upstream on one port',
    change: ['grpc: 0.0.0.0:6334', 'grpc: 127.0.0.1:6333'],
    line: 8,
    path: 'upstreams[0].listen.grpc',
    says: /taken by main \(http\)/,
    remedy: /port of its own/,
  },
  {
    wrong: 'an admin port that an upstream has',
    change: ['listen: 127.0.0.1:9633', 'listen: 127.0.0.1:6334'],
    line: 20,
    path: 'admin.listen',
    says: /taken by main \(grpc\)/,
    remedy: /port of its own/,
  },
  {
    wrong: 'a gateway that forwards to itself',
    change: ['http: http://127.0.0.1:16333', 'http: http://localhost:6333'],
    line: 5,
    path: 'upstreams[0].http',
    says: /own listener/,
    remedy: /another port/,
  },
  {
    wrong: 'a folder of policies that is not there',
    change: ['policies: policies/', 'policies: rules/'],
    line: 9,
    path: 'upstreams[0].policies',
    says: /no folder .*rules/,
    remedy: /make the folder/,
  },
  {
    wrong: 'a file where a folder of policies should be',
    change: ['policies: policies/', 'policies: scrape-token'],
    line: 9,
    path: 'upstreams[0].policies',
    says: /is no folder/,
    remedy: /make the folder/,
  },
  {
    wrong: 'a key file that is not there, told with everything else',
    change: ['path: keys.yaml', 'path: missing.yaml'],
    line: 15,
    path: 'identity.keys.path',
    says: /no file .*missing/,
    remedy: /keys create/,
  },
  {
    wrong: 'a certificate that is not there',
    change: ['certificate: certs/server.pem', 'certificate: certs/missing.pem'],
    line: 11,
    path: 'tls.certificate',
    says: /no file .*missing\.pem/,
    remedy: /certs dev/,
  },
  {
    wrong: 'no key for the certificate',
    change: ['  key: certs/server-key.pem\n', ''],
    line: 10,
    path: 'tls.key',
    says: /missing/,
    remedy: /PEM file/,
  },
  {
    wrong: 'a version of TLS that is broken',
    change: ['minVersion: TLSv1.3', 'minVersion: TLSv1.1'],
    line: 13,
    path: 'tls.minVersion',
    says: /no such version/,
    remedy: /TLSv1\.3/,
  },
  {
    wrong: 'client certificates that nothing verifies',
    change: ['minVersion: TLSv1.3', 'clientCertificate: required'],
    line: 13,
    path: 'tls.clientCertificate',
    says: /nothing can verify/,
    remedy: /clientCa/,
  },
  {
    wrong: 'a revocation list where nobody is asked for a certificate',
    change: ['minVersion: TLSv1.3', 'crl: certs/server.pem'],
    line: 13,
    path: 'tls.crl',
    says: /asked for no certificate/,
    remedy: /Remove it/,
  },
  {
    wrong: 'keys in a store, and a file for them',
    change: ['store: file', 'store: redis'],
    line: 15,
    path: 'identity.keys.path',
    says: /have no file/,
    remedy: /store: file/,
  },
  {
    wrong: 'keys in a store that is nowhere',
    change: ['{ store: file, path: keys.yaml }', '{ store: redis }'],
    line: 15,
    path: 'identity.keys.store',
    says: /there is no store/,
    remedy: /store: \{ kind: redis/,
  },
  {
    wrong: 'a store across the network in the clear',
    change: ['version: 1', 'version: 1\nstore: { kind: redis, url: redis://redis.internal }'],
    line: 2,
    path: 'store.url',
    says: /in the clear/,
    remedy: /rediss:\/\//,
  },
  {
    wrong: 'a store whose URL holds its password',
    change: [
      'version: 1',
      'version: 1\nstore: { kind: redis, url: rediss://:s3cret@redis.internal }',
    ],
    line: 2,
    path: 'store.url',
    says: /holds a user or a password/,
    remedy: /store\.password/,
  },
  {
    wrong: 'several servers that are nothing to each other',
    change: ['version: 1', 'version: 1\nstore: { kind: redis, urls: [rediss://a, rediss://b] }'],
    line: 2,
    path: 'store.urls',
    says: /several servers/,
    remedy: /sentinel: NAME or cluster: true/,
  },
  {
    wrong: 'certificates that no rule speaks of, and yet count',
    change: [
      'minVersion: TLSv1.3\nidentity:\n  keys: { store: file, path: keys.yaml }\n  combine: transport',
      'clientCa: certs/server.pem\n  clientCertificate: optional\nidentity:\n  keys: { store: file, path: keys.yaml }\n  combine: both',
    ],
    line: 17,
    path: 'identity.combine',
    says: /no rule says who a certificate is/,
    remedy: /use transport/,
  },
  {
    wrong: 'rules for certificates that nobody is asked for',
    change: [
      'combine: transport',
      'certificates: [{ match: { dns: a.example }, principal: a, roles: [r] }]',
    ],
    line: 16,
    path: 'identity.certificates',
    says: /asked for no certificate/,
    remedy: /clientCertificate/,
  },
  {
    wrong: 'a list of issuers without one',
    change: ['combine: transport', 'tokens: []'],
    line: 16,
    path: 'identity.tokens',
    says: /no issuer/,
    remedy: /remove tokens/,
  },
  {
    wrong: 'another answer to a full disk',
    change: ['directory: audit/', 'unavailable: { write: ignore }'],
    line: 18,
    path: 'audit.unavailable.write',
    says: /audit log that cannot be written/,
    remedy: /refuse/,
  },
  {
    wrong: 'an admin port that lets nobody in',
    change: ['  token: ${ADMIN_TOKEN}\n', ''],
    line: 19,
    path: 'admin',
    says: /lets nobody in/,
    remedy: /Add administrators/,
  },
  {
    wrong: 'two shared tokens',
    change: ['  token: ${ADMIN_TOKEN}\n', '  token: ${ADMIN_TOKEN}\n  tokenFile: admin-token\n'],
    line: 22,
    path: 'admin.tokenFile',
    says: /beside token/,
    remedy: /one of the two/,
  },
  {
    wrong: 'an administrator known by nothing',
    change: ['admin:\n', 'admin:\n  administrators: [{ name: vera, roles: [viewer] }]\n'],
    line: 20,
    path: 'admin.administrators[0]',
    says: /known by one thing/,
    remedy: /exactly one of token, certificate, oidc/,
  },
  {
    wrong: 'a token alone that changes keys',
    change: [
      'admin:\n',
      `admin:\n  administrators: [{ name: kim, roles: [key-manager], token: "${hash}" }]\n`,
    ],
    line: 20,
    path: 'admin.administrators[0].token',
    says: /changes no keys/,
    remedy: /totp/,
  },
  {
    wrong: 'two administrators of one name',
    change: ['admin:\n', `admin:\n  administrators:\n    - ${vera('0')}\n    - ${vera('1')}\n`],
    line: 22,
    path: 'admin.administrators[1].name',
    says: /another administrator/,
    remedy: /their own/,
  },
  {
    wrong: 'an administrator of an issuer whose tokens are for callers',
    change: [
      'admin:\n',
      'admin:\n  administrators: [{ name: vera, roles: [viewer], oidc: { issuer: x, role: y } }]\n',
    ],
    line: 20,
    path: 'admin.administrators[0].oidc.issuer',
    says: /admin: true/,
    remedy: /Correct the name/,
  },
  {
    wrong: 'an administrator by certificate where nobody shows one',
    change: [
      'admin:\n',
      'admin:\n  administrators: [{ name: vera, roles: [viewer], certificate: { dns: a.b } }]\n',
    ],
    line: 20,
    path: 'admin.administrators[0].certificate',
    says: /asks nobody for a certificate/,
    remedy: /admin\.tls/,
  },
  {
    wrong: 'an admin token that can be guessed',
    change: ['', ''],
    env: { ADMIN_TOKEN: 'hunter2' },
    line: 21,
    path: 'admin.token',
    says: /shorter than 16/,
    remedy: /openssl rand/,
  },
  {
    wrong: 'a scraper with the admin token',
    change: ['${file:scrape-token}', '${ADMIN_TOKEN}'],
    line: 24,
    path: 'health.metricsToken',
    says: /admin token too/,
    remedy: /of its own/,
  },
  {
    wrong: 'a list where a map should be',
    change: [health, 'health: [1]\n'],
    line: 22,
    path: 'health',
    says: /must be a map/,
    remedy: /docs\/configuration\.md/,
  },
];

let bound = 0;
const { listen } = Server.prototype;
beforeEach(() => {
  bound = 0;
  Server.prototype.listen = new Proxy(listen, {
    apply: (target, server, given) => {
      bound += 1;
      return Reflect.apply(target, server, given);
    },
  });
});
afterEach(() => {
  Server.prototype.listen = listen;
  expect(bound).toBe(0);
});

async function problemsOf(folder: string, env: Case['env'] = {}): Promise<readonly Problem[]> {
  for (const [name, value] of Object.entries({ ...goodEnvironment, ...env })) {
    vi.stubEnv(name, value);
  }
  onTestFinished(() => void vi.unstubAllEnvs());
  const lines: string[] = [];
  const terminal = { print: (line: string) => lines.push(line), complain: () => {} };
  const file = join(folder, 'vectorgate.yaml');
  expect(await dispatch(['serve', '--json', '--config', file], terminal)).toBe(2);
  return (JSON.parse(lines.join('\n')) as { problems: Problem[] }).problems;
}

describe('a bad configuration binds no port and is told with its line, key and remedy', () => {
  it.each(cases)('$wrong', async ({ change: [good, bad], env, line, path, says, remedy }) => {
    expect(goodConfig).toContain(good);
    const folder = configFolder({ 'vectorgate.yaml': goodConfig.replace(good, () => bad) });
    const problems = await problemsOf(folder, env);
    expect(problems).toEqual([
      {
        file: join(folder, 'vectorgate.yaml'),
        line,
        path,
        message: expect.stringMatching(says),
        remedy: expect.stringMatching(remedy),
      },
    ]);
  });

  it('a file that is not there', async () => {
    const [problem, ...more] = await problemsOf('/nowhere');
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ file: '/nowhere/vectorgate.yaml', line: null });
    expect(problem?.message).toMatch(/no such file/);
    expect(problem?.remedy).toMatch(/--config/);
  });

  it('everything at once, in the order of the file', async () => {
    const bad = goodConfig
      .replace('version: 1', 'version: 3')
      .replace('grpc: 0.0.0.0:6334', 'grpc: 0.0.0.0:9634')
      .replace('${QDRANT_KEY}', '${UNSET}')
      .replace('certs/server.pem', 'certs/none.pem')
      .replace('combine: transport', 'combine: none')
      .replace('${ADMIN_TOKEN}', 'short');
    const problems = await problemsOf(configFolder({ 'vectorgate.yaml': bad }));
    expect(problems.map(({ path }) => path)).toEqual([
      'version',
      'upstreams[0].credential',
      'tls.certificate',
      'identity.combine',
      'admin.token',
      'health.listen',
    ]);
  });
});

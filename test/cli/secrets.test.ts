// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is the file's own spelling
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { makeDevCertificates } from '../../src/tls/dev-certificates.ts';
import { configFolder } from '../config/folder.ts';
import { found } from '../support/canaries.ts';

const signing = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
const pemSecret = String(signing).split('\n')[1] ?? '';

/** One secret of each kind that a configuration can hold. */
const secrets = {
  primary: 'canary-primary-of-qdrant-Zx81Kq',
  secondary: 'canary-secondary-of-qdrant-pT5s',
  milvus: 'root:canary-password-of-milvus-8dQ',
  adminToken: 'canary-admin-token-Ue92nn4LqX',
  totp: 'CANARYTOTPSECRETQ2345672JHKBASEQ=',
  metricsToken: 'canary-metrics-token-3kfP2mZa',
  tokenSecret: 'canary-token-secret-of-qdrant-32-bytes-or-more',
  secondSecret: 'canary-second-secret-of-qdrant-32-bytes-or-more',
  storePassword: 'canary-password-of-redis-7Hq2',
  sentinelPassword: 'canary-password-of-sentinel-1x',
  vaultToken: 'hvs.canary-token-of-vault-9Wq4c',
  copyToken: 'canary-token-of-the-copy-T6vb3',
  signingKey: pemSecret,
};
type Name = keyof typeof secrets;

/** Every place of a secret, good as it stands; `@name@` is where the secret of that name goes. */
const whole = `version: 1
upstreams:
  - name: main
    database: qdrant
    http: http://127.0.0.1:16333
    grpc: http://127.0.0.1:16334
    credential:
      primary: @primary@
      secondary: @secondary@
    listen: { http: 127.0.0.1:6333, grpc: 127.0.0.1:6334 }
    policies: policies/
  - name: other
    database: milvus
    grpc: http://127.0.0.1:19531
    credential: @milvus@
    listen: { grpc: 127.0.0.1:19530 }
    policies: policies/
tls:
  certificate: certs/server.pem
  key: certs/server-key.pem
identity:
  keys: { store: file, path: keys.yaml }
  tokens:
    - kind: qdrant
      secret: @tokenSecret@
      secondSecret: @secondSecret@
store:
  kind: redis
  url: redis://127.0.0.1:16379
  password: @storePassword@
  sentinelPassword: @sentinelPassword@
audit:
  directory: audit/
  checkpoints:
    key: @signingKey@
    copy: https://copy.example.com/
    copyToken: @copyToken@
admin:
  listen: 127.0.0.1:9633
  token: @adminToken@
  administrators:
    - name: alice
      roles: [key-manager]
      token: sha256:${'0'.repeat(64)}
      totp: @totp@
health:
  listen: 127.0.0.1:9634
  metricsToken: @metricsToken@
secrets:
  vault:
    address: https://vault.example.com:8200
    token: @vaultToken@
`;

/** The whole with one secret as it is broken, and every other as it should be. */
function written(broken: Name, how: (secret: string, line: string) => string): string {
  const lines = whole.split('\n').map((line) => {
    const [, name] = /@(\w+)@/.exec(line) ?? [];
    if (name === undefined) return line;
    const secret = secrets[name as Name];
    // A PEM text in one line of YAML.
    const text = name === 'signingKey' ? JSON.stringify(`${signing}`) : secret;
    const good = line.replace(`@${name}@`, () => text);
    return name === broken ? how(secret, good) : good;
  });
  return lines.join('\n');
}

/** In place of the value: what people write by mistake, and what a generated password can begin with. */
const values: readonly ((secret: string) => string)[] = [
  ...['*', '!', '!!', '&', '|', '>', '%', '@', '`', '"', "'", ']', '}', '[', '{', ',', '? ', '- '],
  ...[
    '!<',
    '&a *',
    '>-2 ',
    '\\',
    '"\\',
    '"\\x',
    "''",
    '""',
    '[] ',
    '{} ',
    '\t',
    '!e!',
    '...',
    ': ',
  ],
]
  .map((before) => (secret: string) => before + secret)
  .concat(
    (secret) => `${secret}: ${secret}`,
    (secret) => `{ ${secret}: ${secret}, ${secret}: 1 }`,
    (secret) => `[${secret}, ${secret}`,
    (secret) => `{ value: ${secret} }`,
    (secret) => `[${secret}]`,
    (secret) => `\${${secret}}`,
    (secret) => `\${${secret}`,
    (secret) => `\${file:secret-of-it}${secret}`,
    (secret) => `"${secret}" ${secret}`,
    (secret) => `redis://user:${secret}@127.0.0.1:6379`,
    (secret) => `https://user:${secret}@127.0.0.1:6379/`,
    (secret) => `"${secret}\\u00e9\\n"`,
    (secret) => `|\n${secret}\n ${secret}`,
    (secret) => `${secret}; ${secret}`,
  );

/** What stands on the line, and what stands beside it. */
const lines: readonly ((secret: string, line: string) => string)[] = [
  ...values.map((value) => (secret: string, line: string) => {
    return `${line.slice(0, line.indexOf(':'))}: ${value(secret)}`;
  }),
  (_, line) => line.replace(/(\w+):/, '$1x:'),
  (_, line) => `${line}\n${line}`,
  (_, line) => `  ${line}`,
  (_, line) => line.trimStart(),
  (_, line) => `\t${line}`,
  (_, line) => `${line}\n${line.replace(/\w+:.*/, 'unheardOf: 1')}`,
  (_, line) => line.replace(': ', ':'),
  (_, line) => line.replace(': ', ' = '),
];

async function everythingSaid(...args: readonly string[]) {
  const said: string[] = [];
  const terminal = {
    print: (line: string) => said.push(line),
    complain: (line: string) => said.push(line),
  };
  const codes = [await dispatch(args, terminal), await dispatch([...args, '--json'], terminal)];
  return { codes, said };
}

const certificates = makeDevCertificates();
function folderOf(config: string): string {
  return configFolder({
    'vectorgate.yaml': config,
    'certs/server.pem': certificates.server.certificate,
    'certs/server-key.pem': certificates.server.key,
    'secret-of-it': 'a value from a file',
  });
}

describe('what is said of a configuration', () => {
  it('is nothing where every secret stands as it should', async () => {
    const folder = folderOf(written('primary', (_, line) => line));
    const { codes, said } = await everythingSaid(
      ...['check', '--config', join(folder, 'vectorgate.yaml')],
    );
    expect({ codes, said }).toMatchObject({ codes: [0, 0] });
    expect(found(said, secrets)).toEqual([]);
  });

  it.each(Object.keys(secrets) as Name[])(
    'never is the secret itself, however its line is broken: %s',
    async (name) => {
      let refused = 0;
      for (const how of lines) {
        const folder = folderOf(written(name, how));
        const config = join(folder, 'vectorgate.yaml');
        const { codes, said } = await everythingSaid('check', '--config', config, '--offline');
        expect(found(said, secrets), how(secrets[name], '    key: value')).toEqual([]);
        // Never 1: a bug, told with its stack.
        for (const code of codes) expect([0, 2]).toContain(code);
        if (codes[0] === 2) refused += 1;
      }
      expect(refused).toBeGreaterThan(lines.length / 2);
    },
  );

  it('nor is one that a reference stands for, wherever it goes', async () => {
    const places = whole.matchAll(/^ +-? ?(\w+): .*$/gm);
    for (const [line] of places) {
      const text = whole.replace(line, () => line.replace(/: .*$/, ': ${CANARY}'));
      const filled = text.replace(/@(\w+)@/g, (_, name: Name) =>
        name === 'signingKey' ? JSON.stringify(`${signing}`) : secrets[name],
      );
      process.env['CANARY'] = 'canary-of-the-environment-5Rt2';
      const folder = folderOf(filled);
      const { said } = await everythingSaid(
        ...['check', '--config', join(folder, 'vectorgate.yaml'), '--offline'],
      );
      delete process.env['CANARY'];
      const canary = { environment: 'canary-of-the-environment-5Rt2' };
      expect(found(said, { ...secrets, ...canary }), line).toEqual([]);
    }
  });
});

it.each([
  'a canary-1 b',
  Buffer.from('x canary-1').toString('base64'),
  Buffer.from('root:canary-1:').toString('base64url'),
  Buffer.from('CANARY-1').toString('hex'),
  '?key=%63%61%6e%61%72%79%2D%31',
])('would have been found, had it stood there: %s', (text) => {
  const canary = text.startsWith('43') ? 'CANARY-1' : 'canary-1';
  expect(found([text], { canary })).not.toEqual([]);
  expect(found([text], { other: 'canary-2-of-another' })).toEqual([]);
});

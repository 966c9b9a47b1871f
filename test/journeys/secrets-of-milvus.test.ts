import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { found } from '../support/canaries.ts';
import { openRest } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { callOnce } from '../support/milvus/call.ts';
import { type MilvusDouble, openMilvusDouble } from '../support/milvus/double.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const secrets: Record<string, string> = {
  own: 'canary-password-of-the-gateway-at-milvus',
  shown: 'canary-password-of-a-caller',
  bearer: 'canary-bearer-of-a-caller-7Qk2',
  made: 'canary-password-of-a-new-user',
  old: 'canary-password-of-before',
};
const all = 'databases: ["*"], collections: ["*"]';

let double: MilvusDouble;
let gateway: TestGateway;
beforeAll(async () => {
  double = await openMilvusDouble();
  gateway = await startGateway({
    database: double,
    credential: `root:${secrets['own']}`,
    policies: {
      admin: `allow:\n  - { ${all}, access: m }\n  - { databases: ["*"], access: [list, manage, admin] }`,
      r: 'allow:\n  - { collections: [products], access: r }',
    },
    keys: { admin: { roles: ['admin'] }, r: { roles: ['r'] } },
  });
  for (const [name, key] of Object.entries(gateway.keys)) secrets[`key ${name}`] = key;
});
afterAll(async () => {
  await gateway?.stop();
  await double?.close();
});

it('no password stands in what callers of Milvus are told, nor in what is written of them', async () => {
  const said: string[] = [];
  const rest = openRest({ ...gateway, http: gateway.grpc });
  const keys = Object.values(gateway.keys);
  const { shown = '', bearer = '', made = '', old = '' } = secrets;
  const authorizations = [
    ...keys.flatMap((key) => [base64(key), base64(`root:${key}`), `Bearer ${key}`]),
    ...[
      base64(`root:${shown}`),
      `Bearer root:${shown}`,
      `Bearer ${bearer}`,
      `Basic ${base64(shown)}`,
    ],
    ...[shown, base64(`${shown}:`), base64(`root:${shown}:${shown}`)],
  ];
  const calls = [
    { method: 'ShowCollections', message: {} },
    { method: 'CreateCredential', message: { username: 'u', password: base64(made) } },
    {
      method: 'UpdateCredential',
      message: { username: 'u', oldPassword: base64(old), newPassword: base64(made) },
    },
    { method: 'Connect', message: { clientInfo: { sdkType: 'x', user: made } } },
  ];
  const posts = [
    ['/v2/vectordb/collections/list', '{}'],
    ['/v2/vectordb/users/create', JSON.stringify({ userName: 'u', password: made })],
    [
      '/v2/vectordb/users/update_password',
      JSON.stringify({ userName: 'u', password: old, newPassword: made }),
    ],
    ['/v2/vectordb/users/create', `{"password":"${made}`],
  ] as const;
  const channel = credentials.createSsl(readFileSync(gateway.certificates.ca));
  const address = gateway.grpc().replace('https://', '');
  for (const authorization of authorizations) {
    for (const call of calls) {
      const metadata = [['authorization', authorization] as const];
      said.push(JSON.stringify(await callOnce(address, channel, { ...call, metadata })));
    }
    for (const [path, body] of posts) {
      const headers = { authorization };
      const answer = await rest.ask({ method: 'POST', path, headers, body });
      said.push(JSON.stringify(answer.headers), answer.body.toString());
    }
  }
  rest.close();
  const paths = ['/status', '/keys', '/audit', '/credentials'];
  for (const path of paths) said.push(JSON.stringify(await gateway.admin(path)));
  said.push((await gateway.health('/metrics')).body);
  const failures = () => gateway.audit().filter(({ event }) => event === 'auth.failure');
  await expect.poll(() => failures().length).toBeGreaterThan(0);
  const records = readdirSync(gateway.auditDirectory)
    .map((name) => join(gateway.auditDirectory, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'));
  expect(records.join('')).toContain('"decision":"allow"');
  expect(found([...said, ...records, gateway.output()], secrets)).toEqual([]);
});

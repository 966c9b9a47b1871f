import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { temporaryFolder } from '../tls/folder.ts';

async function run(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await dispatch(['certs', 'dev', ...args], {
    print: (line) => out.push(line),
    complain: (line) => err.push(line),
  });
  return { code, out, err };
}

test('certs dev --json prints the paths of six files that fit together', async () => {
  const folder = join(temporaryFolder(), 'dev');
  const { code, out } = await run('--out', folder, '--json');
  expect(code).toBe(0);
  const paths = JSON.parse(out.join('\n'));
  expect(paths).toEqual({
    ca: join(folder, 'ca.pem'),
    caKey: join(folder, 'ca-key.pem'),
    server: join(folder, 'server.pem'),
    serverKey: join(folder, 'server-key.pem'),
    client: join(folder, 'client.pem'),
    clientKey: join(folder, 'client-key.pem'),
  });
  const ca = new X509Certificate(readFileSync(paths.ca));
  for (const name of ['server', 'client'] as const) {
    const certificate = new X509Certificate(readFileSync(paths[name]));
    const key = createPrivateKey(readFileSync(paths[`${name}Key`]));
    expect(certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(key)).toBe(true);
    expect(statSync(paths[`${name}Key`]).mode & 0o777).toBe(0o600);
  }
});

test('certs dev prints one path a line', async () => {
  const folder = temporaryFolder();
  const { code, out } = await run('--out', folder);
  expect(code).toBe(0);
  expect(out.map((path) => path.slice(folder.length + 1)).sort()).toEqual(
    readdirSync(folder).sort(),
  );
});

test('certs dev replaces nothing unless --force is given', async () => {
  const folder = temporaryFolder();
  await run('--out', folder);
  const server = readFileSync(join(folder, 'server.pem'), 'utf8');
  const again = await run('--out', folder);
  expect(again).toMatchObject({ code: 1, out: [] });
  expect(again.err.join('\n')).toContain('--force');
  expect(readFileSync(join(folder, 'server.pem'), 'utf8')).toBe(server);
  expect(await run('--out', folder, '--force')).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, 'server.pem'), 'utf8')).not.toBe(server);
});

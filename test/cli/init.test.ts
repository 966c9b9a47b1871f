import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isAdminToken } from '../../src/admin/admin-token.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { apiKeyId } from '../../src/identity/api-key.ts';
import { readKeyFile } from '../../src/identity/keys/file.ts';
import { temporaryFolder } from '../tls/folder.ts';

async function run(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    print: (line: string) => out.push(line),
    complain: (line: string) => err.push(line),
  };
  const code = await dispatch(args, terminal);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const newFolder = () => join(temporaryFolder(), 'gate');
const secretFiles = ['vectorgate.yaml', 'first-key', 'admin-token', 'keys.yaml', 'audit-key.pem'];

describe('init', () => {
  test.each(['qdrant', 'milvus'])(
    'writes what checks, and passes its tests: %s',
    async (database) => {
      const out = newFolder();
      const made = await run('init', '--database', database, '--out', out, '--json');
      expect(made.code).toBe(0);
      const { config } = JSON.parse(made.out) as { config: string };
      expect(await run('check', '--config', config)).toMatchObject({ code: 0, err: '' });
      const policies = ['--policies', join(out, 'policies'), '--database', database];
      expect(await run('policy', 'test', ...policies)).toMatchObject({ code: 0 });
      expect(await run('policy', 'lint', ...policies)).toMatchObject({ code: 0 });
    },
  );

  test('keeps its secrets in files of mode 0600, and off the terminal', async () => {
    const out = newFolder();
    const made = await run('init', '--out', out);
    const key = readFileSync(join(out, 'first-key'), 'utf8').trim();
    const token = readFileSync(join(out, 'admin-token'), 'utf8').trim();
    expect(readKeyFile(join(out, 'keys.yaml'))).toMatchObject([{ id: apiKeyId(key) }]);
    expect(isAdminToken(token)).toBe(true);
    for (const name of secretFiles) expect(statSync(join(out, name)).mode & 0o777).toBe(0o600);
    for (const secret of [key, token]) expect(made.out + made.err).not.toContain(secret);
  });

  test('listens where it is told to', async () => {
    const out = newFolder();
    await run('init', '--listen', '::', '--out', out);
    expect(readFileSync(join(out, 'vectorgate.yaml'), 'utf8')).toContain('http: "[::]:6333"');
    expect(await run('check', '--config', join(out, 'vectorgate.yaml'))).toMatchObject({ code: 0 });
  });

  test('replaces nothing', async () => {
    const out = newFolder();
    mkdirSync(out);
    writeFileSync(join(out, 'mine'), 'mine');
    const made = await run('init', '--out', out);
    expect([made.code, made.err]).toEqual([1, expect.stringContaining('not empty')]);
    expect(readdirSync(out)).toEqual(['mine']);
  });

  test.each([
    ['--database', 'weaviate'],
    ['--listen', 'example.com"'],
    ['--listen', ''],
  ])('%s %s is refused and writes nothing', async (option, value) => {
    const out = newFolder();
    expect((await run('init', '--out', out, option, value)).code).toBe(2);
    expect(() => statSync(out)).toThrow('ENOENT');
  });
});

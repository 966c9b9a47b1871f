import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { apiKeyId, digestOf } from '../../src/identity/api-key.ts';
import { readKeyFile } from '../../src/identity/keys/file.ts';
import { temporaryFolder } from '../tls/folder.ts';

const day = 86_400_000;
const main = join(import.meta.dirname, '../../src/cli/main.ts');
const newFile = () => join(temporaryFolder(), 'keys.yaml');
const rag = ['--name', 'rag', '--role', 'search'];

async function run(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await dispatch(args, {
    print: (line) => out.push(line),
    complain: (line) => err.push(line),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

async function json(...args: readonly string[]) {
  const { code, out } = await run(...args, '--json');
  expect(code).toBe(0);
  return JSON.parse(out);
}

describe('keys create', () => {
  test('prints the document of the contract', async () => {
    const keys = newFile();
    const now = Date.now();
    const made = await json('keys', 'create', ...rag, '--role', 'write', '--keys', keys);
    expect(Object.keys(made)).toEqual(['id', 'name', 'roles', 'key', 'createdAt', 'expiresAt']);
    expect(made).toMatchObject({ name: 'rag', roles: ['search', 'write'], expiresAt: null });
    expect(Date.parse(made.createdAt)).toBeGreaterThanOrEqual(now);
    expect(apiKeyId(made.key)).toBe(made.id);
  });

  test('keeps only the hash, for nobody else to read', async () => {
    const keys = newFile();
    const { key, id } = await json('keys', 'create', ...rag, '--keys', keys);
    expect(readKeyFile(keys)).toMatchObject([{ id, hash: digestOf(key).toString('hex') }]);
    expect(readFileSync(keys, 'utf8')).not.toContain(key.slice(12, 50));
    expect(statSync(keys).mode & 0o777).toBe(0o600);
  });

  test('on a terminal prints the key alone, and the rest beside it', async () => {
    const { code, out, err } = await run('keys', 'create', ...rag, '--keys', newFile());
    expect(code).toBe(0);
    expect(apiKeyId(out)).not.toBeNull();
    expect(err).toContain('not shown again');
    expect(err).not.toContain(out);
  });

  test('writes all that it was told', async () => {
    const keys = newFile();
    const limits = ['--upstream', 'main', '--source', '10.0.0.0/8', '--source', 'fd00::/8'];
    const labels = ['--label', 'app=rag', '--label', 'note=a=b', '--expires', '90d'];
    const { createdAt, expiresAt } = await json(
      ...['keys', 'create', ...rag, ...limits, ...labels, '--keys', keys],
    );
    expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(90 * day);
    expect(readKeyFile(keys)).toMatchObject([
      {
        upstream: 'main',
        sources: ['10.0.0.0/8', 'fd00::/8'],
        labels: { app: 'rag', note: 'a=b' },
        expires: Date.parse(expiresAt),
      },
    ]);
  });

  test.each([
    ['15m', 15 * 60_000],
    ['12h', day / 2],
    ['2w', 14 * day],
  ])('--expires %s is a time from now', async (expires, length) => {
    const made = await json('keys', 'create', ...rag, '--expires', expires, '--keys', newFile());
    expect(Date.parse(made.expiresAt) - Date.parse(made.createdAt)).toBe(length);
  });

  test('--expires takes a point in time', async () => {
    const expires = ['--expires', '2999-01-31T00:00:00+01:00'];
    const made = await json('keys', 'create', ...rag, ...expires, '--keys', newFile());
    expect(made.expiresAt).toBe('2999-01-30T23:00:00.000Z');
  });

  test.each([
    [['--name', 'rag'], '--role is missing'],
    [['--role', 'r'], '--name is missing'],
    [['--name', '', '--role', 'r'], '--name is missing'],
    [['--name', 'a\u001b[2J', '--role', 'r'], 'is no name'],
    [[...rag, '--expires', '90'], 'is no time'],
    [[...rag, '--expires', 'soon'], 'is no time'],
    [[...rag, '--expires', '2999-13-31T00:00:00Z'], 'is no time'],
    [[...rag, '--expires', '2020-01-31T00:00:00Z'], 'has passed'],
    [[...rag, '--expires', '0d'], 'has passed'],
    [[...rag, '--source', 'example.com'], 'is no address block'],
    [[...rag, '--source', '10.0.0.0/40'], 'is no address block'],
    [[...rag, '--label', 'app'], 'is no pair'],
    [[...rag, '--label', '__proto__=x'], 'is no pair'],
    [[...rag, '--label', 'app='], 'is no pair'],
    [[...rag, '--rolle', 'r'], '--rolle'],
  ])('%j is refused and writes nothing', async (args, message) => {
    const keys = newFile();
    const { code, out, err } = await run('keys', 'create', ...args, '--keys', keys);
    expect(code).not.toBe(0);
    expect(out).toBe('');
    expect(err).toContain(message);
    expect(() => statSync(keys)).toThrow('ENOENT');
  });
});

describe('keys list', () => {
  test('prints the documents of the contract, without keys', async () => {
    const keys = newFile();
    const made = await json('keys', 'create', ...rag, '--keys', keys);
    const { key, ...row } = made;
    const listed = await json('keys', 'list', '--keys', keys);
    expect(listed).toEqual([{ ...row, lastUsedAt: null, ageDays: 0, revokedAt: null }]);
    expect(JSON.stringify(listed)).not.toContain(key);
  });

  test('counts whole days of age', async () => {
    const keys = newFile();
    await json('keys', 'create', ...rag, '--keys', keys);
    const created = new Date(Date.now() - 40 * day - 1000).toISOString();
    const text = readFileSync(keys, 'utf8').replace(/created: .*/, `created: ${created}`);
    writeFileSync(keys, text);
    expect(await json('keys', 'list', '--keys', keys)).toMatchObject([{ ageDays: 40 }]);
  });

  test('on a terminal shows who is in force', async () => {
    const keys = newFile();
    const { id } = await json('keys', 'create', ...rag, '--keys', keys);
    await run('keys', 'create', '--name', 'old', '--role', 'r', '--expires', '1d', '--keys', keys);
    await run('keys', 'revoke', id, '--keys', keys);
    const { out } = await run('keys', 'list', '--keys', keys);
    expect(out).toMatch(new RegExp(`${id} +rag +search +0d +revoked 20`));
    expect(out).toMatch(/old +r +0d +until 20/);
  });

  test('of a file that is missing or bad is exit 2 with the problems', async () => {
    const keys = newFile();
    expect(await run('keys', 'list', '--keys', keys)).toMatchObject({ code: 2, out: '' });
    writeFileSync(keys, 'keys:\n  - id: a\n', { mode: 0o600 });
    const { code, out } = await run('keys', 'list', '--keys', keys, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ ok: false, problems: [{ line: 2 }, {}, {}] });
  });
});

describe('keys revoke', () => {
  test('prints the document of the contract, and the list tells when', async () => {
    const keys = newFile();
    const { key, ...row } = await json('keys', 'create', ...rag, '--keys', keys);
    expect(await json('keys', 'revoke', row.id, '--keys', keys)).toEqual(row);
    const [listed] = await json('keys', 'list', '--keys', keys);
    expect(Date.parse(listed.revokedAt)).toBeLessThanOrEqual(Date.now());
    expect(key).toBeDefined();
  });

  test.each([[[]], [['a', 'b']], [['nobody']]])('of %j is refused', async (ids) => {
    const keys = newFile();
    await json('keys', 'create', ...rag, '--keys', keys);
    const { code, err } = await run('keys', 'revoke', ...ids, '--keys', keys);
    expect(code).not.toBe(0);
    expect(err).toMatch(/vectorgate keys list|takes no b/);
  });
});

describe('keys hash', { timeout: 30_000 }, () => {
  function hash(input: string, ...args: readonly string[]) {
    const result = spawnSync(process.execPath, [main, 'keys', 'hash', ...rag, ...args], { input });
    return { code: result.status, out: String(result.stdout), err: String(result.stderr) };
  }

  test('makes a key where none is given, and prints an entry that lets it in', () => {
    const { code, out } = hash('', '--json');
    expect(code).toBe(0);
    const { key, entry } = JSON.parse(out);
    const keys = newFile();
    writeFileSync(keys, `keys:\n${entry}`, { mode: 0o600 });
    expect(readKeyFile(keys)).toMatchObject([{ hash: digestOf(key).toString('hex') }]);
  });

  test('with --new reads nothing', async () => {
    const { code, out, err } = await run('keys', 'hash', ...rag, '--new');
    expect(code).toBe(0);
    expect(err).toContain('not shown again: vg_');
    expect(out).toMatch(/^ {2}- id: /);
    expect(out).not.toContain('vg_');
  });

  test('takes the key from stdin and does not repeat it', () => {
    const { key } = JSON.parse(hash('', '--json').out);
    const { code, out, err } = hash(`${key}\n`);
    expect(code).toBe(0);
    expect(out).toContain(`id: ${apiKeyId(key)}`);
    expect(out).toContain(`hash: sha256:${digestOf(key).toString('hex')}`);
    expect(out + err).not.toContain(key);
  });

  test('takes a key that others made, and says where it is short', () => {
    const { code, out, err } = hash('sk-0123456789-0123456789\n');
    expect(code).toBe(0);
    expect(out).toContain(digestOf('sk-0123456789-0123456789').toString('hex'));
    expect(err).toContain('short');
  });

  test.each([
    ['fifteen letters', 'x'.repeat(15), 'shorter than 16'],
    ['two words', 'correct horse battery staple', 'no key'],
    ['one of ours mistyped', `vg_abcdefgh_${'x'.repeat(49)}`, 'mistyped'],
  ])('refuses %s', (_what, key, message) => {
    const { code, out, err } = hash(key);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(message);
    expect(err).not.toContain(key);
  });
});

test('every command tells its options', { timeout: 30_000 }, () => {
  for (const verb of ['create', 'list', 'hash', 'revoke']) {
    const help = execFileSync(process.execPath, [main, 'keys', verb, '--help']).toString();
    expect(help).toContain(`Usage: vectorgate keys ${verb}`);
  }
});

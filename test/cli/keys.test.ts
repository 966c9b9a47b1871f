import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { apiKeyId, digestOf, makeApiKey } from '../../src/identity/api-key.ts';
import { readKeyFile } from '../../src/identity/keys/file.ts';
import { objectionToForeignKey } from '../../src/identity/keys/foreign-key.ts';
import { lastUsePath, writeLastUse } from '../../src/identity/keys/last-use.ts';
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

  test('tells where the gateway that was asked alone knows of it', async () => {
    const row = { id: 'k7Q2', name: 'rag', roles: ['search'], createdAt: null, expiresAt: null };
    const revoked = { ...row, revokedAt: '2026-11-22T15:04:05.000Z', everywhere: false };
    const gateway = createServer((request, answer) => {
      if (request.url === '/healthz') return void answer.end('alive\n');
      answer.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify(revoked));
    });
    onTestFinished(() => void gateway.close());
    await once(gateway.listen(0, '127.0.0.1'), 'listening');
    const { port } = gateway.address() as AddressInfo;
    const told = ['keys', 'revoke', row.id, '--address', `127.0.0.1:${port}`];
    expect((await run(...told)).out).toContain('by this gateway alone: the store is lost');
    expect(await json(...told)).toEqual({ ...row, everywhere: false });
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

describe('keys rotate', () => {
  const days = (n: number) => n * day;

  test('makes a key like the old one, which ends by itself after its grace', async () => {
    const keys = newFile();
    const more = ['--label', 'env=prod', '--source', '10.0.0.0/8', '--upstream', 'main'];
    const { id } = await json(
      'keys',
      'create',
      ...rag,
      ...more,
      '--expires',
      '90d',
      '--keys',
      keys,
    );
    const made = await json('keys', 'rotate', id, '--grace', '2d', '--keys', keys);
    expect(Object.keys(made)).toEqual(['id', 'name', 'roles', 'key', 'createdAt', 'expiresAt']);
    const [old, fresh] = readKeyFile(keys);
    expect(fresh).toMatchObject({
      ...{ id: made.id, name: 'rag', roles: ['search'], labels: { env: 'prod' } },
      ...{ sources: ['10.0.0.0/8'], upstream: 'main', replaces: id, imported: false },
      hash: digestOf(made.key).toString('hex'),
      expires: (fresh?.created ?? 0) + days(90),
    });
    expect(old).toMatchObject({ id, revoked: null, expires: (fresh?.created ?? 0) + days(2) });
  });

  test('gives seven days unless something else is said, and never more than the old key had', async () => {
    const keys = newFile();
    const { id } = await json('keys', 'create', ...rag, '--keys', keys);
    const short = await json('keys', 'create', ...rag, '--expires', '1d', '--keys', keys);
    const { createdAt } = await json('keys', 'rotate', id, '--keys', keys);
    await json('keys', 'rotate', short.id, '--keys', keys);
    const byId = new Map(readKeyFile(keys).map((entry) => [entry.id, entry]));
    expect(byId.get(id)?.expires).toBe(Date.parse(createdAt) + days(7));
    expect(byId.get(short.id)?.expires).toBe(Date.parse(short.expiresAt));
  });

  test.each([
    [[], 2, 'one key id is needed'],
    [['nobody'], 1, 'has no key of that id'],
    [['ID', '--grace', 'soon'], 2, 'is no time span'],
    [['ID', '--expires', '0d'], 2, 'has passed'],
  ])('%j is refused and changes nothing', async (args, exit, message) => {
    const keys = newFile();
    const { id } = await json('keys', 'create', ...rag, '--keys', keys);
    const before = readFileSync(keys, 'utf8');
    const named = args.map((arg) => (arg === 'ID' ? id : arg));
    const { code, err } = await run('keys', 'rotate', ...named, '--keys', keys);
    expect({ code, err }).toEqual({ code: exit, err: expect.stringContaining(message) });
    expect(readFileSync(keys, 'utf8')).toBe(before);
  });

  test('of a key that counts no more is refused', async () => {
    const keys = newFile();
    const { id } = await json('keys', 'create', ...rag, '--keys', keys);
    await json('keys', 'revoke', id, '--keys', keys);
    const { code, err } = await run('keys', 'rotate', id, '--keys', keys);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('revoked or expired') });
  });

  test('keeps comments, and the file as others wrote it', async () => {
    const keys = newFile();
    const { id } = await json('keys', 'create', ...rag, '--keys', keys);
    const text = readFileSync(keys, 'utf8').replace('roles:', 'roles: # who\n     ');
    writeFileSync(keys, text);
    await json('keys', 'rotate', id, '--keys', keys);
    await json('keys', 'revoke', id, '--keys', keys);
    expect(readFileSync(keys, 'utf8')).toContain('# who');
    expect(readKeyFile(keys)).toMatchObject([{ id, revoked: expect.any(Number) }, {}]);
  });
});

describe('keys import', { timeout: 60_000 }, () => {
  function take(input: string, keys: string, ...args: readonly string[]) {
    const all = ['keys', 'import', ...rag, '--keys', keys, ...args];
    const result = spawnSync(process.execPath, [main, ...all], { input });
    return { code: result.status, out: String(result.stdout), err: String(result.stderr) };
  }

  test('takes a key that applications have, and keeps its hash alone', () => {
    const keys = newFile();
    const key = 'sk-live/0123456789+abc=';
    const { code, out, err } = take(`${key}\n`, keys, '--json', '--label', 'env=prod');
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(out))).toEqual(['id', 'name', 'roles', 'createdAt', 'expiresAt']);
    expect(readKeyFile(keys)).toMatchObject([
      { hash: digestOf(key).toString('hex'), imported: true, labels: { env: 'prod' } },
    ]);
    expect(out + err + readFileSync(keys, 'utf8')).not.toContain(key);
    const again = take(key, keys);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('is there already') });
    expect(again.err).not.toContain(key);
  });

  test('takes a short one only where it is told to', () => {
    const keys = newFile();
    expect(take('short', keys)).toMatchObject({ code: 1, err: expect.stringContaining('--weak') });
    expect(take('short', keys, '--weak').code).toBe(0);
    expect(readKeyFile(keys)).toHaveLength(1);
  });
});

describe('a key that others made', () => {
  test.each([
    ['a colon', 'user:0123456789abcdef', 'colon'],
    ['our beginning', `vg_abcd_${'x'.repeat(49)}`, 'checksum'],
    ['the shape of a token', 'eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl', 'token'],
    ['the shape of a token without a signature', 'eyJhbGciOi.eyJzdWIi.', 'token'],
    ['nothing', '', 'no key'],
    ['a space', 'correct horse battery', 'no key'],
    ['a letter outside ASCII', 'schlüssel-0123456789', 'no key'],
    ['a control character', 'abcdefghijklmnop\u0007', 'no key'],
    ['too much', 'x'.repeat(8193), 'no key'],
    ['too little', 'x'.repeat(15), 'shorter than 16'],
  ])('with %s is refused, without being repeated', (_what, key, message) => {
    const objection = objectionToForeignKey(key, false);
    expect(objection).toContain(message);
    if (key.length > 4) expect(objection).not.toContain(key);
  });

  test.each([
    'x'.repeat(16),
    '!"#$%&()*+,-./;<=>?@[]^_`{|}~',
    'a.b.c.d-0123456789',
    'x'.repeat(8192),
  ])('%s is taken', (key) => expect(objectionToForeignKey(key, false)).toBeNull());

  test('of our own making is no other', () => {
    expect(objectionToForeignKey(makeApiKey().key, true)).toContain('one of our own');
  });
});

describe('what keys list knows', () => {
  test('is when the gateway saw a key last, and which are older than 90 days', async () => {
    const keys = newFile();
    const { id } = await json('keys', 'create', ...rag, '--keys', keys);
    const created = new Date(Date.now() - 120 * day - 1000).toISOString();
    writeFileSync(keys, readFileSync(keys, 'utf8').replace(/created: .*/, `created: ${created}`));
    writeLastUse(
      keys,
      new Map([
        [id, Date.UTC(2026, 0, 2)],
        ['gone', 5],
      ]),
    );
    expect(await json('keys', 'list', '--keys', keys)).toMatchObject([
      { lastUsedAt: '2026-01-02T00:00:00.000Z', ageDays: 120 },
    ]);
    const { out } = await run('keys', 'list', '--keys', keys);
    expect(out).toMatch(/120d \(30 over\) +in force +2026-01-02T/);
    expect(statSync(lastUsePath(keys)).mode & 0o777).toBe(0o600);
    writeFileSync(lastUsePath(keys), 'not json');
    expect(await json('keys', 'list', '--keys', keys)).toMatchObject([{ lastUsedAt: null }]);
  });
});

test('every command tells its options', { timeout: 30_000 }, () => {
  for (const verb of ['create', 'list', 'hash', 'import', 'rotate', 'revoke']) {
    const help = execFileSync(process.execPath, [main, 'keys', verb, '--help']).toString();
    expect(help).toContain(`Usage: vectorgate keys ${verb}`);
  }
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';

const shipped = join(import.meta.dirname, '../../policies');
const made: string[] = [];

afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

function folder(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'policy-verbs-'));
  made.push(directory);
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(directory, name), text, { mode: 0o600 });
  }
  return directory;
}

async function run(...args: readonly string[]) {
  const out: string[] = [];
  const told: string[] = [];
  const code = await dispatch(['policy', ...args], {
    print: (line) => out.push(line),
    complain: (line) => told.push(line),
  });
  return { code, out, told };
}

async function json(...args: readonly string[]) {
  const { code, out } = await run(...args, '--json');
  expect(out).toHaveLength(1);
  return { code, document: JSON.parse(out[0] ?? '') as Record<string, unknown> };
}

const role = 'role: a\nallow:\n  - { collections: [c], access: r }\n';

describe('the shipped policies', () => {
  it('pass their tests', async () => {
    const { code, document } = await json('test', '--policies', shipped);
    expect(document).toMatchObject({ failed: 0 });
    expect(document['passed']).toBeGreaterThan(30);
    expect(code).toBe(0);
  });

  it('leave lint nothing to say', async () => {
    const { code, document } = await json('lint', '--policies', shipped);
    expect({ code, document }).toEqual({ code: 0, document: { ok: true, problems: [] } });
  });
});

describe('policy test', () => {
  it('knows the roles of the tokens of the database, as a gateway has them', async () => {
    const test =
      '- as: { roles: ["qdrant:r"], claims: { collections_r: [docs] } }\n' +
      '  may: [points.query on docs]\n  may not: [points.query on c, points.upsert on docs]\n';
    const directory = folder({ 'a.yaml': role, 'a.test.yaml': test });
    expect(await run('test', '--policies', directory)).toMatchObject({ code: 0 });
    const asked = ['--role', 'qdrant:global-r', '--operation', 'points.query', '--collection', 'c'];
    const { document } = await json('explain', '--policies', directory, ...asked);
    expect(document).toMatchObject({ effect: 'allow', rule: 'built-in/qdrant-global-r.yaml:4' });
  });

  it('exits 1 where a case fails, and says which and why', async () => {
    const test = '- as: { roles: [a] }\n  may: [points.upsert on c, points.query on c]\n';
    const directory = folder({ 'a.yaml': role, 'a.test.yaml': test });
    const { code, out } = await run('test', '--policies', directory);
    expect(out).toEqual([
      expect.stringMatching(/a\.test\.yaml:2 a may points\.upsert on c: no rule allows it$/),
      '1 passed, 1 failed',
    ]);
    expect(code).toBe(1);
    const { document } = await json('test', '--policies', directory);
    expect(document).toMatchObject({ passed: 1, failed: 1 });
    expect(document['cases']).toHaveLength(2);
  });

  it('exits 1 where there is nothing to run', async () => {
    const { code, told } = await run('test', '--policies', folder({ 'a.yaml': role }));
    expect(code).toBe(1);
    expect(told).toEqual([expect.stringContaining('states no case')]);
  });

  it('exits 2 with the problems where a file is wrong', async () => {
    const directory = folder({
      'a.yaml': role,
      'a.test.yaml': '- as: { roles: [b] }\n  may: [collections.list]',
    });
    const { code, document } = await json('test', '--policies', directory);
    expect(code).toBe(2);
    expect(document).toMatchObject({ ok: false, problems: [{ line: 1, path: '[0].as.roles[0]' }] });
  });
});

describe('policy explain', () => {
  const directory = folder({
    'a.yaml': `${role}deny:\n  - { collections: [d] }\n`,
    'tenant.yaml': 'role: t\nallow:\n  - { collections: ["{claims.t}-*"], access: r }\n',
  });
  const ask = (...args: string[]) => json('explain', '--policies', directory, ...args);
  const query = ['--operation', 'points.query', '--collection'];

  it('says which rule decides for roles', async () => {
    const { code, document } = await ask('--role', 'a', ...query, 'c');
    const rule = expect.stringMatching(/\/a\.yaml:3$/);
    const need = { action: 'read', collection: 'c', effect: 'allow', rule };
    expect(document).toEqual({ effect: 'allow', rule, needs: [need] });
    expect(code).toBe(0);
  });

  it('exits 0 for a denial too', async () => {
    const { code, document } = await ask('--role', 'a', ...query, 'other');
    expect({ code, effect: document['effect'], rule: document['rule'] }).toEqual({
      code: 0,
      effect: 'deny',
      rule: null,
    });
  });

  it('takes claims, each a list where it is repeated', async () => {
    const claims = ['--claim', 't=x', '--claim', 't=y'];
    const { document } = await ask('--role', 't', ...claims, ...query, 'y-docs');
    expect(document).toMatchObject({ effect: 'allow' });
    expect((await ask('--role', 't', ...query, 'y-docs')).document).toMatchObject({
      effect: 'deny',
    });
  });

  it('judges by the alias and by the collection', async () => {
    expect((await ask('--role', 'a', ...query, 'x', '--alias', 'c')).document).toMatchObject({
      effect: 'allow',
    });
    expect((await ask('--role', 'a', ...query, 'd', '--alias', 'c')).document).toMatchObject({
      effect: 'deny',
      rule: expect.stringMatching(/a\.yaml:5$/),
    });
  });

  it('finds the roles of a key, and says when it is over', async () => {
    const hash = `sha256:${'0'.repeat(64)}`;
    const entry = (id: string, last: string) =>
      `  - { id: ${id}, name: n, roles: [a], hash: "${hash.slice(0, -1)}${last}"`;
    const keys = `keys:\n${entry('k1', '1')} }\n${entry('k2', '2')}, revoked: 2020-01-01T00:00:00Z }\n`;
    const file = join(folder({ 'keys.yaml': keys }), 'keys.yaml');
    const of = (id: string) => ['explain', '--policies', directory, '--keys', file, '--key', id];
    const good = await run(...of('k1'), ...query, 'c');
    expect(good).toMatchObject({ code: 0, told: [] });
    expect(good.out).toEqual([expect.stringMatching(/^allow {2}points\.query needs read on c: /)]);
    expect((await run(...of('k2'), ...query, 'c')).told).toEqual([
      expect.stringContaining('k2 is revoked or expired'),
    ]);
    const missing = await run(...of('k3'), ...query, 'c');
    expect(missing).toMatchObject({
      code: 1,
      told: [expect.stringContaining('has no key of that id')],
    });
  });

  it.each([
    ['nobody asks', ['--operation', 'points.query'], 'somebody must ask'],
    ['two ask', ['--role', 'a', '--key', 'k', '--operation', 'points.query'], 'somebody must ask'],
    ['nothing is to be done', ['--role', 'a'], 'what is to be done is missing'],
    ['it is unknown', ['--role', 'a', '--operation', 'points.qery'], 'no operation is called'],
    [
      'an alias leads nowhere',
      ['--role', 'a', '--operation', 'points.query', '--alias', 'x'],
      'an alias leads',
    ],
    ['a claim has no name', ['--role', 'a', '--claim', '=x', ...query, 'c'], 'is no claim'],
  ])('exits 2 where %s', async (_what, args, sentence) => {
    const { code, told } = await run('explain', '--policies', directory, ...args);
    expect({ code, told }).toEqual({ code: 2, told: [expect.stringContaining(sentence)] });
  });

  it('says so where no policy is for a role', async () => {
    const { told } = await run('explain', '--policies', directory, '--role', 'b', ...query, 'c');
    expect(told).toEqual(['no policy is for the role b: it grants nothing']);
  });
});

describe('policy lint', () => {
  it('exits 2 with file, line, message and remedy, for what is hardly meant', async () => {
    const { code, document } = await json('lint', '--policies', folder({ 'a.yaml': role }));
    expect(code).toBe(2);
    expect(document).toEqual({
      ok: false,
      problems: [
        {
          file: expect.stringMatching(/a\.yaml$/),
          line: 1,
          path: '',
          message: 'no test says who may do what',
          remedy: 'Add a.test.yaml beside it',
        },
      ],
    });
  });

  it('exits 2 for what is wrong', async () => {
    const { code, document } = await json('lint', '--policies', folder({ 'a.yaml': 'role: a' }));
    expect(code).toBe(2);
    expect(document).toMatchObject({ ok: false, problems: [{ line: 1, path: '' }] });
  });
});

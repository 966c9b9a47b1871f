import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPolicy } from '../../src/policy/load.ts';
import { Misconfigured } from '../../src/problem.ts';
import { folder, grantsOf, may, problemsOf } from './folder.ts';
import { ground, operation } from './operations.ts';

const good = 'role: a\nallow:\n  - collections: [c]\n    access: r\n';

function problemsIn(text: string): readonly string[] {
  return problemsOf(() => loadPolicy(folder({ 'a.yaml': text }), ground));
}

/** The problem of one allow entry, on line 3. */
function problemOf(entry: string): readonly string[] {
  return problemsIn(`role: a\nallow:\n  - ${entry}\n`);
}

describe('a role file is refused', () => {
  it.each([
    ['collections: []\n    access: r', '3 allow[0].collections: collections is empty'],
    ['collections:\n    access: r', '3 allow[0].collections: collections is empty'],
    ['collections: products\n    access: r', '3 allow[0].collections: collections is empty'],
    ['collections: [7]\n    access: r', '3 allow[0].collections[0]: not a name'],
    ['access: []', '3 allow[0].access: access is empty'],
    ['access:', '3 allow[0].access: access is empty'],
    ['access: never', '3 allow[0].access[0]: never cannot be granted'],
    ['access: [public]', '3 allow[0].access[0]: public cannot be granted'],
    ['access: [reed]', '3 allow[0].access[0]: "reed" is not an action'],
    ['access: [constructor]', '3 allow[0].access[0]: "constructor" is not an action'],
    ['access: R', '3 allow[0].access[0]: "R" is not an action'],
    ['collections: [c]', '3 allow[0]: the rule grants nothing'],
    ['operations: []', '3 allow[0].operations: operations is empty'],
    [
      'operations: [points.upser]',
      '3 allow[0].operations[0]: no operation is called "points.upser"',
    ],
    ['operations: [storage.read]', '3 allow[0].operations[0]: storage.read is never'],
    ['operations: [service.version]', '3 allow[0].operations[0]: service.version is public'],
    ['collections: ["{claims.t}*"]\n    access: r', '3 allow[0].collections[0]: a wildcard beside'],
    ['collections: ["{user.t}"]\n    access: r', '3 allow[0].collections[0]: {user.t} is not'],
    ['acess: r', '3 allow[0].acess: unknown key'],
    ['access: r\n    labels: {}', '4 allow[0].labels: no labels'],
    ['access: r\n    labels: prod', '4 allow[0].labels: no labels'],
    ['access: r\n    labels: { env: [prod] }', '4 allow[0].labels.env: not a value'],
    ['access: r\n    labels: { "a b": c }', '4 allow[0].labels.a b: no labels'],
  ])('for %j', (entry, problem) => {
    expect(problemOf(entry)).toEqual(expect.arrayContaining([expect.stringContaining(problem)]));
  });

  it.each([
    ['role: a', '1 : the role has no rules'],
    ['role: a\nallow:', '2 allow: there is no rule in it'],
    ['role: a\nallow: []', '2 allow: there is no rule in it'],
    [`${good}deny:`, '5 deny: there is no rule in it'],
    [`${good}deny: [{ access: [read] }]`, '5 deny[0]: the deny names nothing'],
    [`${good}deny: [{ collections: [c], operations: [points.query] }]`, 'deny takes no operations'],
    [`${good}deny: [{ collections: ["{claims.t}-*"] }]`, 'a deny cannot depend on a claim'],
    [good.replace('role: a', 'roles: a'), 'role is missing'],
    [good.replace('role: a', 'role: ""'), 'not a role name'],
    [good.replace('role: a', 'role: "a\\nb"'), 'not a role name'],
    [good.replace('role: a', 'role: a\nrole: b'), 'unique'],
    ['', 'not a role'],
    ['- role: a', 'not a role'],
    ['role: [', ''],
    [`${good}---\n${good}`, ''],
  ])('for %j', (text, problem) => {
    expect(problemsIn(text)).toContainEqual(expect.stringContaining(problem));
  });

  it('with a remedy for each problem', () => {
    const directory = folder({ 'a.yaml': 'role: 7\nallow: [{}]\ndeny:\nlimits: 1\n' });
    try {
      loadPolicy(directory, ground);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof Misconfigured)) throw error;
      expect(error.problems).toHaveLength(4);
      for (const { remedy, file } of error.problems) {
        expect(remedy).toMatch(/^[A-Z]/);
        expect(remedy).not.toContain('docs/configuration.md');
        expect(file).toBe(join(directory, 'a.yaml'));
      }
    }
  });
});

describe('a folder', () => {
  it('tells every problem of every file at once', () => {
    const directory = folder({ 'a.yaml': 'role: a', 'b.yaml': 'role: b\nallow: {}', 'c.yml': '' });
    expect(problemsOf(() => loadPolicy(directory, ground))).toHaveLength(3);
  });

  it.each<[string, Record<string, string | Uint8Array>, string]>([
    ['holds no policy', {}, 'there is no policy here'],
    ['holds only tests', { 'a.test.yaml': '[]' }, 'there is no policy here'],
    ['holds a .yml, which would be overlooked', { 'a.yaml': good, 'b.yml': good }, 'only *.yaml'],
    ['defines a role twice', { 'a.yaml': good, 'b.yaml': good }, 'the role a is also in'],
    ['holds bytes that are not UTF-8', { 'a.yaml': Buffer.from([0x72, 0xff]) }, 'cannot be read'],
  ])('is refused when it %s', (_why, files, problem) => {
    expect(problemsOf(() => loadPolicy(folder(files), ground))).toEqual([
      expect.stringContaining(problem),
    ]);
  });

  it('is refused when it does not exist', () => {
    const missing = join(folder({}), 'nowhere');
    expect(problemsOf(() => loadPolicy(missing, ground))).toEqual(['- : it does not exist']);
  });

  it('is refused when a policy is a folder itself', () => {
    const directory = folder({ 'a.yaml': good });
    mkdirSync(join(directory, 'b.yaml'));
    expect(problemsOf(() => loadPolicy(directory, ground))).toEqual([
      '- : it cannot be read (EISDIR)',
    ]);
  });

  it('is read through the links of a Kubernetes mount', () => {
    const directory = folder({});
    mkdirSync(join(directory, '..2026'));
    writeFileSync(join(directory, '..2026', 'a.yaml'), good);
    symlinkSync('..2026', join(directory, '..data'));
    symlinkSync('..data/a.yaml', join(directory, 'a.yaml'));
    expect(loadPolicy(directory, ground).roles.map(({ name }) => name)).toEqual(['a']);
  });

  it('names its rules by its own name, wherever it is', () => {
    const grants = grantsOf(loadPolicy(folder({ 'search.yaml': good }), ground), ['a']);
    const collection = { named: 'c', resolved: 'c' };
    const query = operation('points.query');
    const need = { operation: query, action: 'read' as const, collection, database: null };
    expect(grants.decide(need).rule).toBe('policies/search.yaml:3');
  });

  it('takes a shorthand in a list, and one action by itself', () => {
    const text =
      'role: a\nallow:\n  - { collections: [c], access: [r, manage] }\n  - access: observe\n';
    const grants = grantsOf(loadPolicy(folder({ 'a.yaml': text }), ground), ['a']);
    expect(may(grants, 'points.query', 'c')).toBe(true);
    expect(may(grants, 'collections.delete', 'c')).toBe(true);
    expect(may(grants, 'points.upsert', 'c')).toBe(false);
    expect(may(grants, 'cluster.status')).toBe(true);
  });
});

describe('the digest', () => {
  const digest = (files: Record<string, string>) => loadPolicy(folder(files), ground).digest;

  it('is the same for the same files anywhere', () => {
    expect(digest({ 'a.yaml': good })).toBe(digest({ 'a.yaml': good }));
    expect(digest({ 'a.yaml': good })).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('changes with a name, a byte and a file, and not with tests', () => {
    const other = good.replace('role: a', 'role: b');
    const before = digest({ 'a.yaml': good });
    expect(digest({ 'b.yaml': good })).not.toBe(before);
    expect(digest({ 'a.yaml': `${good}# seen\n` })).not.toBe(before);
    expect(digest({ 'a.yaml': good, 'b.yaml': other })).not.toBe(before);
    expect(digest({ 'a.yaml': good, 'a.test.yaml': '[]' })).toBe(before);
  });
});

import { describe, expect, it } from 'vitest';
import { lint } from '../../src/policy/lint.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { folder } from './folder.ts';
import { ground } from './operations.ts';

/** What lint says of one tested role with these rules, each as `LINE PATH: MESSAGE`. */
function said(rules: string, files: Readonly<Record<string, string>> = {}): readonly string[] {
  const directory = folder({ 'a.yaml': `role: a\n${rules}`, 'a.test.yaml': '[]', ...files });
  return lint(directory, loadPolicy(directory, ground)).map(
    ({ line, path, message }) => `${line ?? '-'} ${path}: ${message}`,
  );
}

describe('lint', () => {
  it('has nothing to say to rules that are meant', () => {
    const rules = `allow:
  - collections: [products, "docs-*", "{claims.tenant}-*"]
    access: r
  - collections: [products]
    access: [write, export]
  - collections: ["*"]
    access: r
    operations: [points.upsert]
  - access: [observe]
deny:
  - collections: ["*-pii"]
  - collections: [products]
    access: [write, schema]
`;
    expect(said(rules)).toEqual([]);
  });

  it('asks for a test beside each policy, and a policy beside each test', () => {
    const untested = folder({
      'a.yaml': 'role: a\nallow: [{ access: [observe] }]',
      'b.test.yaml': '',
    });
    const problems = lint(untested, loadPolicy(untested, ground));
    expect(problems.map(({ file, message }) => [file.slice(untested.length), message])).toEqual([
      ['/a.yaml', 'no test says who may do what'],
      ['/b.test.yaml', 'there is no policy of that name'],
    ]);
  });

  it.each([
    ['"*", access: m', 'this allows write, schema, export, manage on every collection'],
    ['"*", access: rw', 'this allows write, schema on every collection'],
    ['"**", access: [export]', 'this allows export on every collection'],
    ['"?*", access: [manage]', 'this allows manage on every collection'],
  ])('warns of %s', (rule, message) => {
    const [pattern, access] = rule.split(', access:');
    expect(said(`allow:\n  - { collections: [${pattern}], access:${access} }`)).toEqual([
      expect.stringContaining(`3 allow[0].collections[0]: ${message}`),
    ]);
  });

  it('lets an admin be an admin', () => {
    expect(said('allow:\n  - { collections: ["*"], access: [m, admin] }\n')).toEqual([]);
  });

  it('warns of an access to collections that names none', () => {
    expect(said('allow: [{ access: rw }]')).toEqual([
      '2 allow[0]: without collections this allows nothing on any collection',
    ]);
  });

  it.each([
    ['the same pattern', '"docs-*"', '"docs-*"'],
    ['a wider one', 'docs-en', '"docs-*"'],
    ['everything', '"{claims.tenant}-*"', '"*"'],
  ])('warns of what is denied whole, by %s', (_what, allowed, denied) => {
    const rules = `allow:\n  - { collections: [${allowed}], access: r }\ndeny:\n  - { collections: [${denied}] }\n`;
    expect(said(rules)).toEqual([expect.stringContaining('denies all that this allows')]);
  });

  it('warns of what an earlier rule allows', () => {
    const rules = `allow:
  - { collections: ["docs-*"], access: rw }
  - { collections: [docs-en, products], access: r }
`;
    expect(said(rules)).toEqual([
      '4 allow[1].collections[0]: policies/a.yaml:3 allows this already',
    ]);
  });

  it('warns of a deny that meets no allow of any role', () => {
    const rules = 'allow: [{ collections: [products], access: r }]\ndeny: [{ collections: [hr] }]';
    expect(said(rules)).toEqual(['3 deny[0].collections[0]: no role allows what this denies']);
    const other = {
      'b.yaml': 'role: b\nallow: [{ collections: ["h*"], access: r }]',
      'b.test.yaml': '',
    };
    expect(said(rules, other)).toEqual([]);
  });
});

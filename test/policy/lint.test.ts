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

describe('lint of limits', () => {
  const role = (limits: string, own: string) => `allow:
  - { collections: [docs], access: r, limits: ${own} }
limits: ${limits}
`;
  const never = 'this can never bind: the limits of the role are as tight';

  const late = 'a sweep stops the next request, and one alone may ask for everything';

  const sweep = (share: string, exceed: string) =>
    `{ sweep: { share: ${share}, exceed: ${exceed} } }`;

  it('tells of a rule that lowers what its role refuses', () => {
    const problems = (limits: string) => said(role(limits, '{ results: 5, exceed: lower }'));
    expect(problems('{ results: 10 }').join()).toContain('this lowers nothing');
    expect(problems('{ results: 10, exceed: lower }').join()).not.toContain('lowers');
    expect(problems('{ requests: 10/s }').join()).not.toContain('lowers');
  });

  it.each([
    ['{ requests: 60/m, burst: 5 }', '{ requests: 1/s, burst: 5 }', 'requests'],
    ['{ concurrent: 5 }', '{ concurrent: 5 }', 'concurrent'],
    ['{ results: 10 }', '{ results: 100 }', 'results'],
    ['{ budget: { points: 10/h } }', '{ budget: { points: 240/d } }', 'budget.points'],
    ['{ budget: { points: 10/d } }', '{ budget: { points: 9/h } }', null],
    ['{ budget: { points: 10/d } }', '{ budget: { points: 240/d } }', 'budget.points'],
    ['{ requests: 60/m, each: role }', '{ requests: 90/m }', null],
    ['{ requests: 60/m }', '{ requests: 59/m }', null],
    ['{ requests: 60/m, burst: 90 }', '{ requests: 60/m }', null],
    [sweep('20%/d', 'stop'), sweep('30%/d', 'stop'), 'sweep'],
    [sweep('20%/d', 'stop'), sweep('30%/d', 'alarm'), 'sweep'],
    [sweep('20%/d', 'alarm'), sweep('30%/d', 'alarm'), 'sweep'],
    [sweep('20%/d', 'alarm'), sweep('30%/d', 'stop'), null],
    [sweep('20%/d', 'stop'), sweep('10%/d', 'stop'), null],
    [sweep('20%/h', 'stop'), sweep('30%/d', 'stop'), null],
    [sweep('20%/d', 'stop'), sweep('20%/h', 'stop'), 'sweep'],
  ])('of a role %s and a rule %s', (limits, own, key) => {
    const problems = key === null ? [] : [`3 allow[0].limits.${key}: ${never}`];
    const found = said(role(limits, own)).filter((problem) => !problem.includes(late));
    expect(found).toEqual(problems);
  });

  it.each([
    [sweep('20%/d', 'stop'), '{ requests: 5/s }', '4 limits.sweep'],
    ['{ requests: 5/s }', sweep('20%/d', 'stop'), '3 allow[0].limits.sweep'],
    [sweep('20%/d', 'stop'), '{ results: 100 }', null],
    ['{ results: 100 }', sweep('20%/d', 'stop'), null],
    [sweep('20%/d', 'alarm'), '{ requests: 5/s }', null],
  ])('of a sweep that one request outruns: %s and a rule %s', (limits, own, place) => {
    const found = said(role(limits, own)).filter((problem) => problem.includes(late));
    expect(found).toEqual(place === null ? [] : [`${place}: ${late}`]);
  });

  it('tells of places that nobody can fill', () => {
    const [problem] = said(role('{ requests: 10/h, concurrent: 64 }', '{ results: 5 }'));
    expect(problem).toContain('4 limits.concurrent: concurrent can hardly bind');
  });

  it('tells of large collections that anybody may read without end, where it knows of any', () => {
    const sizes = new Map([
      ['docs', 5_000_000],
      ['small', 10],
    ]);
    const linted = (rules: string) => {
      const directory = folder({ 'a.yaml': `role: a\n${rules}`, 'a.test.yaml': '[]' });
      const problems = lint(directory, loadPolicy(directory, ground), sizes);
      return problems.map(({ line, path, message }) => `${line} ${path}: ${message}`);
    };
    const open = 'allow:\n  - { collections: ["d*", small], access: r }\n';
    expect(linted(open)).toEqual([
      '3 allow[0]: docs has 5000000 points, and nothing limits how many are read',
    ]);
    const whole = ['3 allow[0]: docs has 5000000 points, and its limits let all of them be read'];
    expect(linted(`${open}limits: { results: 100, requests: 5/s }\n`)).toEqual(whole);
    for (const bounding of [
      '{ budget: { points: 1000/d } }',
      '{ budget: { bytes: 1GiB/d } }',
      '{ sweep: { share: 20%/d, exceed: alarm } }',
    ]) {
      expect(linted(`${open}limits: ${bounding}\n`)).toEqual([]);
      expect(linted(open.replace('access: r', `access: r, limits: ${bounding}`))).toEqual([]);
    }
    expect(linted('allow:\n  - { collections: [docs], access: [list] }\n')).toEqual([]);
  });
});

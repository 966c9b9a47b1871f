import { describe, expect, it } from 'vitest';
import { runCases } from '../../src/policy/cases.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { folder, problemsOf } from './folder.ts';
import { ground } from './operations.ts';

const role = `role: search
allow:
  - collections: [products, current, "{claims.tenant}-*"]
    access: r
deny:
  - collections: ["*-pii"]
`;

function run(text: string) {
  const directory = folder({ 'search.yaml': role, 'search.test.yaml': text });
  return runCases(directory, loadPolicy(directory, ground));
}

describe('a case', () => {
  it('passes where the policy says what it states', () => {
    const results = run(`- as: { roles: [search], claims: { tenant: [acme, beta] } }
  may: [points.query on products, points.query on beta-docs, collections.list]
  may not:
    - points.upsert on products
    - points.query on acme-pii
    - cluster.status
    - storage.read on products
`);
    expect(results.map(({ passed }) => passed)).toEqual(Array.from({ length: 7 }, () => true));
  });

  it('fails where it does not, and says where, why and by which rule', () => {
    const results = run(`- as: { roles: [search] }
  may:
    - points.query on products
    - points.query on hr-pii
  may not: [points.query on products]
`);
    const at = {
      file: expect.stringMatching(/search\.test\.yaml$/),
      roles: ['search'],
      claims: {},
      labels: {},
    };
    expect(results.filter(({ passed }) => !passed)).toEqual([
      {
        ...at,
        line: 4,
        statement: 'points.query on hr-pii',
        expected: 'allow',
        effect: 'deny',
        rule: 'policies/search.yaml:6',
        passed: false,
      },
      {
        ...at,
        line: 5,
        statement: 'points.query on products',
        expected: 'deny',
        effect: 'allow',
        rule: 'policies/search.yaml:3',
        passed: false,
      },
    ]);
  });

  it('speaks of an alias with via', () => {
    const results = run(`- as: { roles: [search] }
  may: [points.query on products_v2 via current]
  may not: [points.query on products_v2, points.query on hr-pii via current]
`);
    expect(results.every(({ passed }) => passed)).toBe(true);
  });
});

describe('a test file is refused', () => {
  const as = '- as: { roles: [search] }\n';

  it.each([
    [
      'which names a role that no policy defines',
      '- as: { roles: [serch] }\n  may not: [points.query on c]',
      'no policy defines this role',
    ],
    [
      'which names an unknown operation',
      `${as}  may not: [points.qery on c]`,
      'no operation is called',
    ],
    ['which leaves out the collection', `${as}  may not: [points.query]`, 'done on a collection'],
    ['which is not a statement', `${as}  may: [points.query at products]`, 'not a statement'],
    ['which has a word too many', `${as}  may: [points.query on a b]`, 'not a statement'],
    ['which has two spaces', `${as}  may: [points.query  on a]`, 'not a statement'],
    ['which states nothing', as, 'the case states nothing'],
    ['which states nothing in a list', `${as}  may: []`, 'the case states nothing'],
    ['which names nobody', '- may: [collections.list]', 'nobody is named'],
    ['which names no role', '- as: { roles: [] }\n  may: [collections.list]', 'roles is missing'],
    ['which mistypes may not', `${as}  maynot: [points.query on c]`, 'unknown key'],
    ['which is empty', '', 'there is no case in it'],
  ])('%s', (_why, text, problem) => {
    expect(problemsOf(() => run(text))).toContainEqual(expect.stringContaining(problem));
  });
});

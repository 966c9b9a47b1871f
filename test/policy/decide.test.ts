import { describe, expect, it } from 'vitest';
import { shorthands } from '../../src/policy/language.ts';
import { grantsOf, may, policyOf } from './folder.ts';
import { operation, operations } from './operations.ts';

const search = `role: search
allow:
  - collections: [products, "docs-*", "{claims.tenant}-*"]
    access: r
  - collections: [scratch]
    access: [list, read, write, export]
  - access: [observe]
deny:
  - collections: ["*-pii"]
`;

describe('the role of the contract', () => {
  const grants = grantsOf(policyOf(search), ['search'], { tenant: 'acme' });

  it.each([
    ['points.query', 'products', true],
    ['points.scroll', 'acme-docs', true],
    ['points.query', 'docs-en', true],
    ['points.upsert', 'scratch', true],
    ['snapshots.create', 'scratch', true],
    ['cluster.status', null, true],
    ['points.upsert', 'products', false],
    ['points.query', 'hr-pii', false],
    ['points.query', 'docs-pii', false],
    ['points.query', 'acme-pii', false],
    ['collections.delete', 'scratch', false],
    ['index.create', 'scratch', false],
    ['points.query', 'Products', false],
    ['points.query', 'acme-eu-docs', false],
    ['cluster.status', 'products', false],
  ])('%s on %s: %s', (name, collection, expected) => {
    expect(may(grants, name, collection)).toBe(expected);
  });

  it('names the rule that decided by its file and line', () => {
    const decide = (collection: string) =>
      grants.decide({
        operation: operation('points.query'),
        action: 'read',
        collection: { named: collection, resolved: collection },
        database: null,
      });
    expect(decide('products')).toEqual({ effect: 'allow', rule: expect.stringMatching(/:3$/) });
    expect(decide('hr-pii')).toEqual({ effect: 'deny', rule: expect.stringMatching(/:9$/) });
    expect(decide('other')).toEqual({ effect: 'deny', rule: null });
  });
});

describe('whoever has no rules', () => {
  it.each([
    ['has no role', []],
    ['has a role that no file defines', ['nobody', 'constructor', '__proto__']],
  ])('may do nothing but ask for the lists: %s', (_why, roles) => {
    const grants = grantsOf(policyOf(search), roles);
    const rest = operations.filter((each) => each.action !== 'list');
    for (const { name } of rest) {
      expect(may(grants, name)).toBe(false);
      expect(may(grants, name, 'products')).toBe(false);
    }
    expect(may(grants, 'collections.list')).toBe(true);
    expect(may(grants, 'collections.get', 'products')).toBe(false);
    expect(grants.mayList('products')).toBe(false);
  });
});

describe('the shorthands', () => {
  it.each(Object.keys(shorthands))('%s grants its actions and no other', (word) => {
    const role = `role: a\nallow: [{ collections: [c], access: ${word} }]`;
    const grants = grantsOf(policyOf(role), ['a']);
    for (const each of operations) {
      expect(may(grants, each.name, 'c')).toBe(shorthands[word]?.includes(each.action));
    }
  });

  it('are those of the contract', () => {
    expect(shorthands).toEqual({
      r: ['list', 'read'],
      prw: ['list', 'read', 'write'],
      rw: ['list', 'read', 'write', 'schema'],
      m: ['list', 'read', 'write', 'schema', 'export', 'observe', 'manage'],
    });
  });
});

describe('a rule without collections', () => {
  const role = 'role: a\nallow: [{ access: [list, read, write, manage, observe, admin] }]';
  const grants = grantsOf(policyOf(role), ['a']);

  it('grants what is database-wide', () => {
    expect(may(grants, 'cluster.status')).toBe(true);
    expect(may(grants, 'full_snapshots.create')).toBe(true);
  });

  it('grants nothing on any collection', () => {
    for (const { name } of operations) expect(may(grants, name, 'products')).toBe(false);
    expect(grants.mayList('products')).toBe(false);
  });
});

describe('a rule with collections', () => {
  it('grants nothing database-wide, not even on every collection', () => {
    const role = 'role: a\nallow: [{ collections: ["*"], access: [m, admin] }]';
    const grants = grantsOf(policyOf(role), ['a']);
    for (const { name } of operations.filter((each) => each.action !== 'list')) {
      expect(may(grants, name)).toBe(false);
    }
    expect(may(grants, 'snapshots.recover', 'products')).toBe(true);
  });
});

describe('single operations', () => {
  const role = `role: a
allow:
  - collections: [c]
    operations: [points.upsert]
  - operations: [cluster.status]
`;
  const grants = grantsOf(policyOf(role), ['a']);

  it('are granted without the rest of their action', () => {
    expect(may(grants, 'points.upsert', 'c')).toBe(true);
    expect(may(grants, 'points.delete', 'c')).toBe(false);
    expect(may(grants, 'points.upsert', 'd')).toBe(false);
    expect(may(grants, 'cluster.status')).toBe(true);
  });

  it('bring no other action that they may need', () => {
    expect(may(grants, 'points.upsert', 'c', 'c', 'read')).toBe(false);
    expect(may(grants, 'points.upsert', 'c', 'c', 'manage')).toBe(false);
  });

  it('do not make a collection listed', () => {
    expect(grants.mayList('c')).toBe(false);
  });
});

describe('an alias', () => {
  const role = `role: a
allow:
  - collections: [current, "docs-*"]
    access: r
deny:
  - collections: ["*-secret"]
`;
  const grants = grantsOf(policyOf(role), ['a']);

  it.each([
    ['allowed by its own name', 'products_v2', 'current', true],
    ['allowed by its collection', 'docs-en', 'anything', true],
    ['not allowed by either', 'products_v2', 'anything', false],
    ['denied by its own name', 'docs-en', 'my-secret', false],
    ['denied by its collection', 'hr-secret', 'current', false],
    ['denied by its collection though both are allowed', 'docs-secret', 'docs-en', false],
  ])('is %s', (_what, collection, alias, expected) => {
    expect(may(grants, 'points.query', collection, alias)).toBe(expected);
  });

  it('that moved is judged by what it means now', () => {
    expect(may(grants, 'points.query', 'docs-en', 'moving')).toBe(true);
    expect(may(grants, 'points.query', 'hr-secret', 'moving')).toBe(false);
    expect(may(grants, 'points.query', 'docs-en', 'moving')).toBe(true);
  });
});

describe('an operation that carries every collection', () => {
  const admin = 'role: admin\nallow: [{ access: [admin] }, { collections: ["*"], access: m }]';
  const deny = 'role: deny\ndeny: [{ collections: [never-there], access: [write] }]';

  it('is allowed to an admin without denies', () => {
    expect(may(grantsOf(policyOf(admin), ['admin']), 'full_snapshots.create')).toBe(true);
  });

  it('is forbidden by any deny of any role', () => {
    const grants = grantsOf(policyOf(admin, deny), ['admin', 'deny']);
    expect(may(grants, 'full_snapshots.create')).toBe(false);
    expect(may(grants, 'full_snapshots.create', 'products')).toBe(false);
  });
});

describe('a deny', () => {
  it('wins over the allow of another role, in any order', () => {
    const allow = 'role: a\nallow: [{ collections: [c], access: rw }]';
    const deny = 'role: b\ndeny: [{ collections: [c], access: [write] }]';
    for (const roles of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      const grants = grantsOf(policyOf(allow, deny), roles);
      expect(may(grants, 'points.upsert', 'c')).toBe(false);
      expect(may(grants, 'points.query', 'c')).toBe(true);
    }
  });

  it('of list hides a collection that may be read', () => {
    const role = `role: a
allow: [{ collections: ["*"], access: r }]
deny: [{ collections: [hidden], access: [list] }]`;
    const grants = grantsOf(policyOf(role), ['a']);
    expect(grants.mayList('hidden')).toBe(false);
    expect(grants.mayList('shown')).toBe(true);
    expect(may(grants, 'points.query', 'hidden')).toBe(true);
  });
});

describe('never and public', () => {
  it('are granted by nothing', () => {
    const role = `role: a
allow:
  - collections: ["*"]
    access: [m, admin]
  - access: [m, admin]
`;
    const grants = grantsOf(policyOf(role), ['a']);
    for (const name of ['storage.read', 'service.version']) {
      expect(may(grants, name)).toBe(false);
      expect(may(grants, name, 'c')).toBe(false);
    }
    expect(may(grants, 'points.query', 'c', 'c', 'never')).toBe(false);
  });
});

describe('an identity', () => {
  it('is compiled once', () => {
    const policy = policyOf(search);
    const identity = { roles: ['search'], claims: {} };
    expect(policy.grantsFor(identity)).toBe(policy.grantsFor(identity));
  });

  it('gets nothing by naming a role twice', () => {
    const grants = grantsOf(policyOf(search), ['search', 'search']);
    expect(may(grants, 'points.query', 'products')).toBe(true);
    expect(may(grants, 'points.upsert', 'products')).toBe(false);
  });
});

describe('whether nothing is hidden from a caller', () => {
  const listsEverything = (rules: string) =>
    grantsOf(policyOf(`role: r\n${rules}`), ['r']).listsEverything;

  it.each([
    ['allow: [{ collections: ["*"], access: r }]', true],
    ['allow: [{ collections: [a, "*"], access: [list] }]', true],
    ['allow: [{ collections: ["*"], access: [read] }]', false],
    ['allow: [{ collections: ["a*"], access: r }]', false],
    ['allow: [{ access: [list, observe] }]', false],
    ['allow: [{ collections: ["*"], access: r }]\ndeny: [{ collections: [a] }]', false],
    [
      'allow: [{ collections: ["*"], access: r }]\ndeny: [{ collections: [a], access: [write] }]',
      true,
    ],
  ])('%s: %s', (rules, expected) => {
    expect(listsEverything(rules)).toBe(expected);
  });
});

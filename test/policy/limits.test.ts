import { describe, expect, it } from 'vitest';
import type { Identity } from '../../src/identity/identity.ts';
import type { Grants } from '../../src/policy/decision.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { folder, policyOf, problemsOf } from './folder.ts';
import { operation, operations } from './operations.ts';

function problemsIn(limits: string): readonly string[] {
  const text = `role: a\nallow:\n  - access: r\n    collections: [c]\nlimits: ${limits}\n`;
  return problemsOf(() => loadPolicy(folder({ 'a.yaml': text }), { operations }));
}

/** An identity that holds these roles. */
function caller(roles: readonly string[], over: Partial<Identity> = {}): Identity {
  const nothing = { claims: {}, labels: {}, expires: null };
  return { kind: 'key', id: 'k1', name: 'rag', roles, ...nothing, ...over };
}

/** What counts for an operation: name, units and holder of each limit, in order. */
function counted(
  grants: Grants,
  name: string,
  collection: string | null,
  alias = collection,
): readonly string[] {
  const row = operation(name);
  const reference = collection && alias ? { named: alias, resolved: collection } : null;
  const { quotas } = grants.decide({
    operation: row,
    action: row.action,
    collection: reference,
    database: null,
  });
  return (quotas ?? []).map(({ name, units, key }) => {
    const [, holder, scope] = key.split('\n');
    return `${name} ${units} of ${holder || 'all'}${scope ? ` on ${scope}` : ''}`;
  });
}

describe('limits are refused', () => {
  it.each([
    ['{}', 'there is no limit in it'],
    ['{ each: role }', 'there is no limit in it'],
    ['{ requests: 200 }', 'limits.requests: not a rate'],
    ['{ requests: 0/s }', 'limits.requests: not a rate'],
    ['{ requests: 1.5/s }', 'limits.requests: not a rate'],
    ['{ requests: 5/w }', 'limits.requests: not a rate'],
    ['{ requests: 9/s, burst: 0 }', 'limits.burst: burst is no whole number'],
    ['{ requests: 9/s, burst: 1.5 }', 'limits.burst: burst is no whole number'],
    ['{ burst: 5, concurrent: 3 }', 'limits.burst: burst is nothing without a rate'],
    ['{ concurrent: -1 }', 'limits.concurrent: concurrent is no whole number'],
    ['{ requests: 9/s, each: key }', 'limits.each: not a holder'],
    ['{ budget: {} }', 'limits.budget: there is no budget in it'],
    ['{ budget: { points: 5/s } }', 'limits.budget.points: not a budget'],
    ['{ budget: { points: 1GiB/h } }', 'limits.budget.points: not a budget'],
    ['{ budget: { bytes: 1GB/h } }', 'limits.budget.bytes: not a budget'],
    ['{ sweep: 20%/d }', 'limits.sweep'],
    ['{ sweep: { share: 20%/d } }', 'limits.sweep.exceed: not an answer to a sweep'],
    ['{ sweep: { exceed: stop } }', 'limits.sweep.share: not a share'],
    ['{ sweep: { share: 20%/d, exceed: cut } }', 'limits.sweep.exceed: not an answer to a sweep'],
    ['{ sweep: { share: 0%/d, exceed: stop } }', 'limits.sweep.share: not a share'],
    ['{ sweep: { share: 0.001%/d, exceed: stop } }', 'limits.sweep.share: not a share'],
    ['{ sweep: { share: 1001%/d, exceed: stop } }', 'limits.sweep.share: not a share'],
    ['{ sweep: { share: 20%/s, exceed: stop } }', 'limits.sweep.share: not a share'],
    ['{ sweep: { share: 20, exceed: stop } }', 'limits.sweep.share: not a share'],
    ['{ results: 0 }', 'limits.results: results is no whole number'],
    ['{ offset: -1 }', 'limits.offset: offset is no whole number'],
    ['{ vectors: allow }', 'limits.vectors: not a limit'],
    ['{ exceed: lower }', 'limits: there is no limit in it'],
    ['{ exceed: lower, requests: 5/s }', 'limits.exceed: exceed is nothing without what may'],
    ['{ exceed: cut, results: 5 }', 'limits.exceed: not an answer'],
    ['{ payload: title }', 'limits.payload: not a list of fields'],
    ['{ request: 9/s }', 'limits.request: unknown key'],
  ])('for %s', (limits, problem) => {
    expect(problemsIn(limits)).toEqual(expect.arrayContaining([expect.stringContaining(problem)]));
  });

  it('on a deny, which has nothing to limit', () => {
    const text = 'role: a\ndeny:\n  - collections: [c]\n    limits: { requests: 1/s }\n';
    expect(problemsOf(() => loadPolicy(folder({ 'a.yaml': text }), { operations }))).toEqual([
      expect.stringContaining('4 deny[0].limits: a deny has nothing to limit'),
    ]);
  });
});

const role = `role: search
allow:
  - { collections: [products, "docs-*"], access: r }
  - { collections: [docs-big], access: [read], limits: { requests: 5/m, burst: 2 } }
  - { access: [observe] }
limits: { requests: 200/s, burst: 400, concurrent: 64 }
`;
const everything = ['search.requests 200 of key:rag', 'search.concurrent 64 of key:rag'];

describe('the limits of a role', () => {
  it('count for whatever its holder does, each identity by itself', () => {
    const grants = policyOf(role).grantsFor(caller(['search']));
    expect(counted(grants, 'points.query', 'products')).toEqual(everything);
    expect(counted(grants, 'collections.list', null)).toEqual(everything);
    expect(counted(grants, 'cluster.status', null)).toEqual(everything);
    expect(grants.limiting?.quotas).toMatchObject([{ burst: 400, period: 1000 }, { period: 0 }]);
  });

  it('are budgets of what answers carry, too', () => {
    const text = role.replace(
      'requests: 200/s, burst: 400',
      'budget: { points: 100000/d, bytes: 2GiB/h }',
    );
    const quotas = policyOf(text).grantsFor(caller(['search'])).limiting?.quotas;
    expect(quotas).toMatchObject([
      { name: 'search.concurrent' },
      {
        name: 'search.points',
        measure: 'points',
        units: 100_000,
        period: 86_400_000,
        burst: 100_000,
      },
      { name: 'search.bytes', measure: 'bytes', units: 2 * 1024 ** 3, period: 3_600_000 },
    ]);
  });

  it('count also for what another role allows', () => {
    const more = 'role: more\nallow:\n  - { collections: [other], access: r }\n';
    const grants = policyOf(role, more).grantsFor(caller(['more', 'search']));
    expect(counted(grants, 'points.query', 'other')).toEqual(everything);
  });

  it('are one sum for all who hold it, where it says so', () => {
    const text = role.replace('concurrent: 64', 'each: role');
    const policy = policyOf(text);
    const quotas = ['rag', 'other'].map((name) => {
      return policy.grantsFor(caller(['search'], { name })).limiting?.quotas[0]?.key;
    });
    expect(quotas[0]).toBe(quotas[1]);
    expect(counted(policy.grantsFor(caller(['search'])), 'points.query', 'products')).toEqual([
      'search.requests 200 of all',
    ]);
  });

  it('do not count anew with a new key, nor with a new token', () => {
    const policy = policyOf(role);
    const keyOf = (over: Partial<Identity>) =>
      policy.grantsFor(caller(['search'], over)).limiting?.quotas[0]?.key;
    expect(keyOf({ id: 'k2' })).toBe(keyOf({ id: 'k1' }));
    expect(keyOf({ kind: 'token', id: 'idp:s1' })).toBe(keyOf({ kind: 'token', id: 'idp:s2' }));
    expect(keyOf({ kind: 'token', id: 'idp:s1' })).not.toBe(keyOf({ kind: 'token', id: 'b:s1' }));
    expect(keyOf({ kind: 'token', id: 'idp:s1' })).not.toBe(keyOf({}));
  });

  it('count for both identities of a request that has two', () => {
    const beside = caller(['search'], { kind: 'certificate', id: 'pod', name: 'pod' });
    const grants = policyOf(role).grantsFor(caller(['search'], { beside }));
    const others = everything.map((text) => text.replace('key:rag', 'certificate:pod'));
    expect(counted(grants, 'points.query', 'products')).toEqual([...everything, ...others]);
  });
});

describe('the limits of a rule', () => {
  const grants = policyOf(role).grantsFor(caller(['search']));
  const own = (scope: string) => `search.allow[1].requests 5 of key:rag on ${scope}`;

  it('count for what it allows, though an earlier rule allows it too', () => {
    expect(counted(grants, 'points.query', 'docs-big')).toEqual([
      ...everything,
      own('docs-big read'),
    ]);
    expect(counted(grants, 'collections.get', 'docs-big')).toEqual(everything);
    expect(counted(grants, 'points.query', 'docs-small')).toEqual(everything);
  });

  it('count for the collection, by whichever alias it is reached', () => {
    const byAlias = counted(grants, 'points.query', 'docs-big', 'docs-alias');
    expect(byAlias).toEqual([...everything, own('docs-big read')]);
  });

  it('count for each collection and action by itself, in a bounded number of counts', () => {
    const wide = policyOf(
      'role: a\nallow:\n  - { collections: ["*"], access: prw, limits: { requests: 5/s } }\n',
    ).grantsFor(caller(['a']));
    expect(counted(wide, 'points.query', 'c1')).not.toEqual(counted(wide, 'points.query', 'c2'));
    expect(counted(wide, 'points.query', 'c1')).not.toEqual(counted(wide, 'points.upsert', 'c1'));
    const keys = new Set<string>();
    for (let n = 0; n < 5000; n++) keys.add(counted(wide, 'points.query', `c${n}`).join());
    expect(keys.size).toBeLessThanOrEqual(1025);
    expect(counted(wide, 'points.query', 'c1')).toEqual([
      'a.allow[0].requests 5 of key:rag on c1 read',
    ]);
  });

  it('do not count for whoever lacks the labels of the rule', () => {
    const text = role.replace(
      'access: [read], limits',
      'access: [read], labels: { env: prod }, limits',
    );
    const unlabelled = policyOf(text).grantsFor(caller(['search']));
    expect(counted(unlabelled, 'points.query', 'docs-big')).toEqual(everything);
  });

  it('are left out of a denial', () => {
    const row = operation('points.upsert');
    const collection = { named: 'products', resolved: 'products' };
    const decision = grants.decide({ operation: row, action: 'write', collection, database: null });
    expect(decision).toEqual({ effect: 'deny', rule: null });
  });
});

describe('a sweep', () => {
  const sweeping = (exceed: string, more = '') =>
    `role: a\nallow:\n  - { collections: ["*"], access: m }\nlimits: { sweep: { share: 2.5%/d, exceed: ${exceed} }${more} }\n`;
  const grants = policyOf(sweeping('stop')).grantsFor(caller(['a']));

  it('counts for each collection by itself, in parts of ten thousand, by whichever alias', () => {
    const products = ['a.sweep 250 of key:rag on products'];
    expect(counted(grants, 'points.query', 'products')).toEqual(products);
    expect(counted(grants, 'points.scroll', 'products')).toEqual(products);
    expect(counted(grants, 'points.scroll', 'products', 'alias')).toEqual(products);
    expect(counted(grants, 'points.query', 'docs')).toEqual(['a.sweep 250 of key:rag on docs']);
  });

  it('counts for what carries points, and for nothing else', () => {
    expect(counted(grants, 'snapshots.create', 'products')).toHaveLength(1);
    for (const name of ['points.upsert', 'collections.get', 'index.create']) {
      expect([name, counted(grants, name, 'products')]).toEqual([name, []]);
    }
  });

  it('is one sum for all who hold the role, where it says so', () => {
    const policy = policyOf(sweeping('stop', ', each: role'));
    const own = counted(policy.grantsFor(caller(['a'])), 'points.query', 'c');
    expect(own).toEqual(['a.sweep 250 of all on c']);
  });

  it('has a bounded number of counts, and what comes beyond shares one', () => {
    const keys = new Set<string>();
    for (let n = 0; n < 5000; n++) keys.add(counted(grants, 'points.query', `c${n}`).join());
    expect(keys.size).toBeLessThanOrEqual(1025);
  });

  it('of a rule counts for the collections of the rule', () => {
    const text =
      'role: a\nallow:\n  - { collections: [b], access: r, limits: { sweep: { share: 5%/h, exceed: alarm } } }\n' +
      '  - { collections: [c], access: r }\n';
    const ruled = policyOf(text).grantsFor(caller(['a']));
    expect(counted(ruled, 'points.query', 'b')).toEqual(['a.allow[0].sweep 500 of key:rag on b']);
    expect(counted(ruled, 'points.query', 'c')).toEqual([]);
  });
});

describe('what an answer may carry', () => {
  const text = `role: search
allow:
  - { collections: [products, "docs-*"], access: r, limits: { results: 100, payload: [title, meta] } }
  - { collections: [docs-big], access: [read], limits: { results: 500, offset: 9, payload: [meta.url] } }
  - { collections: [open], access: r }
`;
  const extentOf = (grants: Grants, collection: string) => {
    const row = operation('points.query');
    const reference = { named: collection, resolved: collection };
    return grants.decide({
      ...{ operation: row, action: row.action, collection: reference },
      database: null,
    }).extent;
  };

  it('is what all rules and roles that meet let through', () => {
    const more =
      'role: more\nallow:\n  - { access: [observe] }\nlimits: { vectors: deny, offset: 100 }\n';
    const grants = policyOf(text, more).grantsFor(caller(['search', 'more']));
    expect(extentOf(grants, 'docs-big')).toEqual({
      ...{ results: 100, offset: 9, vectors: 'deny', payload: ['meta.url'] },
    });
    expect(extentOf(grants, 'products')).toEqual({
      ...{ results: 100, offset: 100, vectors: 'deny', payload: ['title', 'meta'] },
    });
    expect(grants.limiting?.confined).toBe(true);
  });

  it('is lowered only where all that meet lower', () => {
    const of = (roleLimits: string, ruleLimits: string) => {
      const rules = `allow: [{ collections: [a], access: r, limits: ${ruleLimits} }]`;
      const grants = policyOf(`role: one\n${rules}\nlimits: ${roleLimits}\n`);
      return extentOf(grants.grantsFor(caller(['one'])), 'a')?.exceed;
    };
    expect(of('{ results: 9, exceed: lower }', '{ results: 5, exceed: lower }')).toBe('lower');
    expect(of('{ results: 9, exceed: lower }', '{ results: 5 }')).toBeUndefined();
    expect(
      of('{ results: 9, exceed: refuse }', '{ vectors: deny, exceed: lower }'),
    ).toBeUndefined();
    expect(of('{ requests: 9/s }', '{ vectors: deny, exceed: lower }')).toBe('lower');
  });

  it('is everything where nothing limits it', () => {
    const grants = policyOf(text).grantsFor(caller(['search']));
    expect(extentOf(grants, 'open')).toBeUndefined();
    expect(policyOf(role).grantsFor(caller(['search'])).limiting?.confined).toBe(false);
  });

  it('is what both identities of a request may be told', () => {
    const beside = caller(['search'], { kind: 'certificate', id: 'pod', name: 'pod' });
    const tight =
      'role: tight\nallow:\n  - { collections: ["*"], access: r }\nlimits: { results: 7 }\n';
    const grants = policyOf(text, tight).grantsFor(caller(['tight'], { beside }));
    expect(extentOf(grants, 'products')).toMatchObject({ results: 7, payload: ['title', 'meta'] });
    expect(extentOf(grants, 'open')).toMatchObject({ results: 7, payload: null });
  });
});

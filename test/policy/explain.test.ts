import { describe, expect, it } from 'vitest';
import { explain } from '../../src/policy/explain.ts';
import { grantsOf, policyOf } from './folder.ts';
import { ground } from './operations.ts';

const grants = grantsOf(
  policyOf(`role: a
allow:
  - collections: [products]
    access: m
deny:
  - collections: ["*-pii"]
`),
  ['a'],
);

function asked(operation: string, ...names: readonly string[]) {
  const collections = names.map((name) => ({ named: name, resolved: name }));
  return explain(grants, ground, { operation, collections, database: null });
}

describe('explaining', () => {
  it('tells the rule that allows', () => {
    const need = {
      action: 'read',
      collection: 'products',
      effect: 'allow',
      rule: 'policies/0.yaml:3',
    };
    expect(asked('points.query', 'products')).toEqual({
      effect: 'allow',
      rule: 'policies/0.yaml:3',
      needs: [need],
    });
  });

  it('tells the rule that denies, and null where no rule spoke', () => {
    expect(asked('points.query', 'hr-pii')).toMatchObject({
      effect: 'deny',
      rule: 'policies/0.yaml:6',
    });
    expect(asked('points.query', 'other')).toMatchObject({ effect: 'deny', rule: null });
    expect(asked('cluster.status')).toMatchObject({
      effect: 'deny',
      rule: null,
      needs: [{ action: 'observe', collection: null }],
    });
  });

  it('denies where one of several collections is denied, by the rule that denies it', () => {
    const { effect, rule, needs } = asked('collections.create', 'products', 'x-pii', 'products');
    expect({ effect, rule }).toEqual({ effect: 'deny', rule: 'policies/0.yaml:6' });
    expect(needs.map((need) => need.effect)).toEqual(['allow', 'deny', 'allow']);
  });

  it('says of a list that an identity is enough, and of a public operation that nothing is', () => {
    expect(asked('collections.list')).toMatchObject({ effect: 'allow', rule: null });
    expect(asked('service.version')).toEqual({ effect: 'allow', rule: null, needs: [] });
  });

  it('says of what never passes that it is denied', () => {
    expect(asked('storage.read', 'products')).toMatchObject({ effect: 'deny', rule: null });
  });

  it('refuses an operation that does not exist', () => {
    expect(() => asked('points.qery')).toThrow(RangeError);
    expect(() => asked('constructor')).toThrow(RangeError);
  });

  it('refuses to answer for the whole database what is done on a collection', () => {
    expect(() => asked('points.query')).toThrow(/done on a collection/);
  });
});

describe('explaining what is limited', () => {
  const limited = grantsOf(
    policyOf(`role: a
allow:
  - { collections: [products], access: r, limits: { results: 9 } }
  - { collections: [open], access: r }
limits: { requests: 5/m, concurrent: 2 }
`),
    ['a'],
  );

  it('tells every limit that counts, and what answers may carry', () => {
    const collections = [{ named: 'products', resolved: 'products' }];
    const question = { operation: 'points.query', collections, database: null };
    expect(explain(limited, ground, question).needs).toEqual([
      {
        ...{ action: 'read', collection: 'products', effect: 'allow', rule: 'policies/0.yaml:3' },
        limits: [
          { name: 'a.requests', units: 5, seconds: 60, burst: 5 },
          { name: 'a.concurrent', units: 2, seconds: null, burst: 2 },
        ],
        carries: { results: 9, offset: null, vectors: null, payload: null },
      },
    ]);
  });
});

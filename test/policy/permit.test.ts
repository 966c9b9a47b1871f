import { describe, expect, it } from 'vitest';
import type { Intent } from '../../src/catalog/operation.ts';
import type { Decision, Grants } from '../../src/policy/decision.ts';
import { authorise } from '../../src/policy/permit.ts';
import type { Quota } from '../../src/policy/quota.ts';
import { Refusal } from '../../src/refusal.ts';
import { changing, identity, needs } from '../audit/scene.ts';

function denialOf(decision: Decision, instead: Intent['instead'] = null): Refusal {
  const grants: Grants = {
    decide: ({ collection }) =>
      collection?.named === 'other' ? { effect: 'allow', rule: null } : decision,
    mayList: () => true,
    mayListDatabase: () => true,
  };
  const intent = { operation: changing, needs: needs(changing, 'docs'), objection: null, instead };
  try {
    authorise(identity(), grants, intent as unknown as Intent);
  } catch (error) {
    return error as Refusal;
  }
  throw new Error('it was allowed');
}

describe('a denial', () => {
  it.each(['policies/a.yaml:7', null])('carries the rule that decided: %s', (rule) => {
    expect(denialOf({ effect: 'deny', rule })).toMatchObject({ code: 'not-permitted', rule });
  });

  it('carries it also where the database would say something else', () => {
    const refusal = new Refusal('not-permitted', 'it exists', { http: 409, told: 'exists' });
    const [need] = needs(changing, 'other');
    const denied = denialOf(
      { effect: 'deny', rule: 'policies/a.yaml:7' },
      need ? { need, refusal } : null,
    );
    expect(denied).toMatchObject({ http: 409, told: 'exists', rule: 'policies/a.yaml:7' });
  });
});

describe('the sweeps of a request', () => {
  /** The collections whose sweep counts for a request that names these. */
  function swept(more: object, ...names: readonly string[]): readonly string[] {
    const grants: Grants = {
      decide: ({ collection }) => ({ effect: 'allow', rule: null, quotas: [quota(collection)] }),
      mayList: () => true,
      mayListDatabase: () => true,
    };
    const operation = { ...changing, ...more };
    const intent = { operation, needs: needs(operation, ...names), objection: null, instead: null };
    const { quotas } = authorise(identity(), grants, intent as unknown as Intent);
    return quotas.map(({ scope }) => scope);
  }

  function quota(of: { readonly resolved: string } | null): Quota {
    const collection = of?.resolved ?? '';
    return {
      ...{ key: collection, name: 'a.sweep', scope: collection, measure: 'sweep' },
      ...{ units: 2000, period: 3_600_000, burst: 2000 },
      sweep: { of: { database: null, collection }, holder: 'key:a', exceed: 'stop' },
    };
  }

  it('are of the collection that the answer is from, not of those where vectors are looked up', () => {
    expect(swept({}, 'docs', 'vectors')).toEqual(['docs']);
  });

  it('are of every collection where points of each are in the answer', () => {
    expect(swept({ bringsLookups: true }, 'docs', 'titles')).toEqual(['docs', 'titles']);
  });

  it('are of every collection whose snapshot is restored elsewhere', () => {
    expect(swept({ event: 'data.export' }, 'docs', 'source')).toEqual(['docs', 'source']);
  });
});

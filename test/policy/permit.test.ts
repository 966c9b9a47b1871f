import { describe, expect, it } from 'vitest';
import type { Intent } from '../../src/catalog/operation.ts';
import type { Decision, Grants } from '../../src/policy/decision.ts';
import { authorise } from '../../src/policy/permit.ts';
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

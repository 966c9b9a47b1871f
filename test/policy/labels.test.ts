import { describe, expect, it } from 'vitest';
import { bothGrants } from '../../src/policy/both.ts';
import { grantsOf, may, policyOf, problemsOf } from './folder.ts';

const prodRole = `role: prod
labels: { env: prod }
allow: [{ collections: ["*"], access: r }]
deny: [{ collections: [pii] }]
`;
const mixed = `role: mixed
allow:
  - { collections: [open], access: r }
  - { collections: [paid], access: r, labels: { tier: gold } }
`;
const all = `role: all
allow: [{ collections: ["*"], access: r }]
`;
const policy = () => policyOf(prodRole, mixed, all);
const reads = (
  collection: string,
  labels: Readonly<Record<string, string>>,
  roles: readonly string[],
) => may(grantsOf(policy(), roles, {}, labels), 'points.query', collection);

describe('labels that a policy requires', () => {
  it('let in whoever bears them', () => {
    expect(reads('docs', { env: 'prod', app: 'rag' }, ['prod'])).toBe(true);
  });

  it.each([
    {},
    { env: 'dev' },
    { env: 'Prod' },
    { env: 'prod ' },
    { Env: 'prod' },
    { app: 'prod' },
  ])('make %j nobody', (labels) => {
    expect(reads('docs', labels, ['prod'])).toBe(false);
    expect(grantsOf(policy(), ['prod'], {}, labels).mayList('docs')).toBe(false);
  });

  it('are not taken from what every object has', () => {
    const text =
      'role: r\nlabels: { constructor: x }\nallow: [{ collections: ["*"], access: r }]\n';
    const odd = policyOf(text);
    expect(may(grantsOf(odd, ['r']), 'points.query', 'docs')).toBe(false);
  });

  it('of a rule speak for that rule only', () => {
    expect(reads('open', {}, ['mixed'])).toBe(true);
    expect(reads('paid', {}, ['mixed'])).toBe(false);
    expect(reads('paid', { tier: 'gold' }, ['mixed'])).toBe(true);
  });

  it('of a role and its rule must both be borne', () => {
    const text = `role: r
labels: { env: prod }
allow: [{ collections: [a], access: r, labels: { tier: gold } }]
`;
    const grants = (labels: Readonly<Record<string, string>>) =>
      may(grantsOf(policyOf(text), ['r'], {}, labels), 'points.query', 'a');
    expect(grants({ env: 'prod' })).toBe(false);
    expect(grants({ tier: 'gold' })).toBe(false);
    expect(grants({ env: 'prod', tier: 'gold' })).toBe(true);
  });

  it('never take a deny away: whoever lacks them does not escape it', () => {
    expect(reads('pii', {}, ['all'])).toBe(true);
    expect(reads('pii', {}, ['all', 'prod'])).toBe(false);
    expect(reads('pii', { env: 'prod' }, ['all', 'prod'])).toBe(false);
  });

  it('cannot be required by a deny', () => {
    const text = 'role: r\ndeny: [{ collections: [a], labels: { env: dev } }]\n';
    expect(problemsOf(() => policyOf(text))).toEqual([
      expect.stringContaining('deny[0].labels: a deny cannot depend on a label'),
    ]);
  });
});

describe('two identities on one request', () => {
  it('are compiled once, and each is held to its own labels', () => {
    const loaded = policy();
    const beside = { roles: ['prod'], claims: {}, labels: { env: 'prod' } };
    const pair = { roles: ['all'], claims: {}, labels: {}, beside };
    const grants = loaded.grantsFor(pair);
    expect(loaded.grantsFor(pair)).toBe(grants);
    expect(may(grants, 'points.query', 'docs')).toBe(true);
    expect(may(grants, 'points.query', 'pii')).toBe(false);
    const other = { ...pair, beside: { ...beside, labels: { env: 'dev' } } };
    expect(may(loaded.grantsFor(other), 'points.query', 'docs')).toBe(false);
  });

  it('list all only where both do', () => {
    const some = {
      decide: () => ({ effect: 'allow', rule: null }) as const,
      mayList: () => true,
      mayListDatabase: () => true,
    };
    const each = { ...some, listsEverything: true };
    expect(bothGrants(each, each).listsEverything).toBe(true);
    expect(bothGrants(each, some).listsEverything).toBe(false);
  });
});

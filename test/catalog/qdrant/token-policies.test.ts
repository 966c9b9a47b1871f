import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { operations } from '../../../src/catalog/qdrant/operations.ts';
import { tokenPolicies } from '../../../src/catalog/qdrant/token-policies.ts';
import { type LoadedPolicy, loadPolicy } from '../../../src/policy/load.ts';

/** A row of what Qdrant itself does, as `test/data` has it. */
interface Known {
  readonly operation: string;
  readonly action: string;
  readonly allowedFor?: Readonly<Record<string, boolean>>;
  readonly internal: boolean;
  readonly collectionFrom: string | null;
}

const known = JSON.parse(readFileSync('test/data/qdrant-operations.json', 'utf8')) as Known[];

/** The identity of a token with each word, and Qdrant's name for it. */
const bearers = {
  coll_r: { roles: ['qdrant:r'], claims: { collections_r: ['own'] }, labels: {} },
  coll_prw: { roles: ['qdrant:prw'], claims: { collections_prw: ['own'] }, labels: {} },
  coll_rw: { roles: ['qdrant:rw'], claims: { collections_rw: ['own'] }, labels: {} },
  global_r: { roles: ['qdrant:global-r'], claims: {}, labels: {} },
  global_m: { roles: ['qdrant:global-m'], claims: {}, labels: {} },
};

function folder(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'vectorgate-token-policies-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const all = { 'some.yaml': 'role: some\nallow: [{ collections: [x], access: r }]\n', ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(directory, name), text);
  return directory;
}

const load = (files: Readonly<Record<string, string>> = {}) =>
  loadPolicy(folder(files), { operations }, tokenPolicies);

let shipped: LoadedPolicy;
beforeEach(() => {
  shipped = load();
});

/** Whether an operation is granted, on the bearer's own collection where it is done on one. */
function isGranted(bearer: keyof typeof bearers, { operation: name, collectionFrom }: Known) {
  const grants = shipped.grantsFor(bearers[bearer]);
  const rows = operations.filter((each) => each.name === name && each.action !== 'public');
  const collection = collectionFrom === null ? null : { named: 'own', resolved: 'own' };
  return rows.some((operation) => {
    const need = { operation, action: operation.action, collection, database: null };
    return grants.decide(need).effect === 'allow';
  });
}

describe("the policies of the words of Qdrant's tokens", () => {
  const outside = known.filter(({ internal }) => !internal);

  test.each(Object.keys(bearers) as (keyof typeof bearers)[])(
    'never grant %s what Qdrant would not',
    (bearer) => {
      const names = (rows: readonly Known[]) => new Set(rows.map(({ operation }) => operation));
      const lets = names(outside.filter(({ allowedFor }) => allowedFor?.[bearer]));
      const excess = outside.filter((each) => {
        return each.action !== 'list' && !lets.has(each.operation) && isGranted(bearer, each);
      });
      expect([...names(excess)]).toEqual([]);
    },
  );

  test.each([
    ['coll_r', ['export']],
    ['coll_prw', ['export']],
    ['coll_rw', ['export']],
    ['global_r', ['admin', 'export']],
    ['global_m', ['admin', 'export']],
  ] as const)('grant %s all that Qdrant would, but for %j', (bearer, but: readonly string[]) => {
    const without = ['public', 'never', ...but];
    const lacking = outside.filter(
      (each) =>
        each.allowedFor?.[bearer] && !without.includes(each.action) && !isGranted(bearer, each),
    );
    expect(lacking.map(({ operation }) => operation)).toEqual([]);
  });

  test('reach a collection of the token only', () => {
    const grants = load().grantsFor(bearers.coll_rw);
    const query = operations.find(({ name }) => name === 'points.query');
    if (!query) throw new Error('no such row');
    const decide = (name: string) =>
      grants.decide({
        operation: query,
        action: 'read',
        collection: { named: name, resolved: name },
        database: null,
      });
    expect(decide('own')).toEqual({ effect: 'allow', rule: 'built-in/qdrant-rw.yaml:4' });
    for (const name of ['other', 'own2', 'o', '*']) expect(decide(name).effect).toBe('deny');
  });

  test('give way, role by role, to those of the folder', () => {
    const own =
      'role: qdrant:rw\nallow: [{ collections: ["{claims.collections_rw}"], access: r }]\n';
    const policy = load({ 'mine.yaml': own });
    expect(policy.roles.filter(({ name }) => name === 'qdrant:rw')).toHaveLength(1);
    expect(policy.roles).toHaveLength(1 + tokenPolicies.length);
    const upsert = operations.find(({ name }) => name === 'points.upsert');
    if (!upsert) throw new Error('no such row');
    const grants = policy.grantsFor(bearers.coll_rw);
    const collection = { named: 'own', resolved: 'own' };
    const need = { operation: upsert, action: 'write' as const, collection, database: null };
    expect(grants.decide(need).effect).toBe('deny');
    expect(policy.digest).not.toBe(load().digest);
  });

  test('are those that the documentation shows', () => {
    const shown = readFileSync('docs/identity.md', 'utf8');
    for (const { text } of tokenPolicies) expect(shown).toContain(text);
  });
});

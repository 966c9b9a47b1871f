import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { grantable, shorthands } from '../../src/policy/language.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { folder, grantsOf, may } from './folder.ts';
import { ground, groundWithDatabases, operations } from './operations.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/policies.md'), 'utf8');

/** The shorthands that the page's table says grant each action. */
function documented(): Map<string, readonly string[]> {
  const section = page.split('\n## ').find((each) => each.startsWith('Actions')) ?? '';
  const rows = section.matchAll(/^\| `([a-z]+)` \| [^|]+ \| ([^|]+) \|$/gm);
  return new Map(
    [...rows].map(([, action = '', granted = '']) => [
      action,
      [...granted.matchAll(/`([a-z]+)`/g)].map(([, word = '']) => word),
    ]),
  );
}

describe('docs/policies.md', () => {
  it('has one row for each action, with the shorthands that grant it', () => {
    const rows = documented();
    expect([...rows.keys()].sort()).toEqual(['never', 'public', ...grantable].sort());
    for (const [action, words] of rows) {
      const granting = Object.keys(shorthands).filter((word) =>
        shorthands[word]?.some((each) => each === action),
      );
      expect(words, action).toEqual(granting);
    }
  });

  it('opens with a policy that loads and does what the page says of it', () => {
    const text = /```yaml\n(# policies\/search\.yaml\n[^`]+)```/.exec(page)?.[1] ?? '';
    const policy = loadPolicy(folder({ 'search.yaml': text }), ground);
    const grants = grantsOf(policy, ['search'], { tenant: 'acme' });
    expect(may(grants, 'points.query', 'acme-docs')).toBe(true);
    expect(may(grants, 'points.query', 'acme-eu-docs')).toBe(false);
    expect(may(grants, 'points.query', 'hr-pii', 'products')).toBe(false);
    const collection = { named: 'products', resolved: 'products' };
    const query = operations.find(({ name }) => name === 'points.query');
    if (!query) throw new Error('no query operation');
    const need = { operation: query, action: 'read' as const, collection, database: null };
    expect(grants.decide(need).rule).toBe('policies/search.yaml:4');
  });

  it('shows a policy of databases that loads and does what the page says of it', () => {
    const text = /```yaml\n(role: app\n[^`]+)```/.exec(page)?.[1] ?? '';
    const policy = loadPolicy(folder({ 'app.yaml': text }), groundWithDatabases);
    const grants = grantsOf(policy, ['app'], { tenant: ['acme_eu', 'payroll'] });
    const listed = [
      ['docs', 'acme_eu'],
      ['hr_pii', 'acme_eu'],
      ['glossary', 'default'],
      ['docs', 'default'],
      ['docs', 'payroll'],
      ['docs', 'acme'],
    ].map(([name = '', database]) => grants.mayList(name, name, database));
    expect(listed).toEqual([true, false, true, false, false, false]);
  });
});

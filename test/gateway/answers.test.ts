import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/catalog/database.ts';
import { milvus } from '../../src/catalog/milvus/database.ts';
import { qdrant } from '../../src/catalog/qdrant/database.ts';
import { explainFor } from '../../src/gateway/answers.ts';
import { loadPolicy } from '../../src/policy/load.ts';

const rules = `role: r
allow:
  - { collections: [docs], access: r }
`;
const inTenant = rules.replace('{ ', '{ databases: [tenant], ');

/** What is explained of the key `k` with this role, by aliases that the database has now. */
function explaining(database: Database, text: string, aliases: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'vectorgate-explain-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'r.yaml'), text);
  const table = { aliases: new Map(Object.entries(aliases)), collections: new Set<string>() };
  const owned = {
    names: { table: () => table },
    upstream: { name: 'main', database },
    policy: loadPolicy(folder, database),
  };
  const keyring = { byId: () => ({ identity: { roles: ['r'], claims: {}, labels: {} } }) };
  const explain = explainFor([owned] as never, keyring as never);
  return (operation: string, collection: string | null, database: string | null = null) =>
    explain({ upstream: null, key: 'k', operation, collection, database });
}

describe('what is explained by the names the database has now', () => {
  it('is about the collection that an alias leads to', () => {
    const ask = explaining(qdrant, rules, { current: 'docs', other: 'secret' });
    expect(ask('points.query', 'current')).toMatchObject({
      effect: 'allow',
      needs: [{ collection: 'docs' }],
    });
    expect(ask('points.query', 'other')).toMatchObject({ effect: 'deny' });
  });

  it('is about the alias of that database, where the product holds several', () => {
    const aliases = { 'tenant/current': 'tenant/docs', 'default/current': 'default/secret' };
    const ask = explaining(milvus, inTenant, aliases);
    expect(ask('entities.search', 'current', 'tenant')).toMatchObject({
      effect: 'allow',
      needs: [{ collection: 'docs', database: 'tenant' }],
    });
    expect(ask('entities.search', 'current')).toMatchObject({
      effect: 'deny',
      needs: [{ collection: 'secret', database: 'default' }],
    });
    expect(ask('databases.describe', null, 'tenant')).toMatchObject({ effect: 'allow' });
  });

  it('is nothing where a database is asked about that cannot be there', () => {
    const ask = explaining(qdrant, rules, {});
    expect(() => ask('points.query', 'docs', 'tenant')).toThrow(/no databases inside/);
    const other = explaining(milvus, inTenant, {});
    expect(() => other('users.create', null, 'tenant')).toThrow(/about the whole server/);
  });
});

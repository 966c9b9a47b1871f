import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { locate } from '../../../src/catalog/milvus/locate.ts';
import { operations } from '../../../src/catalog/milvus/operations.ts';
import { refusalOf } from '../request.ts';
import { asked, forwarded, headOf, known, needsIn } from './rest-asked.ts';

/** One line of the facts about REST. */
interface Fact {
  readonly api: string;
  readonly method: string;
  readonly path: string;
  readonly operation: string;
  readonly action: string;
}

const facts = (
  JSON.parse(
    readFileSync(new URL('../../data/milvus-operations.json', import.meta.url), 'utf8'),
  ) as readonly Fact[]
).filter(({ api }) => api === 'rest');
const routes = new Map(operations.flatMap((row) => row.http.map((route) => [route, row] as const)));
const open = operations.flatMap((row) =>
  row.rest.filter(({ closed }) => closed === undefined).map((plan) => ({ row, plan, ...plan })),
);
const posts = open.filter(({ method }) => method === 'POST');

/** A body with every name that this route can give: all of them aliases, or new. */
function bodyOf({ plan }: (typeof open)[number]): Record<string, unknown> {
  const some: Record<string, unknown> = {
    dbName: 'tenant',
    collectionName: 'to_pub',
    targetCollectionName: 'fresh',
    newCollectionName: 'fresh',
    newDbName: 'default',
    aliasName: 'to_pub',
    partitionName: 'p',
    partitionNames: ['p', 'q'],
  };
  if (plan.onlyDefault) some['dbName'] = 'default';
  return Object.fromEntries(Object.entries(some).filter(([key]) => plan.shape?.known?.has(key)));
}

describe('the facts and the rows of REST', () => {
  it.each(facts)('agree on $method $path: it has a row with its name and action', (fact) => {
    const row = routes.get(`${fact.method} ${fact.path}`);
    expect([row?.name, row?.action]).toEqual([fact.operation, fact.action]);
  });

  it('name the same routes, once each', () => {
    const known = facts.map(({ method, path }) => `${method} ${path}`);
    expect([...routes.keys()].sort()).toEqual(known.sort());
    expect(operations.flatMap(({ http }) => http)).toHaveLength(known.length);
  });
});

describe('every route', () => {
  it.each(posts)('$method $path reaches what it says, in the database it says', async (each) => {
    const { row, plan, method, path } = each;
    const intent = await asked(`${method} ${path}`, bodyOf(each));
    const needs = needsIn(intent);
    expect(intent.operation).toBe(row);
    expect(intent.request.target).toBe(path);
    const where = plan.onlyDefault ? 'default' : 'tenant';
    if (row.beyond) expect(needs).toContain(`${row.action} server`);
    if (row.about === 'server' && !row.beyond) {
      expect(needs).toEqual(row.action === 'list' ? [] : [`${row.action} server`]);
      return;
    }
    const named = plan.shape?.known?.has('collectionName') === true;
    const target = plan.shape?.known?.has('targetCollectionName') === true;
    if (named) expect(needs.join()).toContain(`${row.action} ${where}/`);
    if (target) expect(needs.join()).toContain(`${row.action} ${where}/fresh`);
    if (!named && !target && row.judge === null) expect(needs).toEqual([`${row.action} ${where}`]);
    const written = JSON.parse(forwarded(intent));
    expect(written.dbName).toBe(where);
    const resolved = row.literal ? 'to_pub' : 'pub';
    if (named) expect(written.collectionName).toBe(resolved);
    if (plan.version === 2 && !plan.onlyDefault) {
      expect(intent.request.fields).toEqual(expect.arrayContaining(['db-name', where]));
    }
  });

  it.each(posts)('$method $path refuses its names in another case', async (each) => {
    const { method, path } = each;
    for (const [key, value] of Object.entries(bodyOf(each))) {
      const { [key]: _, ...rest } = bodyOf(each);
      for (const other of [key.toUpperCase(), key.toLowerCase()]) {
        const body = { ...rest, [other]: value };
        expect((await refusalOf(() => asked(`${method} ${path}`, body))).code).toBe(
          'unreadable-request',
        );
      }
    }
  });

  it('that no Milvus was seen to serve passes for nobody', async () => {
    const closed = operations.flatMap((row) =>
      row.rest.filter((plan) => plan.closed !== undefined),
    );
    expect(closed).toHaveLength(7);
    for (const { method, path } of closed) {
      const located = locate(headOf(`${method} ${path}`));
      expect(located.needs(known)).toHaveLength(1);
      expect((await refusalOf(() => located.read(null))).code).toBe('not-permitted');
    }
  });
});

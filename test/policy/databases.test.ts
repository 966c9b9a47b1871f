import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bothGrants } from '../../src/policy/both.ts';
import { runCases } from '../../src/policy/cases.ts';
import type { Grants } from '../../src/policy/decision.ts';
import { explain } from '../../src/policy/explain.ts';
import { lint } from '../../src/policy/lint.ts';
import { type LoadedPolicy, loadPolicy } from '../../src/policy/load.ts';
import { replayOn } from '../../src/policy/replay.ts';
import { folder, grantsOf, policyOf, problemsOf } from './folder.ts';
import { groundWithDatabases, operation } from './operations.ts';

function rules(text: string, claims: Readonly<Record<string, string | readonly string[]>> = {}) {
  return grantsOf(policyIn(`role: a\n${text}`), ['a'], claims);
}

function policyIn(text: string): LoadedPolicy {
  return loadPolicy(folder({ 'a.yaml': text }), groundWithDatabases);
}

/** Whether an operation is allowed: on `DATABASE/COLLECTION`, in `DATABASE`, or on the server. */
function may(grants: Grants, name: string, on?: string): boolean {
  const [database = null, collection] = on?.split('/') ?? [];
  const row = operation(name);
  const reference = collection === undefined ? null : { named: collection, resolved: collection };
  const need = { operation: row, action: row.action, collection: reference, database };
  return grants.decide(need).effect === 'allow';
}

describe('an allow without databases', () => {
  const grants = rules('allow: [{ collections: ["*"], access: m }, { access: [admin, observe] }]');

  it('holds in the default database only', () => {
    expect(may(grants, 'points.query', 'default/products')).toBe(true);
    expect(may(grants, 'points.query', 'hr/products')).toBe(false);
    expect(may(grants, 'databases.drop', 'default')).toBe(true);
    expect(may(grants, 'databases.drop', 'hr')).toBe(false);
  });

  it('speaks of the server as a whole', () => {
    expect(may(grants, 'users.create')).toBe(true);
    expect(may(grants, 'cluster.status')).toBe(true);
  });

  it('grants nothing on a collection of which no database is known', () => {
    const [row, collection] = [operation('points.query'), { named: 'c', resolved: 'c' }];
    const need = { operation: row, action: row.action, collection, database: null };
    expect(grants.decide(need).effect).toBe('deny');
    expect(grants.mayList('c')).toBe(false);
  });
});

describe('an operation that reaches beyond its collection', () => {
  const one =
    'allow: [{ collections: ["*"], databases: ["*"], access: [admin] }, { databases: ["*"], access: [admin] }';
  const effectOf = (text: string) => {
    const collections = [{ named: 'c', resolved: 'c' }];
    const asked = { operation: 'imports.create', collections, database: 'hr' };
    return explain(rules(text), groundWithDatabases, asked).effect;
  };

  it('needs its right on the server beside the one on every collection', () => {
    expect(effectOf(`${one}]`)).toBe('deny');
    expect(effectOf(`${one}, { access: [admin] }]`)).toBe('allow');
    expect(effectOf('allow: [{ access: [admin] }]')).toBe('deny');
  });

  it('is replayed with both', () => {
    const asked = {
      subject: { roles: ['a'], claims: {}, labels: {} },
      operation: 'imports.create',
      collections: [{ named: 'c', resolved: 'c', database: 'hr' }],
      databases: [],
      also: [],
    };
    const effect = (text: string) => replayOn(policyIn(`role: a\n${text}`))(asked)?.effect;
    expect(effect(`${one}]`)).toBe('deny');
    expect(effect(`${one}, { access: [admin] }]`)).toBe('allow');
  });
});

describe('an allow with databases', () => {
  const grants = rules(
    'allow: [{ databases: [a, "t_*"], collections: [c], access: m }, { databases: ["*"], access: [admin] }]',
  );

  it('holds in those, and in the default database only where it is among them', () => {
    expect(may(grants, 'points.query', 'a/c')).toBe(true);
    expect(may(grants, 'points.query', 't_1/c')).toBe(true);
    expect(may(grants, 'points.query', 'b/c')).toBe(false);
    expect(may(grants, 'points.query', 'default/c')).toBe(false);
    expect(may(grants, 'points.query', 'a/d')).toBe(false);
  });

  it('never speaks of the server, not even with every database', () => {
    expect(may(grants, 'databases.drop', 'b')).toBe(true);
    expect(may(grants, 'users.create')).toBe(false);
  });
});

describe('a deny', () => {
  const everywhere =
    'allow: [{ databases: ["*"], collections: ["*"], access: m }, { databases: ["*"], access: [admin] }]';

  it('without databases holds in every one', () => {
    const grants = rules(`${everywhere}\ndeny: [{ collections: ["*_pii"] }]`);
    expect(may(grants, 'points.query', 'default/hr_pii')).toBe(false);
    expect(may(grants, 'points.query', 'a/hr_pii')).toBe(false);
    expect(may(grants, 'points.query', 'a/hr')).toBe(true);
  });

  it('with databases and collections holds on those in these', () => {
    const grants = rules(`${everywhere}\ndeny: [{ databases: [hr], collections: ["p*"] }]`);
    expect(may(grants, 'points.query', 'hr/pay')).toBe(false);
    expect(may(grants, 'points.query', 'hr/wiki')).toBe(true);
    expect(may(grants, 'points.query', 'a/pay')).toBe(true);
    expect(may(grants, 'databases.drop', 'hr')).toBe(true);
  });

  it('with databases alone takes all there is in them, and the databases themselves', () => {
    const grants = rules(`${everywhere}\ndeny: [{ databases: ["hr*"] }]`);
    expect(may(grants, 'points.query', 'hr/pay')).toBe(false);
    expect(may(grants, 'databases.drop', 'hr_2')).toBe(false);
    expect(may(grants, 'databases.get', 'hr')).toBe(false);
    expect(grants.mayListDatabase('hr')).toBe(false);
    expect(grants.mayListDatabase('a')).toBe(true);
    expect(grants.listsEverything).toBe(false);
  });
});

describe('what is listed', () => {
  const grants = rules(
    'allow: [{ databases: [a], collections: [c], access: r }, { databases: [b], access: [observe] }]',
  );

  it('is a collection where it may be listed in its own database', () => {
    expect(grants.mayList('c', 'c', 'a')).toBe(true);
    expect(grants.mayList('c', 'c', 'b')).toBe(false);
  });

  it('is a database in which something may be listed', () => {
    expect(['a', 'b', 'default'].map((name) => grants.mayListDatabase(name))).toEqual([
      true,
      false,
      true,
    ]);
    expect(may(grants, 'databases.get', 'a')).toBe(true);
    expect(may(grants, 'databases.get', 'b')).toBe(false);
    expect(may(grants, 'databases.list')).toBe(true);
  });

  it('is not everything because every collection of the default database is', () => {
    expect(rules('allow: [{ collections: ["*"], access: r }]').listsEverything).toBe(false);
    const all = rules('allow: [{ databases: ["*"], collections: ["*"], access: r }]');
    expect(all.listsEverything).toBe(true);
  });

  it('is to two identities what it is to each', () => {
    const both = bothGrants(
      grants,
      rules('allow: [{ databases: ["*"], collections: ["*"], access: r }]'),
    );
    expect([both.mayListDatabase('a'), both.mayListDatabase('b')]).toEqual([true, false]);
    expect([both.mayList('c', 'c', 'a'), both.mayList('d', 'd', 'a')]).toEqual([true, false]);
  });
});

describe('a tenant', () => {
  const claims = { tenant: 'acme' };

  it('with a database of its own reaches that one, whatever the names of others', () => {
    const text = 'allow: [{ databases: ["{claims.tenant}"], collections: ["*"], access: rw }]';
    const acme = rules(text, claims);
    expect(may(acme, 'points.upsert', 'acme/docs_en')).toBe(true);
    for (const name of ['acme_eu', 'acm', 'acmee', 'ACME', 'acme2']) {
      expect(may(acme, 'points.query', `${name}/docs`), name).toBe(false);
      expect(acme.mayListDatabase(name), name).toBe(false);
    }
    const eu = rules(text, { tenant: 'acme_eu' });
    expect(may(eu, 'points.query', 'acme_eu/docs')).toBe(true);
    expect(may(eu, 'points.query', 'acme/docs')).toBe(false);
    expect(rules(text).mayListDatabase('acme')).toBe(false);
    expect(rules(text, { tenant: '*' }).mayListDatabase('acme')).toBe(false);
  });

  it.each(['{claims.tenant}_*', '{claims.tenant}__*'])(
    'with a prefix of its own (%s) never reaches another whose name begins like it',
    (pattern) => {
      const names = fc.stringMatching(/^[a-z_][a-z0-9_]{0,6}$/);
      const policy = policyIn(`role: a\nallow: [{ collections: ["${pattern}"], access: r }]`);
      fc.assert(
        fc.property(names, names, names, (tenant, other, rest) => {
          fc.pre(tenant !== other);
          const [one, two] = [tenant, other].map((each) => {
            return grantsOf(policy, ['a'], { tenant: each });
          });
          const name = `default/${other}${pattern.includes('__') ? '__' : '_'}${rest}`;
          if (!one || !two) throw new Error('two were given');
          expect(may(one, 'points.query', name) && may(two, 'points.query', name)).toBe(false);
        }),
        {
          numRuns: 300,
          examples: [
            ['acme', 'acme_eu', 'docs'],
            ['acme', 'acme_', 'x'],
          ],
        },
      );
      const acme = grantsOf(policy, ['a'], claims);
      const joint = pattern.includes('__') ? '__' : '_';
      expect(may(acme, 'points.query', `default/acme${joint}docs`)).toBe(true);
      expect(may(acme, 'points.query', `default/acme_eu${joint}docs`)).toBe(false);
    },
  );
});

describe('what is remembered', () => {
  it('is the database as well as the name', () => {
    const grants = rules('allow: [{ databases: [a], collections: [c], access: r }]');
    for (const _ of [1, 2]) {
      expect(may(grants, 'points.query', 'a/c')).toBe(true);
      expect(may(grants, 'points.query', 'b/c')).toBe(false);
      expect(may(grants, 'points.query', 'default/c')).toBe(false);
    }
  });
});

describe('a file is refused', () => {
  it('where it names databases of a database that has none inside', () => {
    const text = 'role: a\nallow: [{ databases: [d], collections: [c], access: r }]\n';
    expect(problemsOf(() => policyOf(text))).toEqual([
      expect.stringContaining('2 allow[0].databases: there are no databases inside this database'),
    ]);
  });

  it.each([
    ['allow: [{ databases: [], collections: [c], access: r }]', 'databases is empty'],
    ['allow: [{ databases: , collections: [c], access: r }]', 'databases is empty'],
    ['allow: [{ databases: [1], collections: [c], access: r }]', 'not a name'],
    ['allow: [{ databases: ["a/b"], collections: [c], access: r }]', 'cannot be in a'],
    ['deny: [{ databases: ["{claims.t}"] }]', 'cannot depend on a claim'],
    ['deny: [{ access: r }]', 'the deny names nothing'],
  ])('%s', (text, problem) => {
    expect(problemsOf(() => policyIn(`role: a\n${text}`))).toEqual([
      expect.stringContaining(problem),
    ]);
  });
});

describe('the tools', () => {
  const role =
    'role: a\nallow:\n  - { databases: [a], collections: [c], access: r }\n  - { collections: [d], access: r }\n';

  it('a case names the database with in', () => {
    const tests = `- as: { roles: [a] }
  may: [points.query on c in a, points.query on d, points.query on d in default, databases.get in a]
  may not: [points.query on c, points.query on c via x in b, databases.get in b, users.create]
`;
    const directory = folder({ 'a.yaml': role, 'a.test.yaml': tests });
    const results = runCases(directory, loadPolicy(directory, groundWithDatabases));
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    expect(results).toHaveLength(8);
  });

  it.each([
    ['users.create in a', 'about the whole server'],
    ['points.query on c in', 'not a statement'],
    ['points.query in a on c', 'not a statement'],
    ['points.query in a', 'done on a collection'],
  ])('a case is refused: %s', (statement, problem) => {
    const directory = folder({
      'a.yaml': role,
      'a.test.yaml': `- as: { roles: [a] }\n  may: [${statement}]\n`,
    });
    const policy = loadPolicy(directory, groundWithDatabases);
    expect(problemsOf(() => runCases(directory, policy))).toEqual([
      expect.stringContaining(problem),
    ]);
  });

  it('explain tells the database that it judged', () => {
    const policy = policyIn(role);
    const asked = { operation: 'points.query', collections: [{ named: 'c', resolved: 'c' }] };
    const ask = (database: string | null) =>
      explain(grantsOf(policy, ['a']), policy.ground, { ...asked, database });
    expect(ask('a')).toMatchObject({ effect: 'allow', needs: [{ database: 'a' }] });
    expect(ask(null)).toMatchObject({ effect: 'deny', needs: [{ database: 'default' }] });
  });

  it('recorded requests are judged again in their database', () => {
    const replay = replayOn(policyIn(role));
    const subject = { roles: ['a'], claims: {} };
    const on = (operation: string, databases: string[], ...collections: object[]) =>
      replay({ subject, operation, databases, collections: collections as never, also: [] });
    const c = { named: 'c', resolved: 'c' };
    expect(on('points.query', [], { ...c, database: 'a' })?.effect).toBe('allow');
    expect(on('points.query', [], { ...c, database: 'default' })?.effect).toBe('deny');
    expect(on('databases.get', ['a'])?.effect).toBe('allow');
    expect(on('databases.get', ['b'])?.effect).toBe('deny');
  });

  it('lint minds the databases of two rules that it compares', () => {
    const said = (text: string) => {
      const directory = folder({ 'a.yaml': `role: a\n${text}`, 'a.test.yaml': '' });
      return lint(directory, loadPolicy(directory, groundWithDatabases)).map(
        ({ message }) => message,
      );
    };
    const [first, tenants] = ['{ collections: [c], access: r }', '["{claims.tenant}"]'];
    expect(said(`allow: [${first}, { databases: [b], collections: [c], access: r }]`)).toEqual([]);
    expect(
      said(`allow: [${first}, { databases: [default], collections: [c], access: r }]`),
    ).toEqual([expect.stringContaining('allows this already')]);
    expect(said(`allow: [{ databases: ${tenants}, collections: ["*"], access: rw }]`)).toEqual([]);
    expect(said(`allow: [{ databases: ["*"], collections: ["*"], access: rw }]`)).toEqual([
      expect.stringContaining('every collection'),
    ]);
    const denied = (databases: string) =>
      said(`allow: [${first}]\ndeny: [{ databases: [${databases}], collections: [c] }]`);
    expect(denied('b')).toEqual([expect.stringContaining('no role allows')]);
    expect(denied('default')).toEqual([expect.stringContaining('denies all that this allows')]);
    expect(said(`allow: [${first}]\ndeny: [{ databases: ["*"] }]`)).toEqual([
      expect.stringContaining('denies all that this allows'),
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action, Need } from '../../src/catalog/operation.ts';
import { bothGrants } from '../../src/policy/both.ts';
import { compile, evaluate, ruleSet } from '../../src/policy/decide.ts';
import { matchesGlob } from '../../src/policy/glob.ts';
import { grantable } from '../../src/policy/language.ts';
import { parsePattern } from '../../src/policy/pattern.ts';
import type { Role, Rule } from '../../src/policy/role.ts';
import { operations } from './operations.ts';

const patterns = ['*', 'a', 'b', 'a*', '*-x', 'a-?', '{claims.t}-*'].map(parsePattern);
const names = ['a', 'b', 'c', 'a-x', 'a-y', 'b-x', 'tt-x', '*', 'ä-x', 'tt-x-y'];
const databases = fc.option(
  fc.uniqueArray(fc.constantFrom(...['*', 'home', 'd', 'h*', '{claims.t}'].map(parsePattern)), {
    minLength: 1,
  }),
);
const claims = { t: ['tt', '*', 'b'] };

const actions = fc.uniqueArray(fc.constantFrom<Action>(...grantable), { maxLength: 4 });
const someNames = fc.uniqueArray(fc.constantFrom(...operations.map(({ name }) => name)), {
  maxLength: 2,
});
let line = 0;
const denied = fc
  .tuple(
    fc.option(fc.uniqueArray(fc.constantFrom(...patterns), { minLength: 1, maxLength: 3 })),
    actions,
    databases,
  )
  .filter(([collections, , within]) => collections !== null || within !== null)
  .map(([collections, access, within]): Rule => rule(collections, access, [], within));
const allowed = fc.oneof(
  fc
    .tuple(
      fc.uniqueArray(fc.constantFrom(...patterns), { minLength: 1 }),
      actions,
      someNames,
      databases,
    )
    .map((parts) => rule(...parts)),
  fc.tuple(actions, someNames, databases).map((parts) => rule(null, ...parts)),
);
const roles = fc.array(
  fc.record({
    allow: fc.array(allowed, { maxLength: 4 }),
    deny: fc.array(denied, { maxLength: 2 }),
  }),
  { maxLength: 3 },
);
const needs: fc.Arbitrary<Need> = fc
  .record({
    operation: fc.constantFrom(...operations),
    other: fc.option(fc.constantFrom<Action>(...grantable, 'never', 'public'), { freq: 5 }),
    named: fc.option(fc.constantFrom(...names), { freq: 6 }),
    alias: fc.option(fc.constantFrom(...names)),
    database: fc.option(fc.constantFrom('home', 'd', 'tt', 'b', 'h'), { freq: 3 }),
  })
  .map(({ operation, other, named, alias, database }) => ({
    operation,
    action: other ?? operation.action,
    collection: named === null ? null : { named: alias ?? named, resolved: named },
    database,
  }));

function rule(
  collections: Rule['collections'],
  access: readonly Action[],
  single: readonly string[],
  within: Rule['databases'] = null,
): Rule {
  line += 1;
  const id = `policies/a.yaml:${line}`;
  const [actions, operations] = [new Set(access), new Set(single)];
  const given = { id, path: [], databases: within, collections, actions, labels: {}, operations };
  return { ...given, limits: null };
}

function role({ allow, deny }: { allow: Rule[]; deny: Rule[] }): Role {
  const document = { file: 'a.yaml', text: '', data: null, line: () => 1 };
  return { name: 'a', document, allow, deny, limits: null };
}

/** The rules as product.md words them; `home` is the default database, where there are any. */
function worded(given: readonly Role[], need: Need, home?: string): boolean {
  const rules = ruleSet(given, claims, {}, home);
  type Compiled = (typeof rules.allow)[number];
  const { collection, operation, action, database } = need;
  if (action === 'never' || action === 'public') return false;
  if (operation.everything && rules.deny.length > 0) return false;
  const speaks = (each: Compiled) =>
    each.actions.has(action) ||
    (each.operations.has(operation.name) && action === operation.action);
  const within = (each: Compiled) =>
    database !== null && (each.databases ?? []).some((glob) => matchesGlob(glob, database));
  const denies = (each: Compiled) => speaks(each) && (each.databases === null || within(each));
  const allows = (each: Compiled) => {
    const unsaid = home === undefined || database === (collection ? home : database && home);
    return speaks(each) && (each.databases === null ? unsaid : within(each));
  };
  const meets = (each: Compiled) =>
    collection !== null &&
    each.globs.some((glob) =>
      [collection.named, collection.resolved].some((name) => matchesGlob(glob, name)),
    );
  if (rules.deny.some((each) => denies(each) && (collection ? meets(each) : each.whole))) {
    return false;
  }
  if (collection) return rules.allow.some((each) => allows(each) && meets(each));
  if (action === 'list' && (database === null || database === home)) return true;
  const listed = (each: Compiled) => action === 'list' && each.globs.length > 0;
  return rules.allow.some((each) => allows(each) && (each.whole || listed(each)));
}

describe('for any roles and any need', () => {
  it('the decision is what the contract says in words', () => {
    fc.assert(
      fc.property(roles, needs, fc.constantFrom(undefined, 'home'), (some, need, home) => {
        const given = some.map(role);
        const { effect } = evaluate(ruleSet(given, claims, {}, home), need);
        expect(effect === 'allow').toBe(worded(given, need, home));
      }),
      { numRuns: 3000 },
    );
  });

  it('what is remembered is what would be decided anew', () => {
    fc.assert(
      fc.property(roles, fc.array(needs, { maxLength: 60 }), (some, asked) => {
        const given = some.map(role);
        const grants = compile(given, claims, {}, 'home');
        const rules = ruleSet(given, claims, {}, 'home');
        for (const need of [...asked, ...asked]) {
          expect(grants.decide(need)).toEqual(evaluate(rules, need));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('two identities together may do exactly what each of them may', () => {
    fc.assert(
      fc.property(roles, roles, needs, (some, others, need) => {
        const [one, other] = [some, others].map((each) => compile(each.map(role), claims));
        if (!one || !other) throw new Error('two were given');
        const each = [one, other].map((grants) => grants.decide(need).effect === 'allow');
        const together = bothGrants(one, other);
        expect(together.decide(need).effect === 'allow').toBe(each.every(Boolean));
        const { named, resolved } = need.collection ?? { named: 'a', resolved: 'b' };
        expect(together.mayList(named, resolved)).toBe(
          one.mayList(named, resolved) && other.mayList(named, resolved),
        );
        const asDecided = bothGrants(other, one).decide(need).effect;
        expect(asDecided).toBe(together.decide(need).effect);
      }),
      { numRuns: 2000 },
    );
  });

  it('mayList is the right to list it by that name', () => {
    const list = operations.find(({ name }) => name === 'collections.get');
    fc.assert(
      fc.property(roles, fc.constantFrom(...names), (some, name) => {
        const grants = compile(some.map(role), claims);
        if (!list) throw new Error('no list operation');
        const given = some.map((each) => ({
          ...each,
          allow: each.allow.map((one) => ({ ...one, operations: new Set<string>() })),
        }));
        const need = {
          operation: list,
          action: 'list' as const,
          collection: same(name),
          database: null,
        };
        const decided = compile(given.map(role), claims).decide(need);
        expect(grants.mayList(name)).toBe(decided.effect === 'allow');
      }),
    );
  });

  it('another deny never allows more', () => {
    fc.assert(
      fc.property(roles, denied, needs, (some, more, need) => {
        const before = evaluate(ruleSet(some.map(role), claims), need);
        const after = evaluate(
          ruleSet([...some.map(role), role({ allow: [], deny: [more] })], claims),
          need,
        );
        if (before.effect === 'deny') expect(after.effect).toBe('deny');
      }),
      { numRuns: 2000 },
    );
  });

  it('another allow never denies more', () => {
    fc.assert(
      fc.property(roles, allowed, needs, (some, more, need) => {
        const before = evaluate(ruleSet(some.map(role), claims), need);
        const after = evaluate(
          ruleSet([...some.map(role), role({ allow: [more], deny: [] })], claims),
          need,
        );
        if (before.effect === 'allow') expect(after.effect).toBe('allow');
      }),
      { numRuns: 2000 },
    );
  });

  it('the order of roles and rules changes no effect', () => {
    fc.assert(
      fc.property(roles, needs, (some, need) => {
        const turned = some
          .map(({ allow, deny }) => ({ allow: allow.toReversed(), deny: deny.toReversed() }))
          .toReversed();
        const one = evaluate(ruleSet(some.map(role), claims), need);
        const other = evaluate(ruleSet(turned.map(role), claims), need);
        expect(other.effect).toBe(one.effect);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('remembering', () => {
  const given = [role({ allow: [rule([parsePattern('ok-*')], ['read'], [])], deny: [] })];
  const query = operations.find(({ name }) => name === 'points.query');
  const need = (name: string): Need => {
    if (!query) throw new Error('no query operation');
    return { operation: query, action: 'read', collection: same(name), database: null };
  };

  it('gives the very same frozen decision again', () => {
    const grants = compile(given, {});
    const first = grants.decide(need('ok-1'));
    expect(grants.decide(need('ok-1'))).toBe(first);
    expect(Object.isFrozen(first)).toBe(true);
  });

  it('stays right when a caller asks for more names than it holds', () => {
    const grants = compile(given, {});
    for (let index = 0; index < 5000; index++) {
      const name = index % 2 === 0 ? `ok-${index}` : `no-${index}`;
      expect(grants.decide(need(name)).effect).toBe(index % 2 === 0 ? 'allow' : 'deny');
    }
    expect(grants.decide(need('ok-0')).effect).toBe('allow');
    expect(grants.decide(need('no-1')).effect).toBe('deny');
  });

  it('tells apart names that a lossy encoding would confuse', () => {
    const deny = rule([parsePattern('a')], ['read'], []);
    const allow = rule([parsePattern('*')], ['read'], []);
    const grants = compile([role({ allow: [allow], deny: [deny] })], {});
    for (const name of ['\u{161}', '\u{e1}', 'a\ud800', 'a\ufffd', 'a\0', 'a'.repeat(5000)]) {
      expect(grants.decide(need(name)).effect).toBe('allow');
    }
    expect(grants.decide(need('a')).effect).toBe('deny');
    expect(grants.decide(need('\u{161}')).effect).toBe('allow');
  });
});

function same(name: string) {
  return { named: name, resolved: name };
}

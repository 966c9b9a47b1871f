import { describe, expect, test } from 'vitest';
import type { ValueCondition } from '../../../src/identity/token-issuer.ts';
import { qdrantToken, refusedToken, secondSecret, time, tokenScene } from './scene.ts';

const both = [
  { collection: 'products', access: 'r' },
  { collection: 'docs', access: 'rw' },
  { collection: 'notes', access: 'prw' },
  { collection: '{claims.x}*', access: 'r' },
];

describe("a token of Qdrant's own kind", () => {
  test('gives each of its words a role, and the role its collections as claims', async () => {
    const token = qdrantToken({ access: both, subject: 'importer' });
    const identity = await tokenScene().show(token);
    expect(identity).toEqual({
      kind: 'token',
      id: expect.stringMatching(/^qdrant:[0-9a-f]{16}$/),
      name: 'importer',
      roles: ['qdrant:r', 'qdrant:rw', 'qdrant:prw'],
      claims: {
        collections_r: ['products', '{claims.x}*'],
        collections_rw: ['docs'],
        collections_prw: ['notes'],
      },
      labels: {},
      expires: time + 60_000,
    });
    expect(Object.isFrozen(identity)).toBe(true);
  });

  test.each([
    ['r', ['qdrant:global-r']],
    ['m', ['qdrant:global-m']],
    [[], []],
  ])('with the access %j has the roles %j', async (access, roles) => {
    expect(await tokenScene().show(qdrantToken({ access }))).toMatchObject({ roles, claims: {} });
  });

  test('without a subject goes by its id, which is of this token alone', async () => {
    const { show } = tokenScene();
    const one = await show(qdrantToken());
    const other = await show(qdrantToken({ access: 'm' }));
    expect(one.name).toBe(one.id);
    expect(other.id).not.toBe(one.id);
    expect(await tokenScene().show(qdrantToken())).toEqual(one);
  });

  test('counts with the second secret too, while there is one', async () => {
    const token = qdrantToken({}, {}, secondSecret);
    expect(await tokenScene().show(token)).toMatchObject({ kind: 'token' });
  });

  test('counts until its millisecond, with the skew', async () => {
    const scene = tokenScene();
    const token = qdrantToken();
    await scene.show(token);
    scene.clock.now = time + 65_000;
    expect((await refusedToken(() => scene.show(token))).message).toContain('has expired');
  });
});

describe('a token that stands by a value', () => {
  const matches = [
    { key: 'user.id', value: 7 },
    { key: 'tags[].name', value: 'x' },
  ];
  const token = qdrantToken({ value_exists: { collection: 'users', matches } });

  function asked(answers: readonly (boolean | Error)[]) {
    const questions: ValueCondition[] = [];
    const scene = tokenScene({
      holds: async (condition) => {
        const answer = answers[questions.length];
        questions.push(condition);
        if (answer instanceof Error) throw answer;
        return answer ?? false;
      },
    });
    return { ...scene, questions };
  }

  test('asks the database for it, exactly', async () => {
    const { show, questions } = asked([true]);
    expect(await show(token)).toMatchObject({ kind: 'token' });
    expect(questions).toMatchObject([{ collection: 'users', matches }]);
  });

  test('counts for a second without asking again, and without a promise', async () => {
    const { show, questions, clock } = asked([true, true]);
    const identity = await show(token);
    clock.now = time + 999;
    expect(show(token)).toBe(identity);
    clock.now = time + 1000;
    expect(await show(token)).toBe(identity);
    expect(questions).toHaveLength(2);
  });

  test('falls with the value, within that second', async () => {
    const { show, clock } = asked([true, false]);
    await show(token);
    clock.now = time + 1000;
    expect((await refusedToken(() => show(token))).message).toContain('no point has');
  });

  test('is asked about anew after each no', async () => {
    const { show, questions } = asked([false, false, true]);
    await refusedToken(() => show(token));
    await refusedToken(() => show(token));
    expect(await show(token)).toMatchObject({ kind: 'token' });
    expect(questions).toHaveLength(3);
  });

  test('is asked about once for all who show it meanwhile, whichever token it is', async () => {
    const { show, questions } = asked([true]);
    const other = qdrantToken({ access: 'm', value_exists: { collection: 'users', matches } });
    await Promise.all([token, other, token, other].map((each) => show(each)));
    expect(questions).toHaveLength(1);
  });

  test('lets nobody in where the database does not answer, and remembers no failure', async () => {
    const { show } = asked([new Error('no answer'), true]);
    await expect(show(token)).rejects.toThrow('no answer');
    expect(await show(token)).toMatchObject({ kind: 'token' });
  });

  test('ends while it is asked about', async () => {
    const scene = tokenScene({
      holds: async () => {
        scene.clock.now = time + 65_000;
        return true;
      },
    });
    expect((await refusedToken(() => scene.show(token))).message).toContain('has expired');
  });
});

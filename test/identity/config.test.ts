import { describe, expect, test } from 'vitest';
import { check, readDocument } from '../../src/document.ts';
import { identitySection } from '../../src/identity/config.ts';
import { Misconfigured, type Problem } from '../../src/problem.ts';

const load = (text: string) => check(readDocument('identity.yaml', text), identitySection);

function problemsIn(text: string): readonly Problem[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof Misconfigured) return error.problems;
    throw error;
  }
  return [];
}

describe('the identity section', () => {
  const good = 'keys: { store: file, path: keys.yaml }\n';

  test.each([good, `${good}combine: transport`])('certificates secure transport only', (text) => {
    expect(load(text)).toEqual({
      keys: { store: 'file', path: 'keys.yaml' },
      combine: 'transport',
      tokens: [],
      certificates: [],
    });
  });

  test.each([
    ['combine: transport', 1, 'keys', 'keys are missing'],
    ['keys: { store: redis, path: x }', 1, 'keys.store', 'not built yet'],
    ['keys: { store: disk, path: x }', 1, 'keys.store', 'no such store'],
    ['keys: { store: file }', 1, 'keys.path', 'key file is missing'],
    ['keys: { store: file, path: "" }', 1, 'keys.path', 'key file is empty'],
    [`${good}combine: never`, 2, 'combine', 'no such choice'],
    [`${good}tokens: []`, 2, 'tokens', 'no issuer'],
    [`${good}certificates: []`, 2, 'certificates', 'no certificate'],
    [`${good}users: []`, 2, 'users', 'unknown key'],
  ])('%j is refused at its line', (text, line, path, message) => {
    const problems = problemsIn(text);
    expect(problems).toMatchObject([{ line, path }]);
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.remedy).toMatch(/^\S.{6,}[^.]$/s);
  });
});

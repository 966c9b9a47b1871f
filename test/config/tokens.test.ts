import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { Misconfigured, type Problem } from '../../src/problem.ts';
import { configFolder, goodConfig, goodEnvironment } from './folder.ts';

const oidc = (more = '', jwks = 'https://idp.example.com/jwks.json') => `
    - kind: oidc
      issuer: https://idp.example.com
      jwks: ${jwks}
      audience: vectorgate
      algorithms: [RS256]${more}`;
const weakSecret = 'short-secret';
const environment = { ...goodEnvironment, TOKEN_SECRET: 'a'.repeat(32), WEAK: weakSecret };

function load(tokens: string, files: Readonly<Record<string, string>> = {}) {
  const text = goodConfig.replace(
    '  combine: transport',
    `  combine: transport\n  tokens:${tokens}`,
  );
  const folder = configFolder({ 'vectorgate.yaml': text, ...files });
  return { folder, loaded: loadConfig(`${folder}/vectorgate.yaml`, environment) };
}

function problemsOf(tokens: string): readonly Problem[] {
  try {
    load(tokens);
  } catch (error) {
    if (error instanceof Misconfigured) return error.problems;
    throw error;
  }
  return [];
}

describe('tokens in vectorgate.yaml', () => {
  test('have keys at an address, which stays one, or in a file beside it', () => {
    const { loaded } = load(oidc());
    expect(loaded.config.identity.tokens).toMatchObject([
      { jwks: 'https://idp.example.com/jwks.json' },
    ]);
    expect(loaded.warnings).toEqual([]);
    const { folder, loaded: other } = load(oidc('', 'keys/idp.json'), { 'keys/idp.json': '{}' });
    expect(other.config.identity.tokens).toMatchObject([{ jwks: `${folder}/keys/idp.json` }]);
  });

  test.each([
    [oidc('', 'missing.json'), 'identity.tokens[0].jwks', 'there is no file'],
    [oidc('\n      ca: missing.pem'), 'identity.tokens[0].ca', 'there is no file'],
    [oidc('\n      upstream: other'), 'identity.tokens[0].upstream', 'no upstream of that name'],
    [oidc('\n      requireBound: true'), 'identity.tokens[0].requireBound', 'no client shows'],
  ])('%j is refused', (tokens, path, message) => {
    const problems = problemsOf(tokens);
    expect(problems).toMatchObject([{ path, line: expect.any(Number) }]);
    expect(problems[0]?.message).toContain(message);
  });

  test('never tell a secret that is too short', () => {
    const problems = problemsOf(`\n    - kind: qdrant\n      secret: "\${WEAK}"`);
    expect(problems).toMatchObject([{ path: 'identity.tokens[0].secret' }]);
    expect(JSON.stringify(problems)).not.toContain(weakSecret);
  });

  test('report a weak secret that somebody consented to', () => {
    const weak = `\n    - kind: qdrant\n      allowWeakSecret: true\n      secret: "\${WEAK}"`;
    const { warnings } = load(weak).loaded;
    expect(warnings).toMatchObject([{ path: 'identity.tokens[0].allowWeakSecret' }]);
    expect(JSON.stringify(warnings)).not.toContain(weakSecret);
    const strong = weak.replace('WEAK', 'TOKEN_SECRET');
    expect(load(strong).loaded.warnings).toEqual([]);
    const second = `${strong}\n      secondSecret: "\${WEAK}"`;
    expect(load(second).loaded.warnings).toHaveLength(1);
  });
});

import { describe, expect, test } from 'vitest';
import { check, readDocument } from '../../../src/document.ts';
import { identitySection } from '../../../src/identity/config.ts';
import { Misconfigured, type Problem } from '../../../src/problem.ts';

const head = 'keys: { store: file, path: keys.yaml }\ntokens:\n';
const load = (text: string) =>
  check(readDocument('identity.yaml', head + text), identitySection).tokens;

function problemsIn(text: string): readonly Problem[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof Misconfigured) return error.problems;
    throw error;
  }
  return [];
}

const oidc = `  - kind: oidc
    issuer: https://idp.example.com
    jwks: https://idp.example.com/jwks.json
    audience: vectorgate
    algorithms: [ES256, RS256, EdDSA]
`;
const qdrant = `  - kind: qdrant
    secret: a secret of at least thirty-two bytes
`;

describe('the tokens of a configuration', () => {
  test('are what the contract shows, with everything that may be left out', () => {
    expect(load(`${oidc}    roles: realm_access.roles\n${qdrant}`)).toEqual([
      {
        kind: 'oidc',
        name: 'idp.example.com',
        issuer: 'https://idp.example.com',
        jwks: 'https://idp.example.com/jwks.json',
        audience: ['vectorgate'],
        algorithms: ['ES256', 'RS256', 'EdDSA'],
        typ: ['at+jwt', 'jwt'],
        roles: ['realm_access', 'roles'],
        claims: {},
        requireBound: false,
        admin: false,
        refreshSeconds: 300,
        trustSeconds: 86_400,
        skewSeconds: 5,
      },
      {
        kind: 'qdrant',
        name: 'qdrant',
        secret: 'a secret of at least thirty-two bytes',
        allowWeakSecret: false,
        skewSeconds: 5,
      },
    ]);
  });

  test('name claims by path, or by steps where a step has a dot', () => {
    const more = '    claims: { tenant: org.tenant, other: ["https://example.com/x", id] }\n';
    expect(load(oidc + more)).toMatchObject([
      { claims: { tenant: ['org', 'tenant'], other: ['https://example.com/x', 'id'] } },
    ]);
  });

  test('let several issuers, upstreams and secrets stand side by side', () => {
    const two = oidc.replace('https://idp.example.com\n', 'https://two.example.com\n');
    const other = '    name: other\n    upstream: b\n';
    const text = `${oidc}${two}${qdrant}    upstream: a\n${qdrant}${other}`;
    expect(load(text)).toHaveLength(4);
  });

  test.each([
    ['  - kind: saml\n', 3, 'tokens[0].kind', 'no such kind'],
    ['  - issuer: x\n', 3, 'tokens[0].kind', 'no such kind'],
    [`${oidc}    secret: x\n`, 8, 'tokens[0].secret', 'unknown key'],
    [`${qdrant}    audience: x\n`, 5, 'tokens[0].audience', 'unknown key'],
    [`${oidc}    skewSeconds: 31\n`, 8, 'tokens[0].skewSeconds', 'lets ended tokens in'],
    [`${oidc}    skewSeconds: -1\n`, 8, 'tokens[0].skewSeconds', 'no number of seconds'],
    [`${oidc}    requireBound: yes please\n`, 8, 'tokens[0].requireBound', 'true or false'],
    [`${oidc}    roles: a..b\n`, 8, 'tokens[0].roles[1]', 'is empty'],
    [`${oidc}    roles: []\n`, 8, 'tokens[0].roles', 'is empty'],
    [`${oidc}    name: Not One\n`, 8, 'tokens[0].name', 'no name of an issuer'],
    [oidc.replace('[ES256, RS256, EdDSA]', '[]'), 7, 'tokens[0].algorithms', 'no algorithm'],
    [oidc.replace('RS256', 'HS256'), 7, 'tokens[0].algorithms[1]', 'no private key'],
    [oidc.replace('RS256', 'none'), 7, 'tokens[0].algorithms[1]', 'no private key'],
    [oidc.replace('RS256', 'rs256'), 7, 'tokens[0].algorithms[1]', 'no such algorithm'],
    [oidc.replace('jwks: https:', 'jwks: http:'), 5, 'tokens[0].jwks', 'could be forged'],
    [oidc.replace('jwks: https:', 'jwks: ftp:'), 5, 'tokens[0].jwks', 'could be forged'],
    [oidc.replace('jwks: https://', 'jwks: https://me:pw@'), 5, 'tokens[0].jwks', 'forged'],
    [oidc.replace('vectorgate', '[]'), 6, 'tokens[0].audience', 'missing'],
    [qdrant.replace('thirty-two', '2'), 4, 'tokens[0].secret', 'shorter than 256 bits'],
    [`${qdrant}    secondSecret: short\n`, 5, 'tokens[0].secondSecret', 'shorter than 256 bits'],
    [
      `${qdrant}    secondSecret: a secret of at least thirty-two bytes\n`,
      5,
      'tokens[0].secondSecret',
      'the first secret again',
    ],
    [oidc + oidc.replace('kind: oidc', 'kind: oidc\n    name: b'), 10, 'tokens[1].issuer', 'twice'],
    [`${oidc}${oidc.replace('.com\n', '.com/b\n')}`, 8, 'tokens[1].name', 'have this name'],
    [`${qdrant}${qdrant}    name: b\n`, 5, 'tokens[1].kind', 'twice for one upstream'],
  ])('%j is refused at its line', (text, line, path, message) => {
    const problems = problemsIn(text);
    expect(problems).toMatchObject([{ line, path }]);
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.remedy).toMatch(/^\S.{6,}[^.]$/s);
    expect(JSON.stringify(problems)).not.toContain('thirty-two bytes');
  });

  test('take a weak secret only where somebody says so', () => {
    const weak = '  - kind: qdrant\n    secret: weak\n    allowWeakSecret: true\n';
    expect(load(weak)).toMatchObject([{ secret: 'weak', allowWeakSecret: true }]);
  });
});

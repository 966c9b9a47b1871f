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

  const whose = 'principal: p, roles: [r] }';
  const bad = [
    [`{ ${whose}`, '.match', 'match is missing'],
    [`{ match: {}, ${whose}`, '.match', 'by one name'],
    [`{ match: { dns: a.b, uri: "spiffe://a/b" }, ${whose}`, '.match', 'by one name'],
    [`{ match: { uri: "spiffe://a/*" }, ${whose}`, '.match.uri', 'no SPIFFE ID'],
    [`{ match: { uri: "https://a/b" }, ${whose}`, '.match.uri', 'no SPIFFE ID'],
    [`{ match: { uri: "" }, ${whose}`, '.match.uri', 'no SPIFFE ID'],
    [`{ match: { dns: "*.a.b" }, ${whose}`, '.match.dns', 'no DNS name'],
    [`{ match: { dns: A.b }, ${whose}`, '.match.dns', 'no DNS name'],
    [`{ match: { dns: "m\u00fc.b" }, ${whose}`, '.match.dns', 'no DNS name'],
    [`{ match: { subject: "" }, ${whose}`, '.match.subject', 'no subject'],
    [`{ match: { subject: search }, ${whose}`, '.match.subject', 'no subject'],
    [`{ match: { subject: "CN=a, O=b" }, ${whose}`, '.match.subject', 'a space stands'],
    [`{ match: { dns: a.b, cn: a }, ${whose}`, '.match.cn', 'unknown key'],
    ['{ match: { dns: a.b }, roles: [r] }', '.principal', 'principal is missing'],
    ['{ match: { dns: a.b }, principal: p }', '.roles', 'roles are missing'],
    ['{ match: { dns: a.b }, principal: p, roles: [] }', '.roles', 'no role'],
  ] as const;

  const issuer = (more: string) =>
    `  - { kind: oidc, issuer: "https://idp.example", jwks: idp.json, algorithms: [ES256], ${more} }`;

  test('one issuer may prove callers and administrators, for an audience each', () => {
    const callers = issuer('name: callers, audience: [vectorgate, search]');
    const admins = (audience: string) => issuer(`name: corp, admin: true, audience: ${audience}`);
    const text = (audience: string) => `${good}tokens:\n${callers}\n${admins(audience)}\n`;
    expect(load(text('vectorgate-admin')).tokens).toHaveLength(2);
    expect(problemsIn(text('[vectorgate-admin, search]'))).toMatchObject([
      { line: 4, path: 'tokens[1].audience', message: expect.stringContaining('told apart') },
    ]);
  });

  test('certificates make a second credential a rival, unless something else is said', () => {
    const rule =
      '{ match: { subject: "CN=a,O=b" }, principal: p, roles: [r], labels: { env: prod } }';
    const text = `${good}certificates:\n  - ${rule}\n`;
    expect(load(text)).toMatchObject({ combine: 'refuse', certificates: [{ principal: 'p' }] });
    expect(load(`${text}combine: both`)).toMatchObject({ combine: 'both' });
    expect(problemsIn(`${text}  - ${rule}\n`)).toMatchObject([
      { line: 4, path: 'certificates[1].match', message: expect.stringContaining('same name') },
    ]);
  });

  test.each<[string, number, string, string]>([
    ['combine: transport', 1, 'keys', 'keys are missing'],
    ['keys: { store: redis, path: x }', 1, 'keys.path', 'no file'],
    ['keys: { store: disk, path: x }', 1, 'keys.store', 'no such store'],
    ['keys: { store: file }', 1, 'keys.path', 'key file is missing'],
    ['keys: { store: file, path: "" }', 1, 'keys.path', 'key file is empty'],
    [`${good}combine: never`, 2, 'combine', 'no such choice'],
    [`${good}tokens: []`, 2, 'tokens', 'no issuer'],
    [`${good}certificates: []`, 2, 'certificates', 'no certificate'],
    [`${good}users: []`, 2, 'users', 'unknown key'],
    ...bad.map(([entry, path, message]): [string, number, string, string] => {
      return [`${good}certificates:\n  - ${entry}`, 3, `certificates[0]${path}`, message];
    }),
  ])('%j is refused at its line', (text, line, path, message) => {
    const problems = problemsIn(text);
    expect(problems).toMatchObject([{ line, path }]);
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.remedy).toMatch(/^\S.{6,}[^.]$/s);
  });
});

import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseKeyFile, readKeyFile } from '../../../src/identity/keys/file.ts';
import { Misconfigured, type Problem } from '../../../src/problem.ts';
import { temporaryFolder } from '../../tls/folder.ts';

const hash = `sha256:${'ab'.repeat(32)}`;
const minimal = `keys:\n  - id: a\n    name: n\n    roles: [r]\n    hash: ${hash}\n`;

function problemsOf(act: () => unknown): readonly Problem[] {
  try {
    act();
  } catch (error) {
    if (error instanceof Misconfigured) return error.problems;
    throw error;
  }
  return [];
}

const problemsIn = (text: string) => problemsOf(() => parseKeyFile('keys.yaml', text));

describe('keys.yaml', () => {
  test('says as little as an id, a name, roles and a hash', () => {
    expect(parseKeyFile('keys.yaml', minimal)).toEqual([
      {
        id: 'a',
        name: 'n',
        roles: ['r'],
        upstream: null,
        hash: 'ab'.repeat(32),
        created: null,
        expires: null,
        revoked: null,
        sources: [],
        labels: {},
        replaces: null,
        imported: false,
      },
    ]);
  });

  test('says everything', () => {
    const text = `${minimal}    upstream: main
    created: 2026-11-22T15:04:05Z
    expires: 2027-11-22T16:04:05.678+01:00
    revoked: null
    sources: [10.0.0.0/8, "fd00::/8", 192.0.2.1]
    labels: { app: rag, env: prod }
`;
    expect(parseKeyFile('keys.yaml', text)).toMatchObject([
      {
        upstream: 'main',
        created: Date.UTC(2026, 10, 22, 15, 4, 5),
        expires: Date.UTC(2027, 10, 22, 15, 4, 5, 678),
        revoked: null,
        sources: ['10.0.0.0/8', 'fd00::/8', '192.0.2.1'],
        labels: { app: 'rag', env: 'prod' },
      },
    ]);
  });

  test.each(['', '# nothing yet\n', 'keys: []\n'])('%j holds no key', (text) => {
    expect(parseKeyFile('keys.yaml', text)).toEqual([]);
  });

  test.each([
    ['keys:\n', 1, 'keys'],
    ['- id: a\n', 1, ''],
    ['keys: {}\n', 1, 'keys'],
    [`${minimal}    password: x\n`, 6, 'keys[0].password'],
    [`${minimal}admin: true\n`, 6, 'admin'],
    [minimal.replace('id: a', 'id: vg_a'), 2, 'keys[0].id'],
    [minimal.replace('id: a', 'id: 7'), 2, 'keys[0].id'],
    [minimal.replace('id: a', 'id: ""'), 2, 'keys[0].id'],
    [minimal.replace('name: n', 'name: ""'), 3, 'keys[0].name'],
    [minimal.replace('name: n', 'name: "a\\u001b[2J"'), 3, 'keys[0].name'],
    [minimal.replace('name: n', 'name: "a\\nb"'), 3, 'keys[0].name'],
    [minimal.replace('    name: n\n', ''), 2, 'keys[0].name'],
    [minimal.replace('[r]', '[]'), 4, 'keys[0].roles'],
    [minimal.replace('[r]', 'r'), 4, 'keys[0].roles'],
    [minimal.replace('[r]', '[r, ""]'), 4, 'keys[0].roles[1]'],
    [minimal.replace('sha256:', ''), 5, 'keys[0].hash'],
    [minimal.replace('sha256:', 'sha1:'), 5, 'keys[0].hash'],
    [minimal.replace('abab', 'ABAB'), 5, 'keys[0].hash'],
    [minimal.replace('abab', 'ab'), 5, 'keys[0].hash'],
    [`${minimal}    expires: 2027-01-01\n`, 6, 'keys[0].expires'],
    [`${minimal}    expires: 2027-01-01T00:00:00\n`, 6, 'keys[0].expires'],
    [`${minimal}    expires: 1830000000\n`, 6, 'keys[0].expires'],
    [`${minimal}    revoked: true\n`, 6, 'keys[0].revoked'],
    [`${minimal}    sources: [10.0.0.0/33]\n`, 6, 'keys[0].sources[0]'],
    [`${minimal}    sources: [example.com]\n`, 6, 'keys[0].sources[0]'],
    [`${minimal}    sources: ["::/129"]\n`, 6, 'keys[0].sources[0]'],
    [`${minimal}    sources: [10.0.0.0/8/8]\n`, 6, 'keys[0].sources[0]'],
    [`${minimal}    sources: [010.0.0.0/8]\n`, 6, 'keys[0].sources[0]'],
    [`${minimal}    upstream: ""\n`, 6, 'keys[0].upstream'],
    [`${minimal}    labels: { app: 1 }\n`, 6, 'keys[0].labels.app'],
    [`${minimal}    labels: { "": x }\n`, 6, 'keys[0].labels.'],
    [`${minimal}    id: b\n`, 6, ''],
  ])('%j is refused at its line', (text, line, path) => {
    const problems = problemsIn(text);
    expect(problems).toMatchObject([{ file: 'keys.yaml', line, path }]);
    expect(problems[0]?.remedy).not.toBe('');
  });

  test('every problem is told at once', () => {
    const text = minimal.replace('id: a', 'id: "-"').replace('[r]', '[]');
    expect(problemsIn(text).map(({ line }) => line)).toEqual([2, 4]);
  });

  const second = `  - { id: b, name: m, roles: [r], hash: ${hash.replaceAll('ab', 'cd')} }\n`;

  test('an id may be there once', () => {
    expect(problemsIn(minimal + second)).toEqual([]);
    const [problem] = problemsIn(minimal + second.replace('id: b', 'id: a'));
    expect(problem).toMatchObject({
      line: 6,
      path: 'keys[1].id',
      message: 'the same id as that of n (a)',
    });
  });

  test('a key may be there once, under whatever id', () => {
    const [problem] = problemsIn(minimal + second.replaceAll('cd', 'ab'));
    expect(problem).toMatchObject({ line: 6, path: 'keys[1].hash' });
    expect(problem?.message).not.toContain('abab');
  });
});

describe('the file itself', () => {
  function file(mode: number): string {
    const path = join(temporaryFolder(), 'keys.yaml');
    writeFileSync(path, minimal);
    chmodSync(path, mode);
    return path;
  }

  test.each([0o600, 0o400])('of mode %o is read', (mode) => {
    expect(readKeyFile(file(mode))).toHaveLength(1);
  });

  test.each([0o644, 0o604, 0o602, 0o620, 0o666])('of mode %o is refused', (mode) => {
    const path = file(mode);
    expect(problemsOf(() => readKeyFile(path))).toMatchObject([
      { file: path, line: null, remedy: `chmod 600 ${path}` },
    ]);
  });

  test('that is missing is told with how to make it', () => {
    const [problem] = problemsOf(() => readKeyFile('/nowhere/keys.yaml'));
    expect(problem).toMatchObject({ line: null, message: 'the key file does not exist' });
    expect(problem?.remedy).toContain('vectorgate keys create');
  });
});

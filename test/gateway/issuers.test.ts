import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeIssuers } from '../../src/gateway/issuers.ts';
import type { OidcConfig, QdrantTokenConfig } from '../../src/identity/token-config.ts';
import { Misconfigured } from '../../src/problem.ts';
import { keySetOf } from '../identity/tokens/mint.ts';
import { keys } from '../identity/tokens/scene.ts';

const qdrant: QdrantTokenConfig = {
  kind: 'qdrant',
  name: 'qdrant',
  secret: 'a secret of at least thirty-two bytes',
  allowWeakSecret: false,
  skewSeconds: 5,
};

function oidc(jwks: string): OidcConfig {
  return {
    ...{ kind: 'oidc', name: 'idp', issuer: 'https://idp.example.com', jwks },
    ...{ audience: ['vectorgate'], algorithms: ['RS256'], typ: ['at+jwt'], claims: {} },
    ...{
      requireBound: false,
      admin: false,
      skewSeconds: 5,
      refreshSeconds: 300,
      trustSeconds: 86_400,
    },
  };
}

function keyFile(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'vectorgate-issuers-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'jwks.json');
  writeFileSync(path, text);
  return path;
}

describe('the issuers of a gateway', () => {
  test('count at the upstream they are for, or at every one', () => {
    const path = keyFile(keySetOf(keys.rsa));
    const entries = [
      oidc(path),
      { ...qdrant, upstream: 'a' },
      { ...qdrant, name: 'other', upstream: 'b' },
    ];
    const issuers = makeIssuers(entries);
    const at = (upstream: string) => issuers.at(upstream).map(({ name }) => name);
    expect(at('a')).toEqual(['idp', 'qdrant']);
    expect(at('b')).toEqual(['idp', 'other']);
    expect(at('c')).toEqual(['idp']);
  });

  test('are refused whole where a file of keys is not good', () => {
    for (const text of ['', '{}', keySetOf(), '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}']) {
      expect(() => makeIssuers([oidc(keyFile(text))])).toThrow(Misconfigured);
    }
  });

  test('keep the last good keys of a file, and say what is wrong with the new ones', () => {
    const path = keyFile(keySetOf(keys.rsa));
    const { parts } = makeIssuers([oidc(path)]);
    const [part] = parts;
    if (!part) throw new Error('no part');
    expect(part).toMatchObject({ part: 'issuers', issuer: 'idp', paths: [path] });
    const before = part.version();
    writeFileSync(path, '{"keys":[]}');
    expect(() => part.load()).toThrow('the keys of the issuer idp cannot be used');
    expect(part.version()).toBe(before);
    writeFileSync(path, keySetOf(keys.ec));
    part.load();
    expect(part.version()).not.toBe(before);
  });

  test('fetch nothing until they are started', () => {
    const { parts } = makeIssuers([oidc('https://127.0.0.1:1/jwks.json')]);
    expect(parts.map((part) => part.version())).toEqual(['none']);
    for (const part of parts) expect(() => part.load()).not.toThrow();
  });
});

import { describe, expect, it } from 'vitest';
import { auditSection } from '../../src/audit/config.ts';
import { check, readDocument } from '../../src/document.ts';
import { Misconfigured } from '../../src/problem.ts';

const read = (text: string) => check(readDocument('vectorgate.yaml', text), auditSection);

describe('the audit section', () => {
  it('refuses reads and writes that it cannot record, unless told otherwise', () => {
    expect(auditSection.parse(undefined)).toEqual({
      directory: 'audit/',
      authentication: { success: 0 },
      durability: { read: 'written', write: 'synced' },
      unavailable: { read: 'refuse', write: 'refuse' },
      trustParent: [],
      compress: true,
      retention: { shippedOnly: false },
    });
  });

  it('reads sizes in bytes and times in milliseconds', () => {
    expect(read('{ budget: 20GiB, retention: { age: 90d, size: 512MiB } }')).toMatchObject({
      budget: 20 * 1024 ** 3,
      retention: { age: 90 * 86_400_000, size: 512 * 1024 ** 2 },
    });
  });

  it('takes each half of a setting by itself', () => {
    expect(read('durability: { read: synced }').durability).toEqual({
      read: 'synced',
      write: 'synced',
    });
  });

  it.each([
    ['directory: ""', 'the audit directory is empty', 'directory'],
    ['directory: 7', 'the audit directory is not a path', 'directory'],
    ['durability: { write: maybe }', 'no such durability', 'durability.write'],
    ['durability: synced', 'durability takes', 'durability'],
    ['unavailable: { read: ignore }', 'no such answer to an audit log', 'unavailable.read'],
    ['rotation: 7d', 'unknown key', 'rotation'],
    ['trustParent: [office]', 'is no address block', 'trustParent[0]'],
    ['budget: 20GB', 'is no size', 'budget'],
    ['retention: { age: 7 days }', 'is no time', 'retention.age'],
    ['retention: { size: 0GiB }', 'is no size', 'retention.size'],
  ])('refuses %s', (text, message, path) => {
    expect.assertions(2);
    try {
      read(text);
    } catch (error) {
      const [problem] = error instanceof Misconfigured ? error.problems : [];
      expect(problem?.path).toBe(path);
      expect(problem?.message).toContain(message);
    }
  });
});

describe('audit.checkpoints', () => {
  const checkpoints = (text: string) => read(`checkpoints: ${text}`).checkpoints;

  it('takes a key as a file, or as the text that a variable held', () => {
    expect(checkpoints('{ key: k.pem }')).toMatchObject({ key: 'k.pem', every: 60_000 });
    expect(checkpoints('{ key: "-----BEGIN PRIVATE KEY-----" }')?.key).toEqual({
      pem: '-----BEGIN PRIVATE KEY-----',
    });
  });

  it('tells a file to copy to from a URL', () => {
    expect(checkpoints('{ key: k, copy: a/b }')?.copy).toBe('a/b');
    expect(checkpoints('{ key: k, copy: "https://x/y", copyToken: t }')?.copy).toEqual({
      url: 'https://x/y',
      token: 't',
    });
  });

  it.each([
    ['{ every: 5m }', 'the key is missing'],
    ['{ key: k, every: often }', 'is no time'],
    ['{ key: k, origin: "a b" }', 'is no name of a log'],
    ['{ key: k, copy: "http://[" }', 'is no URL'],
    ['{ key: k, copy: "http://x.example/y", copyToken: t }', 'in the clear'],
    ['{ key: k, sign: yes }', 'unknown key'],
  ])('refuses %s', (text, message) => {
    expect(() => checkpoints(text)).toThrow(message);
  });
});

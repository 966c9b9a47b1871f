import { describe, expect, it } from 'vitest';
import { auditSection } from '../../src/audit/config.ts';
import { check, readDocument } from '../../src/document.ts';
import { Misconfigured } from '../../src/problem.ts';

const read = (text: string) => check(readDocument('vectorgate.yaml', text), auditSection);

describe('the audit section', () => {
  it('refuses reads and writes that it cannot record, unless told otherwise', () => {
    expect(auditSection.parse(undefined)).toEqual({
      directory: 'audit/',
      durability: { read: 'written', write: 'synced' },
      unavailable: { read: 'refuse', write: 'refuse' },
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
    ['retention: 7d', 'unknown key', 'retention'],
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

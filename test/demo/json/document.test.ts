import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDocument } from '../../../src/demo/json/document.ts';
import { explained, Malformed } from '../../../src/demo/json/malformed.ts';
import { writeJson } from '../../../src/demo/json/write.ts';
import { payload } from '../../../src/demo/rest/values.ts';

function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function errorOf(text: string): string | undefined {
  try {
    parseDocument(bytesOf(text));
    return undefined;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return explained(error, bytesOf(text));
  }
}

test('a document is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (value) => {
      const text = JSON.stringify(value);
      const read = payload(parseDocument(bytesOf(text)), 'live');
      expect(JSON.parse(writeJson(read))).toEqual(JSON.parse(text));
    }),
  );
});

test('what JSON.parse refuses is refused, wherever a document is damaged', () => {
  const noise = fc.constantFrom(...'{}[]",:0123456789-+.eE \\ntrueflse\u0001'.split(''));
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), noise, (value, place, character) => {
      const text = JSON.stringify(value);
      const at = place % (text.length + 1);
      const damaged = text.slice(0, at) + character + text.slice(at + 1);
      fc.pre(!/\\u[dD]/.test(damaged) && !/[\d.][eE]|\d{300}/.test(damaged));
      expect(errorOf(damaged) !== undefined).toBe(refusedByNode(damaged));
    }),
    { numRuns: 2000 },
  );
});

function refusedByNode(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}

describe('errors are told as serde_json tells them', () => {
  test.each([
    ['[1,]', 'trailing comma at line 1 column 4'],
    ['{"a":1,}', 'trailing comma at line 1 column 8'],
    ['{"a" 1}', 'expected `:` at line 1 column 6'],
    ['{a:1}', 'key must be a string at line 1 column 2'],
    ['[1 2]', 'expected `,` or `]` at line 1 column 4'],
    ['[1', 'EOF while parsing a list at line 1 column 2'],
    ['"a', 'EOF while parsing a string at line 1 column 2'],
    ['{\n "é": nul}', 'expected ident at line 2 column 11'],
    ['01', 'invalid number at line 1 column 2'],
    ['"\\x"', 'invalid escape at line 1 column 3'],
  ])('%s: %s', (text, message) => {
    expect(errorOf(text)).toBe(message);
  });
});

test('200,000 brackets overflow no stack', () => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  expect(parseDocument(deep).tooDeep).toBe(128);
  expect(() => payload(parseDocument(`{"a":${deep}}`), 'live')).toThrow('recursion limit exceeded');
});

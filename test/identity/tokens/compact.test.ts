import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTokenShaped, readCompact } from '../../../src/identity/compact.ts';
import { jsonObject } from '../../../src/identity/token-json.ts';
import { Refusal } from '../../../src/refusal.ts';
import { encoded } from './mint.ts';

const json = fc.jsonValue({ maxDepth: 4 });
const object = fc.dictionary(fc.string({ unit: 'binary' }), json, { noNullPrototype: true });
const header = fc.record({
  alg: fc.constantFrom('RS256', 'none', 'HS256'),
  typ: fc.option(fc.string(), { nil: undefined }),
});
const visible = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
});
const base64url = fc.constantFrom(
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
);

/** What comes of a text: what was read, or null where it was refused. Anything else is thrown on. */
function read(text: string) {
  try {
    return readCompact(text);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not-authenticated') return null;
    throw error;
  }
}

describe('the compact serialisation', () => {
  test('reads what was written, whatever the payload says', () => {
    fc.assert(
      fc.property(
        header,
        object,
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        (head, body, signature) => {
          const text = [encoded(head), encoded(body), encoded(Buffer.from(signature))].join('.');
          fc.pre(text.length <= 8192);
          expect(read(text)).toMatchObject({ text, header: { alg: head.alg, kid: null } });
          expect(read(text)?.payload).toEqual(JSON.parse(JSON.stringify(body)));
          expect(isTokenShaped(text)).toBe(true);
        },
      ),
    );
  });

  test('has one spelling: any other text of the same bytes is refused', () => {
    const good = [encoded({ alg: 'RS256' }), encoded({ sub: 'x' }), encoded(Buffer.alloc(32, 7))];
    fc.assert(
      fc.property(fc.nat(2), fc.nat(200), visible, (part, at, more) => {
        fc.pre(more !== '' && !/^[A-Za-z0-9_-]*$/.test(more));
        const bent = good.map((text, index) =>
          index === part ? text.slice(0, at) + more + text.slice(at) : text,
        );
        expect(read(bent.join('.'))).toBeNull();
      }),
    );
  });

  test('is never read as something else than node reads it, letter by letter', () => {
    fc.assert(
      fc.property(fc.array(base64url, { maxLength: 80 }), (letters) => {
        const body = letters.join('');
        const text = `${encoded({ alg: 'RS256' })}.${body}.AAAA`;
        const bytes = Buffer.from(body, 'base64url');
        const canonical = bytes.toString('base64url') === body;
        if (!canonical || jsonObject(bytes) === null) expect(read(text)).toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  test('is refused or read, and nothing else, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(visible, fc.string({ unit: 'binary', maxLength: 300 })), (text) => {
        read(text);
        read(`ey${text}`);
        read(`${text}.${text}.${text}`);
        isTokenShaped(text);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    'a'.repeat(8193),
    `e${'.'.repeat(8191)}`,
    `${'A'.repeat(4000)}.${'B'.repeat(4000)}.C`,
  ])('costs no more for being long (%#)', (text) => expect(read(text)).toBeNull());

  test('is not looked into deeper than a token is long', () => {
    const deep = `${'['.repeat(2900)}${']'.repeat(2900)}`;
    const text = `${encoded({ alg: 'RS256' })}.${encoded(`{"a":${deep}}`)}.AAAA`;
    expect(text.length).toBeLessThanOrEqual(8192);
    expect(read(text)).not.toBeNull();
  });
});

describe('JSON with unique keys', () => {
  const bytes = (text: string) => Buffer.from(text);

  test('is what JSON.parse makes of it', () => {
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 2), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(jsonObject(bytes(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  test('is none with any of its members twice, wherever and however spelled', () => {
    fc.assert(
      fc.property(fc.string(), json, json, object, fc.boolean(), (key, one, other, rest, inner) => {
        const spelled = (text: string) => JSON.stringify(text);
        const escaped = `"${hexOf(key)}"`;
        const twice = `{${spelled(key)}:${JSON.stringify(one)},${escaped}:${JSON.stringify(other)}}`;
        const around = JSON.stringify({ ...rest, held: 0 }).replace(
          '"held":0',
          () => `"held":${twice}`,
        );
        expect(jsonObject(bytes(inner ? around : twice))).toBeNull();
      }),
    );
  });

  test.each([
    '',
    ' ',
    'null',
    '[]',
    '"a"',
    '1',
    '{',
    '{}{}',
    '{"a":1,}',
    "{'a':1}",
    '{"a":01}',
    '\ufeff{}',
  ])('is not %j', (text) => expect(jsonObject(bytes(text))).toBeNull());

  test.each(['{}', ' {} ', '{"a":":"}', '{"a":"\\":"}', '{"__proto__":1}', '{"a":{"a":{"a":[]}}}'])(
    'is %j',
    (text) => expect(jsonObject(bytes(text))).toEqual(JSON.parse(text)),
  );
});

/** A character as an escape of each of its units. */
function hexOf(unit: string): string {
  return Array.from({ length: unit.length }, (_, at) => {
    return `\\u${unit.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }).join('');
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type KeyEntry, keyFileSchema } from '../../../src/identity/keys/entry.ts';
import { entryText } from '../../../src/identity/keys/entry-text.ts';
import { readPlainFile } from '../../../src/identity/keys/plain-file.ts';

const word = fc.oneof(
  { weight: 20, arbitrary: fc.stringMatching(/^[a-z][a-z0-9-]{0,9}( [a-z]{1,4})?$/) },
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 _.:/#'"-]{0,20}[a-z]$/),
  fc.constantFrom(
    'true',
    'null',
    '12',
    '1e5',
    '0x1f',
    '.5',
    '~',
    'a: b',
    'a:',
    'a #b',
    '- a',
    'é',
    '2026-01-01',
  ),
);
const time = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.getTime());
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const digits = fc.stringMatching(/^[0-9a-f]{64}$/);
const entry: fc.Arbitrary<KeyEntry> = fc.record({
  id: fc.stringMatching(/^[0-9A-Za-z]{1,8}$/),
  name: word,
  roles: fc.array(word, { minLength: 1, maxLength: 3 }),
  upstream: maybe(word),
  hash: digits,
  created: maybe(time),
  expires: maybe(time),
  revoked: maybe(time),
  sources: fc.array(fc.constantFrom('10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::1'), {
    maxLength: 2,
  }),
  labels: fc.dictionary(fc.stringMatching(/^[A-Za-z][\w.-]{0,8}$/), word, { maxKeys: 3 }),
  replaces: maybe(fc.stringMatching(/^[0-9A-Za-z]{1,8}$/)),
  imported: fc.boolean(),
  createdBy: fc.option(word, { nil: undefined }),
  revokedBy: fc.option(word, { nil: undefined }),
});
const files = fc.uniqueArray(entry, { maxLength: 4, selector: ({ id }) => id });
const textOf = (entries: readonly KeyEntry[]) =>
  `# ours\nkeys:\n${entries.map(entryText).join('')}`;

/** What the YAML parser and the schema make of it; null: nothing good. */
function slowly(text: string): readonly KeyEntry[] | null {
  try {
    const read = keyFileSchema.safeParse(parse(text));
    return read.success ? read.data.keys : null;
  } catch {
    return null;
  }
}

describe('the quick reader of key files', () => {
  test('reads what the commands write as the YAML parser reads it, or leaves it to that', () => {
    let quick = 0;
    fc.assert(
      fc.property(files, (entries) => {
        const text = textOf(entries);
        const read = readPlainFile(text);
        if (read === null) return;
        quick += 1;
        expect(read.map((each) => each.entry)).toEqual(slowly(text));
        const cut = read.map(({ start, end }) => text.slice(start, end));
        expect(cut).toEqual(entries.map(entryText));
      }),
      { numRuns: 600 },
    );
    expect(quick).toBeGreaterThan(20);
  });

  test('never reads what was edited by hand as anything else than the YAML parser does', () => {
    const edit = fc.record({
      at: fc.nat(600),
      cut: fc.nat(6),
      put: fc.oneof(
        fc.constantFrom(
          '\n',
          '  ',
          '#',
          '"',
          ': ',
          '- ',
          '\t',
          '\r',
          '|',
          '&a ',
          '*a',
          '!!str ',
          '{',
          '\u2028',
        ),
        fc.string({ maxLength: 3 }),
      ),
    });
    fc.assert(
      fc.property(files, edit, (entries, { at, cut, put }) => {
        const text = textOf(entries);
        const edited = text.slice(0, at) + put + text.slice(at + cut);
        const read = readPlainFile(edited);
        if (read !== null) expect(read.map((each) => each.entry)).toEqual(slowly(edited));
      }),
      { numRuns: 3000 },
    );
  });

  const good = entryText({
    ...{ id: 'abc', name: 'n', roles: ['r'], upstream: null, hash: 'a'.repeat(64) },
    ...{ created: 0, expires: null, revoked: null, sources: [], replaces: null, imported: false },
    labels: { env: 'prod' },
  });

  test('takes comments and empty lines between entries', () => {
    const next = good.replace('abc', 'abd').replaceAll('aaaa', 'bbbb');
    expect(readPlainFile(`# a\n\nkeys:\n# b\n${good}\n  # c\n${next}`)).toHaveLength(2);
  });

  test.each([
    ['nothing', ''],
    ['no entry', 'keys:\n'],
    ['the same id twice', `keys:\n${good}${good}`],
    ['a second document', `keys:\n${good}---\nkeys:\n${good}`],
    ['a comment within an entry', `keys:\n${good.replace('    roles', '    # x\n    roles')}`],
    ['a field of no meaning', `keys:\n${good}    admin: yes\n`],
    ['a label twice', `keys:\n${good}      env: dev\n`],
    ['a day that there is not', `keys:\n${good.replace('1970-01-01', '1970-02-30')}`],
    ['no end of line', `keys:\n${good.trimEnd()}`],
  ])('leaves %s to the YAML parser', (_what, text) => {
    expect(readPlainFile(text)).toBeNull();
  });
});

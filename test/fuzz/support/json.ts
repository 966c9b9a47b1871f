import fc from 'fast-check';
import { name, seldom } from './names.ts';

/** Text that reads as JSON, or nearly. */
export type Json = fc.Arbitrary<string>;

const spellings = ['plain', 'plain', 'plain', 'plain', 'first', 'every', 'slash'] as const;

/** A string, spelled in one of the ways that mean the same. */
export function text(value: fc.Arbitrary<string>): Json {
  return fc.tuple(value, fc.constantFrom(...spellings)).map(([plain, how]) => {
    const quoted = JSON.stringify(plain);
    if (how === 'every') return `"${[...plain].map(escaped).join('')}"`;
    if (how === 'first' && plain !== '') return `"${escaped(plain)}${quoted.slice(2)}`;
    return how === 'slash' ? quoted.replaceAll('/', '\\/') : quoted;
  });
}

function escaped(of: string): string {
  return `\\u${of.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A collection's name. */
export const reference: Json = text(name);

const blank = fc.constantFrom('', '', '', '', ' ', '\n\t', '\r');
const unknown: fc.Arbitrary<[string, Json]> = fc.constantFrom(
  ['x', reference],
  ['Lookup_from', fc.constant('{"collection":"sec"}')],
  ['lookup_from ', fc.constant('{"collection":"sec"}')],
  ['__proto__', fc.constant('{"lookup_from":{"collection":"sec"}}')],
  ['', fc.constant('null')],
);

/** What may be done to an object: its members twice, in another order, with others, or as an array. */
type Turn = 'none' | 'twice' | 'last twice' | 'backwards' | 'unknown' | 'positional' | 'wrapped';
const turns: readonly Turn[] = ['none', 'none', 'none', 'none', 'none', 'none', 'none', 'none'];
const odd: readonly Turn[] = [
  'twice',
  'last twice',
  'backwards',
  'unknown',
  'positional',
  'wrapped',
];

/** An object with these members: a `?` at a key's end says that it may be missing. */
export function object(members: Readonly<Record<string, Json>>): Json {
  const each = Object.entries(members).map(([key, value]) => member(key, value));
  const turn = fc.constantFrom(...turns, ...turns, ...turns, ...odd);
  return fc
    .tuple(
      fc.tuple(...each),
      fc.tuple(...each),
      turn,
      blank,
      unknown.chain(([k, v]) => member(k, v)),
    )
    .map(([first, second, how, space, more]) => {
      const there = first.filter((one) => one !== null);
      const again = second.filter((one) => one !== null);
      if (how === 'positional') return `[${there.map(([, value]) => value).join(',')}]`;
      const written = turned(how, there, again, more).map(
        ([key, value]) => `${key}:${space}${value}`,
      );
      const whole = `{${space}${written.join(`${space},`)}${space}}`;
      return how === 'wrapped' ? `[${whole}]` : whole;
    });
}

type Member = [string, string];

function turned(how: Turn, there: Member[], again: Member[], more: Member | null): Member[] {
  if (how === 'twice') return [...there, ...again];
  if (how === 'last twice') return [...there, ...again.slice(-1)];
  if (how === 'backwards') return there.toReversed();
  return how === 'unknown' && more ? [more, ...there] : there;
}

function member(key: string, value: Json): fc.Arbitrary<Member | null> {
  const optional = key.endsWith('?');
  const plain = optional ? key.slice(0, -1) : key;
  const pair = fc.tuple(text(fc.constant(plain)), value);
  return optional ? fc.option(pair, { nil: null }) : pair;
}

/** An array of these. */
export function list(of: Json, maxLength = 3): Json {
  return fc.array(of, { maxLength }).map((items) => `[${items.join(',')}]`);
}

/** One of these as they stand. */
export function raw(...values: readonly string[]): Json {
  return fc.constantFrom(...values);
}

/** A body, seldom with what no body should have around it. */
export function document(of: Json): fc.Arbitrary<Buffer> {
  const around = fc.constantFrom<(text: string) => Buffer>(
    (plain) => Buffer.from(`\ufeff${plain}`),
    (plain) => Buffer.from(plain, 'utf16le'),
    (plain) => Buffer.from(`${plain}{"lookup_from":{"collection":"sec"}}`),
    (plain) => Buffer.from(`[${plain}]`),
    (plain) => Buffer.from(plain.slice(0, -1)),
    (plain) => Buffer.concat([Buffer.from(plain), Buffer.of(0)]),
    (plain) => Buffer.from(plain.replace('"', '"\\u00')),
    (plain) => Buffer.from(plain.replace(':', ':\u00a0')),
    (plain) => Buffer.from(plain.replace(',', ',,')),
    (plain) => Buffer.from(plain.replace('{', '{/**/')),
    () => Buffer.alloc(0),
  );
  const plainly = fc.constant((plain: string) => Buffer.from(` ${plain}`.slice(1)));
  return fc.tuple(of, seldom(20, around, plainly)).map(([plain, write]) => write(plain));
}

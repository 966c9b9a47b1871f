import { describe, expect, it } from 'vitest';
import type { Field, Message } from '../../../src/catalog/reading/message.ts';
import { MessageReader } from '../../../src/catalog/reading/protobuf.ts';
import { rewriteMessage } from '../../../src/catalog/reading/rewrite.ts';
import { readVarint, varint } from '../../../src/catalog/reading/wire.ts';
import { Refusal } from '../../../src/refusal.ts';

const field = (number: number, value: Uint8Array | string) => {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
};
const join = (...parts: Uint8Array[]) => Buffer.concat(parts);

const name: Field = { kind: 'text', mark: 'name' };
const inner: Message = { what: 'Inner', fields: new Map([[1, name]]) };
const nestedFields = new Map<number, Field>([[2, name]]);
const nested: Message = { what: 'Nested', fields: nestedFields };
nestedFields.set(1, { kind: 'message', message: nested, repeated: true });
const outer: Message = {
  what: 'Outer',
  fields: new Map<number, Field>([
    [1, name],
    [2, { kind: 'message', message: inner }],
    [3, { kind: 'message', message: inner, repeated: true, mark: 'each' }],
    [4, { kind: 'count' }],
    [5, { kind: 'refused' }],
    [6, { kind: 'message', message: nested }],
  ]),
};

function read(body: Uint8Array, slice = 1 << 20): MessageReader {
  const reader = new MessageReader(Buffer.from(body), outer);
  while (!reader.advance(slice));
  return reader;
}

const values = (body: Uint8Array) => read(body).mentions.map(({ value }) => value);

function reason(body: Uint8Array): string {
  try {
    read(body);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'unreadable-request') return error.message;
    throw error;
  }
  throw new Error('it was read');
}

describe('a message', () => {
  it('gives the last of a string that is there twice, an empty one too', () => {
    expect(values(join(field(1, 'pub'), field(1, 'sec')))).toEqual(['sec']);
    expect(values(join(field(1, 'pub'), field(1, '')))).toEqual(['']);
    expect(values(Buffer.alloc(0))).toEqual(['']);
  });

  it('is one where a singular message comes in pieces, and several where it is repeated', () => {
    expect(
      values(join(field(2, field(1, 'pub')), field(2, ''), field(2, field(1, 'sec')))),
    ).toEqual(['', 'sec']);
    expect(values(join(field(3, field(1, 'a')), field(3, ''), field(3, field(1, 'b'))))).toEqual([
      '',
      'a',
      '',
      'b',
    ]);
  });

  it('tells that a marked message is there, and counts', () => {
    const reader = read(join(field(3, ''), field(4, 'x'), field(3, ''), field(4, '')));
    expect([...reader.marks]).toEqual(['each']);
    expect(reader.count).toBe(2);
  });

  it('passes over fields it does not know', () => {
    const unknown = join(
      Buffer.from([0x98, 0x06, 0xff, 0x01]),
      field(99, 'x'),
      Buffer.from([0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8]),
      Buffer.from([0xad, 0x06, 1, 2, 3, 4]),
    );
    expect(values(join(unknown, field(1, 'pub'), unknown))).toEqual(['pub']);
  });

  const attacks: [string, Uint8Array][] = [
    ['a field number 0', Buffer.from([0x02, 0x00])],
    ['a group', Buffer.from([0x9b, 0x06, 0x9c, 0x06])],
    ['the end of a group', Buffer.from([0x0c])],
    ['wire type 6', Buffer.from([0x9e, 0x06])],
    ['wire type 7', Buffer.from([0x9f, 0x06])],
    ['a name as a number', Buffer.from([0x08, 0x01])],
    ['a name as fixed bytes', Buffer.from([0x0d, 1, 2, 3, 4])],
    ['a message as a number', Buffer.from([0x10, 0x01])],
    ['a field that may not be there', field(5, 'x')],
    ['a length past the end', Buffer.from([0x0a, 0x05, 0x61])],
    ['a length past its message', field(2, Buffer.from([0x0a, 0x02, 0x61]))],
    ['an unknown length past the end', Buffer.from([0x9a, 0x06, 0x05])],
    ['fixed bytes cut short', Buffer.from([0x99, 0x06, 1, 2])],
    ['a number cut short', Buffer.from([0x98, 0x06, 0x80])],
    ['a tag cut short', Buffer.from([0x80])],
    ['a number of eleven bytes', Buffer.from([0x98, 0x06, ...Array(10).fill(0x80), 0x00])],
    ['a tag of eleven bytes', Buffer.from([...Array(10).fill(0x80), 0x01])],
    ['a tag past 32 bits', Buffer.from([0x8a, 0x80, 0x80, 0x80, 0x10, 0x00])],
    ['a length past 32 bits', Buffer.from([0x0a, 0x80, 0x80, 0x80, 0x80, 0x10])],
    ['a name that is no UTF-8', field(1, Buffer.from([0xff]))],
    ['an overlong name', field(1, Buffer.from([0xc1, 0xb3]))],
  ];

  it.each(attacks)('is refused for %s', (_, body) => {
    expect(reason(body)).not.toBe('');
  });

  it('is bounded in depth and in names', () => {
    const deep = (levels: number) => {
      let body: Uint8Array = field(2, 'sec');
      for (let at = 1; at < levels; at++) body = field(1, body);
      return field(6, body);
    };
    expect(values(deep(100)).at(-1)).toBe('sec');
    expect(reason(deep(101))).toContain('too deep');
    expect(reason(Buffer.concat(Array.from({ length: 20_001 }, () => field(3, ''))))).toContain(
      'too many',
    );
  });

  it('reads tags and lengths that are longer than need be', () => {
    expect(values(Buffer.from([0x8a, 0x80, 0x00, 0x83, 0x00, 0x73, 0x65, 0x63]))).toEqual(['sec']);
  });

  it('is read the same in slices of any size', () => {
    const body = join(
      field(1, 'a'),
      field(3, field(1, 'b')),
      field(6, field(1, field(2, 'c'))),
      field(4, ''),
    );
    const whole = read(body).mentions.map(({ value }) => value);
    expect(read(body, 16).mentions.map(({ value }) => value)).toEqual(whole);
  });
});

describe('rewriting a message', () => {
  it('mends the lengths of all messages around a name, however much they grow', () => {
    const body = field(6, field(1, join(field(2, 'short'), field(1, field(2, 'x')))));
    const reader = read(body);
    const long = 'n'.repeat(20_000);
    const rewrites = reader.mentions
      .filter(({ places }) => places.length > 0)
      .map((mention) => ({ mention, value: long }));
    const sent = rewriteMessage(Buffer.from(body), rewrites);
    expect(sent).toEqual(field(6, field(1, join(field(2, long), field(1, field(2, long))))));
  });

  it('writes every place of a name that is there more than once', () => {
    const body = join(field(1, 'a'), field(1, 'b'));
    const [mention] = read(body).mentions;
    if (!mention) throw new Error('no name');
    expect(rewriteMessage(Buffer.from(body), [{ mention, value: 'z' }])).toEqual(
      join(field(1, 'z'), field(1, 'z')),
    );
  });

  it('writes numbers as protobuf does', () => {
    for (const value of [0, 127, 128, 16_383, 16_384, 2 ** 32 - 1]) {
      const bytes = varint(value);
      expect(readVarint({ bytes, at: 0 }, bytes.length)).toBe(value);
    }
  });
});

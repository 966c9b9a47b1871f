import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonReader } from '../../../src/catalog/reading/json.ts';
import type { Shape } from '../../../src/catalog/reading/shape.ts';
import { Refusal } from '../../../src/refusal.ts';

const anything: Shape = {
  what: 'the body',
  members: new Map(),
  items: { what: 'an element', free: true },
};
const named: Shape = {
  what: 'the body',
  members: new Map([
    ['name', { what: 'name', text: true, mark: 'name' }],
    ['list', { what: 'list', items: { what: 'an element', text: true, mark: 'element' } }],
    ['payload', { what: 'payload', free: true }],
    ['inner', { what: 'inner', members: new Map(), nullable: true, mark: 'inner' }],
    ['gone', { what: 'gone', forbidden: true }],
  ]),
};

/** Reads in slices of this many bytes. */
function read(body: string | Buffer, shape: Shape = named, slice = 1 << 20): JsonReader {
  const reader = new JsonReader(Buffer.from(body as string), shape);
  while (!reader.advance(slice));
  return reader;
}

const reason = (body: string | Buffer, shape: Shape = named): string => {
  try {
    read(body, shape);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'unreadable-request') return error.message;
    throw error;
  }
  throw new Error('it was read');
};

describe('a JSON body', () => {
  it('gives its marked strings with their bytes', () => {
    const body = '{ "name" : "pub" , "list":["a","b"]}';
    const { mentions } = read(body);
    expect(mentions.map(({ mark, value }) => [mark, value])).toEqual([
      ['name', 'pub'],
      ['element', 'a'],
      ['element', 'b'],
    ]);
    expect(mentions.map(({ start, end }) => body.slice(start, end))).toEqual([
      '"pub"',
      '"a"',
      '"b"',
    ]);
  });

  it('is read by what its keys and names spell, not by how they are written', () => {
    expect(read('{"n\\u0061m\\u0065":"p\\u0075b"}').mentions[0]?.value).toBe('pub');
  });

  it('reports marked objects', () => {
    expect([...read('{"inner":{}}').marks]).toEqual(['inner']);
    expect([...read('{"inner":null}').marks]).toEqual([]);
  });

  it('may repeat keys in free-form data only, however they are written', () => {
    expect(() => read('{"payload":{"a":1,"a":{"b":1,"b":2}}}')).not.toThrow();
    expect(reason('{"name":"pub","name":"sec"}')).toContain('given twice');
    expect(reason('{"name":"pub","n\\u0061me":"sec"}')).toContain('given twice');
    expect(reason('{"x":{"y":[{"a":1,"b":2,"a":3}]}}')).toContain('given twice');
    const many = Array.from({ length: 40 }, (_, at) => `"k${at}":1`).join();
    expect(reason(`{${many},"k7":1}`)).toContain('given twice');
    expect(() => read(`{${many}}`)).not.toThrow();
  });

  it('has an object where a struct may stand, not its positional spelling', () => {
    expect(reason('[]')).toBe('the body must not be an array');
    expect(reason('{"inner":["sec"]}')).toBe('inner must not be an array');
    expect(reason('{"inner":"sec"}')).toBe('inner must not be a string');
    expect(reason('{"inner":1}')).toBe('inner must not be a number or literal');
    expect(reason('{"name":null}')).toBe('name must not be null');
    expect(reason('{"name":{"name":"sec"}}')).toBe('name must not be an object');
    expect(reason('{"list":[["sec"]]}')).toBe('an element must not be an array');
    expect(reason('"name"')).toBe('the body must not be a string');
  });

  it('may give null, and nothing else, where nothing may stand', () => {
    expect(() => read('{"gone":null}')).not.toThrow();
    expect(reason('{"gone":"sec"}')).toBe('gone is not supported');
    expect(reason('{"gone":{"collection":"sec"}}')).toBe('gone is not supported');
  });

  it('is one document in UTF-8 without a mark before it', () => {
    expect(reason('{}{}')).toContain('follows');
    expect(reason('{} x')).toContain('follows');
    expect(reason('\ufeff{}')).toContain('unexpected');
    expect(reason(Buffer.from('{}', 'utf16le'))).toContain('unexpected');
    expect(reason(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toContain('UTF-8');
    expect(reason('')).toContain('cut short');
    expect(() => read(' \t\r\n{} \n')).not.toThrow();
  });

  it('is refused where it is malformed outside free-form scalars', () => {
    for (const body of [
      '{',
      '{"a"',
      '{"a":',
      '{"a":1',
      '{"a":1,',
      '{"a":1,}',
      '{,}',
      '{a:1}',
      '{"a" 1}',
    ])
      expect(() => reason(body)).not.toThrow();
    for (const body of [
      "{'a':1}",
      '{"a":1]',
      '{"a":[1}',
      '{"a":NaN}',
      '{"a":"\\',
      '{"a"',
      '{"a":"b',
    ])
      expect(() => reason(body)).not.toThrow();
  });

  it('may have no lone surrogate and no bad escape in a key or a name', () => {
    expect(reason('{"name":"\\ud800"}')).toContain('surrogate');
    expect(reason('{"\\udc00":1}')).toContain('surrogate');
    expect(reason('{"name":"\\x41"}')).toContain('escape');
    expect(reason('{"na\nme":1}')).toContain('control');
    expect(read('{"name":"\\ud83d\\ude00"}').mentions[0]?.value).toBe('😀');
  });

  it('is bounded in depth, keys, length of keys and names', () => {
    const nested = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect(() => read(nested(126))).not.toThrow();
    expect(reason(nested(127))).toContain('too deep');
    expect(reason('['.repeat(100_000), anything)).toContain('too deep');
    const keys = Array.from({ length: 10_001 }, (_, at) => `"${at}":0`).join();
    expect(reason(`{${keys}}`)).toContain('too many keys');
    expect(reason(`{"${'k'.repeat(5000)}":1}`)).toContain('too long');
    const names = Array.from({ length: 20_001 }, () => '"a"').join();
    expect(reason(`{"list":[${names}]}`)).toContain('too many names');
  });

  it('is read the same in slices of any size', () => {
    const body =
      '{"x":[1,2.5e3,null,[true,{"k":"v\\"}"}],"s"],"name":"p\\u0075b","list":["a"],"y":-12}';
    const whole = read(body).mentions;
    for (let slice = 1; slice < body.length; slice++)
      expect(read(body, named, slice).mentions).toEqual(whole);
  });

  it('is accepted whatever JSON it is, in slices of any size', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6 }),
        fc.integer({ min: 1, max: 40 }),
        (value, slice) => {
          const body = JSON.stringify({ x: value });
          expect(() => read(body, named, slice)).not.toThrow();
        },
      ),
    );
  });

  it('is accepted only where a parser of the standard accepts it, scalars aside', () => {
    const piece = fc.constantFrom('{', '}', '[', ']', '"a"', '"b"', ':', ',', '1', 'null', ' ');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const body = pieces.join('');
        const parses = succeeds(() => JSON.parse(body));
        const reads = succeeds(() => read(`{"x":${body}}`));
        if (parses && !repeatsKeys(body)) expect(reads).toBe(true);
        if (reads && !parses) expect(loose(body)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

function succeeds(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

function repeatsKeys(body: string): boolean {
  return /"a"\s*:[\s\S]*"a"\s*:|"b"\s*:[\s\S]*"b"\s*:/.test(body);
}

/** What is read and is no JSON must be so by its scalars and the commas of an array alone. */
function loose(body: string): boolean {
  const scalars = /\d|null|,/.test(body);
  const balanced = body.split(/[{[]/).length === body.split(/[}\]]/).length;
  return scalars && balanced;
}

describe('where keys are matched in any case', () => {
  const shape = {
    what: 'the body',
    members: new Map([['dbName', { what: 'dbName', text: true, mark: 'database' } as const]]),
    needed: ['dbName'],
  };
  const anyCase = { watched: new Map([['functions', 'functions']]) };
  const read = (text: string) => {
    const reader = new JsonReader(Buffer.from(text), shape, anyCase);
    while (!reader.advance(1 << 20));
    return reader;
  };

  it.each(['DBNAME', 'dbname', 'DbName'])('%s beside the listed key is refused', (key) => {
    expect(() => read(`{"dbName":"a","${key}":"b"}`)).toThrow(Refusal);
    expect(() => read(`{"${key}":"b"}`)).toThrow(/another case/);
  });

  it.each([
    ['\u017f', 's'],
    ['\u212a', 'k'],
    ['\u0130', 'i'],
    ['A', 'a'],
  ])('%s and %s are one key, at any depth', (one, other) => {
    expect(() => read(`{"dbName":"a","x":[{"${one}":1,"${other}":2}]}`)).toThrow(/twice/);
  });

  it('reports watched keys wherever they stand, however they are written', () => {
    const { mentions } = read('{"dbName":"a","x":{"Functions" : []},"y":[{"func\\u0074ions":1}]}');
    expect(mentions.map(({ mark }) => mark)).toEqual(['database', 'functions', 'functions']);
  });

  it('knows a needed key', () => {
    expect(read('{"dbName":"a"}').mentions).toHaveLength(1);
    expect(() => read('{}')).toThrow(/must have dbName/);
  });
});

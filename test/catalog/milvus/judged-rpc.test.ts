import fc from 'fast-check';
import type { Field, Type } from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { operations } from '../../../src/catalog/milvus/operations.ts';
import type { Row } from '../../../src/catalog/milvus/row.ts';
import type { Need } from '../../../src/catalog/operation.ts';
import { varint } from '../../../src/catalog/reading/wire.ts';
import { Refusal } from '../../../src/refusal.ts';
import { intentOf, known, sentIn } from './asked.ts';
import { messageIn, requestOf, root } from './descriptions.ts';

/** Fields by their names, as the client's descriptions read them: another reader than ours. */
type Read = Readonly<Record<string, unknown>>;

const names = ['pub', 'pub', 'pub', 'pub', 'pub', 'sec', 'to_pub', 'to_sec', 'other', ''];
const databases = ['default', 'tenant', ''];
const ids = ['0', '11', '12', '21', '99'];
const schemaType = root.lookupType('milvus.proto.schema.CollectionSchema');

const delimited = (number: number, value: Uint8Array) =>
  Buffer.concat([varint(number * 8 + 2), varint(value.length), value]);
/** The same field, its tag and length written longer than need be. */
const long = (value: number) => {
  const short = Buffer.from(varint(value));
  short[short.length - 1] = (short.at(-1) as number) | 0x80;
  return Buffer.concat([short, Buffer.from([0x80, 0x00])]);
};
const delimitedLong = (number: number, value: Uint8Array) =>
  Buffer.concat([long(number * 8 + 2), long(value.length), value]);

const isDatabase = (name: string) => /^(target_)?(db_?name|database)$|^newDBName$/i.test(name);

function textFor({ name }: Field): fc.Arbitrary<Buffer> {
  const texts = isDatabase(name) ? databases : names;
  return fc.constantFrom(...texts).map((text) => Buffer.from(text));
}

/** One field, right or nearly right. */
function piece(field: Field, depth: number): fc.Arbitrary<Buffer> {
  const inner = messageIn(field);
  const isSchema = field.name === 'schema' && field.type === 'bytes';
  const schema = field.parent?.name === 'CreateCollectionRequest' ? schemaType : null;
  const content = inner ?? (isSchema ? schema : null);
  if (content && depth > 0) return wrapped(field.id, messageOf(content, depth - 1));
  if (content || field.map) return fc.constant(delimited(field.id, Buffer.alloc(0)));
  if (field.type === 'string' || field.type === 'bytes') return wrapped(field.id, textFor(field));
  if (field.type === 'double') return fc.constant(Buffer.from([field.id * 8 + 1, ...new Array(8)]));
  const numbers = field.name === 'dsl_type' ? ['1', '1', '1', '0'] : ids;
  const number = fc.constantFrom(...numbers).map((id) => varint(Number(id)));
  return number.map((value) => Buffer.concat([varint(field.id * 8), value]));
}

function wrapped(number: number, content: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(content, fc.nat(9))
    .map(([value, way]) => (way === 0 ? delimitedLong : delimited)(number, value));
}

const noise = fc.constantFrom(
  delimited(900, Buffer.from('x')),
  Buffer.from([3 * 8, 1]),
  Buffer.from([2 * 8 + 5, 1, 2, 3, 4]),
  Buffer.from([0x0b, 0x0c]),
);

/** Without its kind of expression no search is read. */
function perhaps(field: Field, depth: number): fc.Arbitrary<Buffer> {
  if (field.name === 'dsl_type') return piece(field, depth);
  return fc.option(piece(field, depth), { nil: Buffer.alloc(0) });
}

/** Each field of a message or not, in any order, now and then one twice or noise between. */
function messageOf(type: Type, depth: number): fc.Arbitrary<Buffer> {
  const fields = type.fieldsArray;
  if (fields.length === 0) return fc.constant(Buffer.alloc(0));
  const known = fc
    .tuple(...fields.map((field) => perhaps(field, depth)))
    .chain((pieces) => fc.shuffledSubarray(pieces, { minLength: pieces.length }));
  const wrong = fc.oneof(noise, ...fields.map((field) => piece(field, depth)));
  const nothing = fc.constant(Buffer.alloc(0));
  const more = fc.oneof({ weight: 5, arbitrary: nothing }, { weight: 1, arbitrary: wrong });
  return fc.tuple(known, more).map(([pieces, extra]) => Buffer.concat([...pieces, extra]));
}

/** Every collection, and every name that may become one, that Milvus touches for a message: it looks
 * for the database in the body first, resolves aliases, takes an id where no name is given. */
function touched(path: string, bytes: Uint8Array, dbname: string): Set<string> {
  const read = readAs(requestOf(path), bytes);
  if (read === null) return new Set();
  const own = String(read['db_name'] || read['dbName'] || dbname || 'default');
  const found = new Set<string>();
  const add = (database: string, name: unknown) => {
    if (typeof name !== 'string' || name === '') return;
    found.add(known.resolve(`${database}/${name}`));
  };
  const target = String(read['newDBName'] || read['target_db_name'] || own);
  for (const [key, value] of Object.entries(read)) {
    const into = /^(newName|target_collection_name)$/.test(key);
    if (into || /^(collection_?names?|oldName|alias)$/i.test(key)) {
      for (const name of [value].flat()) add(into ? target : own, name);
    }
    const inner = key === 'schema' && Buffer.isBuffer(value) ? readAs(schemaType, value) : null;
    if (inner && path.endsWith('/CreateCollection'))
      add(String(inner['dbName'] || own), inner['name']);
    if (/^(requests|flush_targets|entity)$/.test(key)) {
      for (const one of [value].flat() as Read[]) {
        const inside = String(one['db_name'] || own);
        const within = [one['collection_name'], one['collection_names'], one['object_name']];
        for (const name of within.flat()) add(inside, name);
      }
    }
  }
  const named = read['collection_name'] || read['collectionName'];
  const id = String(read['collectionID'] ?? '0');
  if (!named && id !== '0') found.add(known.withId(id) ?? `#${id}`);
  // Where it names no collection it reaches its database.
  const database = read['database'] || read['target_database'] || own;
  if (found.size === 0 && tellsDatabase(path)) found.add(`${database}/`);
  return found;
}

function tellsDatabase(path: string): boolean {
  return requestOf(path).fieldsArray.some(({ name }) => isDatabase(name));
}

/** Null where it is no such message: Milvus touches nothing then. */
function readAs(type: Type, bytes: Uint8Array): Read | null {
  try {
    return type.toObject(type.decode(bytes), { longs: String }) as Read;
  } catch {
    return null;
  }
}

/** Whether this was judged: by itself or, where a request is about the server as a whole, by a need of
 * the whole server. What reaches beside its collection has both needs, and its collection by itself. */
function isJudged(key: string, { about, beyond }: Row, needs: readonly Need[]): boolean {
  const whole = needs.some(({ collection, database }) => collection === null && database === null);
  if (whole && ((about === 'server' && !beyond) || key.endsWith('/'))) return true;
  return needs.some(({ database, collection }) => {
    if (!collection) return `${database}/` === key;
    const { named, resolved } = collection;
    return known.resolve(`${database}/${named}`) === key || `${database}/${resolved}` === key;
  });
}

const rows = operations.filter(({ rpc }) => rpc !== null);

describe('what is judged holds all that the database touches', () => {
  it.each(rows)('$name', (row) => {
    const path = row.rpc?.path as string;
    let passed = 0;
    fc.assert(
      fc.property(messageOf(requestOf(path), 2), fc.constantFrom(...databases), (body, dbname) => {
        let intent: ReturnType<typeof intentOf>;
        try {
          intent = intentOf(path, body, { dbname });
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
          return;
        }
        passed++;
        const { fields } = intent.request;
        const told = fields[0] === 'dbname' ? (fields[1] as string) : '';
        const reached = touched(path, sentIn(intent.request), told);
        expect([...reached].filter((key) => !isJudged(key, row, intent.needs))).toEqual([]);
        // Nothing is reached that was not asked for, either; what is cut out may be no message.
        const before = touched(path, body, dbname);
        if (before.size > 0) expect([...before].sort()).toEqual([...reached].sort());
      }),
      { numRuns: 150 },
    );
    expect(passed).toBeGreaterThan(3);
  });
});

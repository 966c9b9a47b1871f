import { Refusal } from '../../refusal.ts';
import type { Names } from '../operation.ts';
import { unreadable } from '../reading/unreadable.ts';
import type { Mention } from './message.ts';
import type { MessageReader } from './message-reader.ts';
import { checkName, defaultDatabase, keyOf } from './name.ts';
import { needOf } from './need.ts';
import { outsideOf } from './outside.ts';
import type { Given, Row } from './row.ts';
import { workOf } from './work.ts';

/** A call whose message has been read. */
export interface Call {
  readonly row: Row;
  readonly bytes: Buffer;
  readonly mentions: readonly Mention[];
  /** The keys of the names it gives. */
  readonly keys: readonly string[];
  /** The rows of an insert; 0 for any other call. */
  readonly points: number;
  /** The searches in it; left out of any other call. */
  readonly work?: number;
  /** What it gives; `id`: the collection's name, where only its id is given. */
  named(names: Names): { readonly given: Given; readonly id: string | null };
}

/** How many collections and aliases one request may name: each is judged and recorded. */
const mostNames = 1000;
const nameOf: Readonly<Record<string, string>> = {
  collection: 'collection',
  'new-collection': 'collection',
  'target-collection': 'collection',
  'target-database': 'database',
  alias: 'alias',
  partition: 'partition',
};

/**
 * What a call is about: `dbname` is the database of its metadata, empty where it gives none. Throws
 * `Refusal` unreadable-request where it contradicts itself or a name is outside the grammar.
 */
export function callOf(row: Row, reader: MessageReader, dbname: string): Call {
  const { bytes, mentions } = reader;
  const database = databaseOf(row, mentions, dbname);
  checkNames(mentions);
  const texts = mentions.filter(({ value }) => value !== '');
  const collections = texts.filter(({ mark }) => mark === 'collection');
  const idOnly = collections.length === 0 ? idIn(texts) : null;
  if (row.about === 'collection' && collections.length === 0 && idOnly === null) {
    throw unreadable('the request names no collection');
  }
  checkEchoes(mentions, database, collections[0]?.value ?? '');
  const given: Given = {
    ...{ protocol: 'grpc', row, database, texts },
    outside: outsideOf(mentions),
    body: bytes,
  };
  const work = workOf(bytes, mentions);
  return {
    ...{ row, bytes, mentions },
    keys: keysOf(given),
    points: Number(textOf(mentions, 'rows')),
    ...(work === undefined ? {} : { work }),
    named: (names) => (idOnly === null ? { given, id: null } : byId(given, idOnly, names)),
  };
}

/** Throws `Refusal` unreadable-request where a name is outside the grammar. */
export function checkNames(texts: Given['texts']): void {
  for (const { mark, value } of texts) {
    const what = nameOf[mark];
    if (what !== undefined && value !== '') checkName(what, value);
  }
}

/** The body's, the metadata's, `default`: both upstream's ways to name it must say the same. */
function databaseOf(row: Row, mentions: readonly Mention[], dbname: string): string {
  const inside = textOf(mentions, 'database');
  if (row.ownDatabase && row.action !== 'list' && inside === '') {
    throw unreadable('the request names no database');
  }
  if (inside !== '' && dbname !== '' && inside !== dbname && !row.ownDatabase) {
    throw unreadable('the database of the message is not the one of the metadata');
  }
  const database = inside || dbname || defaultDatabase;
  checkName('database', database);
  return database;
}

/** A name that Milvus ignores, or takes in place of the outer one, may say nothing else. */
function checkEchoes(mentions: readonly Mention[], database: string, collection: string): void {
  for (const { mark, value } of mentions) {
    if (value === '') continue;
    if (mark === 'echo' && value !== collection) {
      throw unreadable('a part of the message names another collection');
    }
    if (mark === 'echo-database' && value !== database) {
      throw unreadable('a part of the message names another database');
    }
  }
}

/** The keys of the names that a request gives. */
export function keysOf({ database, texts }: Given): readonly string[] {
  const target = texts.find(({ mark }) => mark === 'target-database')?.value ?? database;
  const keys = new Set<string>();
  for (const { mark, value } of texts) {
    if (mark === 'collection' || mark === 'alias') keys.add(keyOf(database, value));
    if (mark === 'new-collection' || mark === 'target-collection') keys.add(keyOf(target, value));
  }
  if (keys.size > mostNames) throw unreadable('the request names too many collections');
  return [...keys];
}

/** The id that stands for a name; zero is none. */
function idIn(texts: Given['texts']): string | null {
  return texts.find(({ mark, value }) => mark === 'id' && value !== '0')?.value ?? null;
}

/** Whether the id is nobody's or in another database is not told apart from a denial. */
function byId(given: Given, id: string, names: Names): { given: Given; id: string } {
  const { row, database, texts } = given;
  const key = names.withId(id);
  if (key === null || !key.startsWith(`${database}/`)) {
    const told = row.denial(needOf(row, database, null), false);
    throw new Refusal('not-permitted', `no collection of ${database} has the id ${id}`, { told });
  }
  const name = key.slice(database.length + 1);
  const named = { mark: 'collection', value: name };
  return { given: { ...given, texts: [...texts, named] }, id: name };
}

function textOf(mentions: readonly Mention[], mark: string): string {
  return mentions.find((mention) => mention.mark === mark)?.value ?? '';
}

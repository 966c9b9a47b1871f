import type { Head, Located, Names, Reading, Rebuilt } from '../operation.ts';
import type { Mention } from '../reading/shape.ts';
import { unreadable } from '../reading/unreadable.ts';
import { checkNames, keysOf } from './call.ts';
import { checkName, defaultDatabase } from './name.ts';
import { judge } from './need.ts';
import { referTo } from './reference.ts';
import { type Body, readBody, rewriteBody } from './rest-body.ts';
import { readNames } from './rest-query.ts';
import type { Given, RestPlan, Row, RowOf } from './row.ts';

/** What the head of a REST request gives. */
interface Found {
  readonly row: Row;
  readonly plan: RestPlan;
  /** The header `DB-Name`; empty where there is none. */
  readonly header: string;
  /** The names of its query string. */
  readonly query: Given['texts'];
  readonly fields: readonly string[];
  readonly rowOf: RowOf;
}

const nothing = Buffer.alloc(0);
const noKeys = Buffer.from('{}');
/** Beside these only what the gateway writes goes upstream. */
const passing = ['request-timeout', 'accept-type-allow-int64'];

/** A REST request matched to its row. Throws `Refusal` unreadable-request. */
export function locateRest(row: Row, plan: RestPlan, head: Head, rowOf: RowOf): Located {
  const found: Found = {
    ...{ row, plan, rowOf },
    header: head.field('db-name') ?? '',
    query: readNames(head.target, plan.query),
    fields: passing.flatMap((name) => {
      const value = head.field(name);
      return value === undefined ? [] : [name, value];
    }),
  };
  const told = plan.shape === null || (row.about === 'server' && row.judge === null);
  const early = told ? givenBy(found, found.query, null) : null;
  return {
    operation: row,
    hold: plan.shape === null ? 0 : plan.cap,
    names: early === null ? [] : keysOf(early),
    needs: (names) => (early === null ? [] : (row.judge ?? judge)(early, names, rowOf).needs),
    read: (held) => {
      const body = readBody(plan, held);
      return body instanceof Promise
        ? body.then((whole) => readingOf(found, whole))
        : readingOf(found, body);
    },
  };
}

function readingOf(found: Found, body: Body): Reading {
  const { row, rowOf } = found;
  const said = givenBy(found, [...found.query, ...body.mentions], body.outside);
  const given = { ...said, body: body.bytes };
  return {
    names: keysOf(given),
    intent: (names) => ({
      operation: row,
      ...(row.judge ?? judge)(given, names, rowOf),
      request: rebuild(found, given, body, names),
      points: body.points,
      ...(body.work === undefined ? {} : { work: body.work }),
    }),
  };
}

/** What the server as a whole is asked may name anything, `*` too: it is not looked into. */
function isBlind(row: Row): boolean {
  return row.about === 'server' && !row.beyond;
}

function givenBy(found: Found, said: Given['texts'], outside: string | null): Given {
  const { row, plan } = found;
  const database = databaseOf(found, said);
  const texts = isBlind(row) ? [] : said.filter(({ value }) => value !== '');
  checkNames(texts);
  if (row.about === 'collection' && !texts.some(({ mark }) => mark === 'collection')) {
    throw unreadable('the request names no collection');
  }
  return { protocol: 'http', version: plan.version, row, database, texts, outside };
}

/** The body's or query's, the header's, `default`: all that say one must say the same. */
function databaseOf({ row, plan, header }: Found, said: Given['texts']): string {
  if (header !== '') checkName('database', header);
  if (isBlind(row)) return header || defaultDatabase;
  const inside = said.find(({ mark }) => mark === 'database')?.value ?? '';
  if (row.ownDatabase) {
    if (inside === '' && row.action !== 'list') throw unreadable('the request names no database');
  } else if (header !== '' && inside !== '' && inside !== header) {
    throw unreadable('the database of the body is not the one of the header DB-Name');
  }
  const database = inside || header || defaultDatabase;
  checkName('database', database);
  const reached = reachedBy(plan, inside);
  if (reached !== null && reached !== database) {
    throw unreadable(`this is done in the database ${reached}, whatever the header DB-Name says`);
  }
  return database;
}

/** The database that Milvus would take where it reads no header; null where it reads it. */
function reachedBy({ version, onlyDefault }: RestPlan, inside: string): string | null {
  if (onlyDefault) return defaultDatabase;
  return version === 1 ? inside || defaultDatabase : null;
}

function rebuild(found: Found, given: Given, body: Body, names: Names): Rebuilt {
  const { plan, row } = found;
  const { method } = plan;
  const typed = ['content-type', 'application/json'];
  // Whoever is known may ask for it: whether a database is there must not show in how it is
  // answered.
  if (row.about === 'server' && row.action === 'list') {
    return { method, target: plan.path, fields: [...typed, ...found.fields], body: noKeys };
  }
  const blind = isBlind(row);
  const bound = !blind && !plan.onlyDefault;
  const database = blind ? found.header : given.database;
  const named = plan.version === 2 && database !== '' && !plan.onlyDefault;
  const fields = named ? [...found.fields, 'db-name', database] : found.fields;
  if (plan.shape === null) {
    return { method, target: plan.path + queryOf(plan, given, names), fields, body: nothing };
  }
  const written = body.mentions.some(({ mark }) => mark === 'database');
  const replacements = blind ? [] : replaced(given, body.mentions, names);
  return {
    method,
    target: plan.path,
    fields: [...typed, ...fields],
    ...rewriteBody(body.bytes, replacements, bound && !written ? database : null),
  };
}

function replaced(given: Given, mentions: readonly Mention[], names: Names) {
  return mentions.flatMap((mention) => {
    const value = standing(given, mention, names);
    return value === mention.value ? [] : [{ mention, value }];
  });
}

/** What is to stand where this stood: the database that is judged, and the collection. */
function standing(
  { row, database }: Given,
  { mark, value }: Given['texts'][number],
  names: Names,
): string {
  if (mark === 'database') return database;
  if (mark !== 'collection' || value === '') return value;
  return referTo(row, database, value, names).resolved;
}

function queryOf({ query }: RestPlan, given: Given, names: Names): string {
  const parts = query.flatMap((name) => {
    const mark = name === 'dbName' ? 'database' : 'collection';
    const text = given.texts.find((each) => each.mark === mark);
    const value = text ? standing(given, text, names) : mark === 'database' ? given.database : '';
    return value === '' ? [] : [`${name}=${value}`];
  });
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

import fc from 'fast-check';
import { operations } from '../../../src/catalog/milvus/operations.ts';
import type { Intent } from '../../../src/catalog/operation.ts';
import { Refusal } from '../../../src/refusal.ts';
import {
  type Finder,
  type Json,
  type JsonObject,
  likeGjson,
  likeSonic,
  readJson,
} from '../../support/milvus/json.ts';
import { asked, known } from './rest-asked.ts';

/** A request as a client may send it. */
export interface RestAsked {
  readonly route: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** Every route with a body: each takes the name of a database. */
const routes = operations.flatMap(({ rest }) =>
  rest.flatMap(({ method, path, shape, closed }) =>
    shape !== null && closed === undefined ? [`${method} ${path}`] : [],
  ),
);
const names = ['pub', 'sec', 'to_pub', 'to_sec', 'tenant', 'default', 'fresh'];

const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>, seldom: fc.Arbitrary<T>) =>
  fc.oneof({ weight, arbitrary }, { weight: 1, arbitrary: seldom });
const spoilt = fc.constantFrom(
  'null',
  '5',
  '["sec"]',
  '{"a":"sec"}',
  '""',
  '" sec"',
  '"se\\u0063"',
);
const nameText = often(
  12,
  fc.constantFrom(...names).map((each) => JSON.stringify(each)),
  spoilt,
);

/** How a key may be spelled. */
const spellings: readonly ((key: string) => string)[] = [
  (key) => key.toUpperCase(),
  (key) => key.toLowerCase(),
  (key) => key.replace('N', '\\u004e'),
  (key) => key.replace('s', '\u017f'),
  (key) => key.replace('k', '\u212a'),
  (key) => `${key} `,
  (key) => `${key}\\u0000`,
];

function keyText(key: string): fc.Arbitrary<string> {
  const spelled = fc.constantFrom(...spellings).map((spell) => `"${spell(key)}"`);
  return often(15, fc.constant(`"${key}"`), spelled);
}

const naming = [
  ...['dbName', 'collectionName', 'aliasName', 'newCollectionName', 'newDbName'],
  'targetCollectionName',
];
const member = often(
  6,
  fc.constantFrom(...naming).chain((key) => fc.tuple(keyText(key), nameText)),
  fc
    .constantFrom('data', 'search', 'id', 'limit', 'partitionNames', 'collectionID', 'zzz')
    .chain((key) =>
      fc.tuple(
        keyText(key),
        fc.constantFrom('1', '[[0.1]]', '[{"dbName":"tenant","DBNAME":"x"}]', '["p"]', '"}"'),
      ),
    ),
).map(([key, value]) => `${key}:${value}`);

/** Every name that a route wants, some of them twice or in disguise, in any order. */
function bodyOn(route: string): fc.Arbitrary<string> {
  const base = wanted(route).filter((key) => key !== 'dbName');
  const keys = fc.boolean().map((told) => (told ? ['dbName', ...base] : base));
  return fc
    .tuple(
      keys,
      fc.array(member, { maxLength: 2 }).chain((some) => fc.constantFrom([], [], some)),
      fc.constantFrom('', ' ', '\n'),
      often(15, fc.constant(''), fc.constantFrom('{"collectionName":"sec"}', ' ', '\0', '//')),
    )
    .chain(([keys, more, blank, tail]) =>
      fc
        .tuple(...keys.map((key) => nameText.map((name) => `"${key}":${name}`)))
        .chain((members) => {
          const all = [...members, ...more];
          return fc.shuffledSubarray(all, { minLength: all.length });
        })
        .map((members) => `${blank}{${blank}${members.join(`${blank},`)}}${tail}`),
    );
}

/** The keys of a route by which it names something. */
function wanted(route: string): string[] {
  const plan = operations
    .flatMap(({ rest }) => rest)
    .find(({ method, path }) => `${method} ${path}` === route);
  return naming.filter((key) => plan?.shape?.known?.has(key));
}

const headers = fc
  .option(fc.constantFrom('default', 'tenant', '', 'a b'), { freq: 3 })
  .map((value): Record<string, string> => (value === null ? {} : { 'db-name': value }));

const queries = fc
  .array(
    fc.tuple(
      fc.constantFrom('dbName', 'collectionName', 'DBNAME', 'db%4eame'),
      fc.constantFrom(...names, '', '%73ec', 'sec;dbName=tenant'),
    ),
    { maxLength: 3 },
  )
  .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.map((pair) => pair.join('=')).join('&')}`));

const gets = fc.record({
  route: fc
    .tuple(fc.constantFrom('', '/describe'), queries)
    .map(([end, query]) => `GET /v1/vector/collections${end}${query}`),
  fields: headers,
  body: fc.constant(null),
});
const posts = fc
  .constantFrom(...routes)
  .chain((route) => fc.record({ route: fc.constant(route), fields: headers, body: bodyOn(route) }));

/** Requests that name databases, collections and aliases in every way that a body, a header and a
 * query string have. */
export const restAsked: fc.Arbitrary<RestAsked> = fc.oneof({ weight: 6, arbitrary: posts }, gets);

/** What a plain reading of what is forwarded reaches and nobody judged; null where nothing is
 * forwarded. */
export async function unjudged({ route, body, fields }: RestAsked): Promise<string[] | null> {
  const intent = await asked(route, body, fields).catch((error: unknown) => {
    if (error instanceof Refusal && error.code !== 'gateway-fault') return null;
    throw error;
  });
  if (intent === null) return null;
  const reached = [likeSonic, likeGjson].flatMap((find) => touchedBy(intent, find));
  if (isWhole(intent)) return [];
  const judged = judgedBy(intent);
  return [...new Set(reached)].filter((name) => !judged.has(name));
}

/** Whether the server as a whole was judged, by itself. What reaches beside its collection has that need
 * too, and its collection's. */
function isWhole({ operation, needs }: Intent): boolean {
  const whole = needs.some(({ collection, database }) => collection === null && database === null);
  return whole && needs.length === 1 && !operation.beyond;
}

function judgedBy({ needs }: Intent): Set<string> {
  return new Set(
    needs.flatMap(({ database, collection }) =>
      collection === null
        ? [`${database}/`]
        : [`${database}/${collection.named}`, `${database}/${collection.resolved}`],
    ),
  );
}

/** Every name that the database would act on, as Milvus computes them. */
function touchedBy({ operation, request }: Intent, find: Finder): string[] {
  const [path = '', query] = request.target.split('?');
  const text = (key: string) =>
    query === undefined && request.method === 'POST'
      ? textOf(find(bodyOf(request.body), key))
      : (new URLSearchParams(query ?? '').get(key) ?? '');
  const header = path.startsWith('/v2/') ? headerOf(request.fields, 'db-name') : '';
  const onlyDefault = path.endsWith('/transfer_replica');
  const database = (onlyDefault ? '' : text('dbName') || header) || 'default';
  const within = (inside: string, key: string) => {
    const name = text(key);
    return name === '' ? [] : [known.resolve(`${inside}/${name}`)];
  };
  const touched = [
    // By their own ids, of whichever collection: nothing less than the server is judged with them.
    ...(path.endsWith('/segments/describe') ? ['any collection'] : []),
    ...within(database, 'collectionName'),
    ...within(database, 'targetCollectionName'),
    ...within(text('newDbName') || database, 'newCollectionName'),
    ...(path.includes('/aliases/') && text('aliasName') !== ''
      ? [`${database}/${text('aliasName')}`, ...within(database, 'aliasName')]
      : []),
  ];
  return touched.length === 0 && operation.inDatabase ? [`${database}/`] : touched;
}

function bodyOf(body: Uint8Array | null): JsonObject {
  const read = readJson(Buffer.from(body ?? []).toString('utf8'));
  return read as JsonObject;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function headerOf(fields: readonly string[], name: string): string {
  const at = fields.indexOf(name);
  return at === -1 ? '' : (fields[at + 1] ?? '');
}

import { readFileSync } from 'node:fs';

/** One exchange with a real Milvus 2.3.5. */
export interface Recorded {
  readonly case: string;
  readonly request: {
    readonly method: string;
    readonly target: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | null;
  };
  readonly response: {
    readonly status: number;
    readonly body: string;
  };
}

const file = '../../data/milvus-transcripts/3-rest-v1-raw.jsonl';
/** The exact requests that a real Milvus was sent, in their order. */
export const recorded = readFileSync(new URL(file, import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

/** What is decided of a recorded request: what it needs, or how it is refused; and why. */
export type Verdict = readonly [decided: string, why: string];

const search: Verdict = ['read default/products', 'a plain search'];
const list: Verdict = ['list default', 'trimmed to what may be listed'];
const credential = 'its credential is judged before this: replay-rest.test.ts';
const unread = 'unreadable-request';
const unknown = 'unknown-operation';

/** What is decided of each. */
export const verdicts: Readonly<Record<string, Verdict>> = {
  list,
  'list db': ['list db1', 'the query of a GET names the database'],
  'list db twice': [unread, 'Go takes the first of two, another reader the last'],
  describe: ['list default/products', 'the query of a GET names the collection'],
  'describe missing': ['list default/nothing', 'whether it exists is told to whoever may list it'],
  'no credential': ['list default', credential],
  basic: ['list default', credential],
  'wrong password': ['list default', credential],
  'bearer lower case': ['list default', credential],
  'bob not granted': ['list default/docs2', 'the policy decides, not Milvus’s public role'],
  search,
  'search: duplicate name': [unread, 'sonic takes the last, gjson the first'],
  'search: name in another case': [unread, 'sonic takes it for collectionName, gjson does not'],
  'search: both cases, other last': [unread, 'to sonic they are one key given twice'],
  'search: both cases, other first': [unread, 'to sonic they are one key given twice'],
  'search: escaped key': ['read default/products', 'every reader undoes the escape'],
  'search: long s': ['read default/products', 'as it was recorded there is no long s in it'],
  'search: db in body': ['read db1/products', 'the body names the database'],
  'search: db in another case': [unread, 'sonic takes it for dbName, a plain reader does not'],
  'search: unknown key': [unread, 'a newer Milvus may know it, and read a name in it'],
  'search: two documents': [unread, 'this Milvus ignores the second; another may not'],
  'search: array': [unread, 'Milvus refuses it as well'],
  'search: comment': [unread, 'Milvus refuses it as well'],
  'search: bom': [unread, 'Milvus refuses it as well'],
  'search: not json': [unread, 'Milvus refuses it as well'],
  'search: null name': [unread, 'Milvus refuses it as well'],
  'search: number name': [unread, 'Milvus refuses it as well'],
  'search: missing collection': ['read default/nothing', 'a name that leads nowhere is judged so'],
  'search: db in query string': [unread, 'this Milvus ignores it, whoever sent it meant it'],
  'search: no content type': ['read default/products', 'Milvus never looks at it; we write it'],
  'search: form content type': ['read default/products', 'Milvus never looks at it; we write it'],
  'search: dbname header': ['read default/products', 'no header of REST; it is not passed on'],
  'get: big id': ['read default/products', 'the bytes of the id are not touched'],
  query: ['read default/products', 'a plain query'],
  insert: ['write default/products', 'one row alone'],
  delete: ['write default/products', 'by an id that v1 reads from the raw body'],
  'path: //v1/vector/collections': [unknown, 'Milvus has no such path either'],
  'path: /v1//vector/collections': [unknown, 'Milvus has no such path either'],
  'path: /v1/vector/collections/': [unknown, 'Milvus redirects; only a route’s very bytes pass'],
  'path: /v1/vector/./collections': [unknown, 'Milvus has no such path either'],
  'path: /v1/vector/x/../collections': [unknown, 'Milvus has no such path either'],
  'path: /V1/vector/collections': [unknown, 'Milvus has no such path either'],
  'path: /v1/vector/%63ollections': [unknown, 'Milvus decodes it; only a route’s very bytes pass'],
  'path: /v2/vectordb/collections/list': [unknown, 'all of v2 is a POST'],
  'path: /api/v1/health': [unknown, 'another port’s API'],
  'path: /': [unknown, 'Milvus has no such path either'],
  'path: /healthz': [unknown, 'another port’s API'],
  'path: /metrics': [unknown, 'another port’s API'],
  drop: ['manage default/nothing', 'judged by the name as it stands'],
};

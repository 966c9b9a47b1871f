import { type Json, type JsonObject, likeGjson, likeSonic, readJson } from './json.ts';
import { notJson, type RestCall, textOf } from './rest-call.ts';
import { routes } from './rest-routes.ts';
import { Failure, type Store, type Touch } from './store.ts';

/** A REST request as it came. */
export interface RestRequest {
  readonly method: string;
  readonly target: string;
  readonly body: Buffer;
  /** The first of a header. */
  readonly field: (name: string) => string | undefined;
}

/** A REST answer. */
export interface RestAnswer {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a REST double knows beside the request. */
interface Behind {
  readonly store: Store;
  readonly touch: Touch;
  /** Whether a credential counts; null where none is asked for. */
  readonly admits: ((user: string, password: string) => boolean) | null;
  /** Whether a route that it does not know succeeds with nothing. */
  readonly lenient: boolean;
}

const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-credentials': 'true',
};
const notFound: RestAnswer = { status: 404, fields: { 'content-type': 'text/plain' }, body: '404' };
const empty: JsonObject = { members: [] };

/**
 * Answers a request of REST v1 as Milvus 2.3.5 was recorded to, of v2 as handler_v2.go reads. A body
 * is read twice: once to be bound, in any case and the last counts, once raw, in this case and the
 * first counts. It knows the routes of `rest-routes.ts`; it checks no types of fields, no
 * partitions, no rights, and of an expression what `rowsWhere` does.
 */
export function answerRest(behind: Behind, request: RestRequest): RestAnswer {
  const { method, field } = request;
  const [raw = '', query = ''] = request.target.split('?', 2) as [string, string?];
  const path = decodeURIComponent(raw);
  const version = path.startsWith('/v1/vector/') ? 1 : 2;
  if (!path.startsWith('/v1/vector/') && !path.startsWith('/v2/vectordb/')) return notFound;
  if (path.endsWith('/')) {
    return { status: 301, fields: { location: path.slice(0, -1) }, body: '' };
  }
  if (version === 2 && method !== 'POST') return notFound;
  const found = routes.get(`${method} ${path}`);
  if (!found && !behind.lenient) return notFound;
  if (behind.admits && !admitted(behind.admits, field('authorization') ?? '')) {
    return told(401, { code: 1800, message: "user hasn't authenticated" });
  }
  const success = (data: unknown) => told(200, { code: version === 1 ? 200 : 0, data }, int64);
  const int64 = field('accept-type-allow-int64') === 'true';
  try {
    const body = method === 'GET' ? fromQuery(query) : bodyOf(request.body);
    const bound = (key: string) => likeSonic(body, key);
    const named = textOf('dbName', bound('dbName'));
    const database = named || (version === 2 && field('db-name')) || 'default';
    const call: RestCall = {
      ...{ store: behind.store, touch: behind.touch, version, database, bound },
      raw: (key) => likeGjson(body, key),
    };
    return success(found ? found(call) : lists(path) ? [] : {});
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return told(200, { code: error.code, message: error.message });
  }
}

const lists = (path: string) => path.endsWith('/list');

function bodyOf(bytes: Buffer): JsonObject {
  if (bytes.length === 0) return empty;
  let read: Json;
  try {
    read = readJson(bytes.toString('utf8'));
  } catch (error) {
    throw notJson((error as Error).message);
  }
  if (typeof read === 'object' && read !== null && 'members' in read) return read;
  throw notJson('cannot unmarshal array into Go value');
}

function fromQuery(query: string): JsonObject {
  // Of a parameter the first counts, where a body's last does.
  return { members: [...new URLSearchParams(query)].reverse() };
}

/** utils.go: Basic, and whatever else with or without `Bearer `. */
function admitted(admits: NonNullable<Behind['admits']>, shown: string): boolean {
  const basic = shown.startsWith('Basic ');
  const text = basic
    ? Buffer.from(shown.slice(6), 'base64').toString('utf8')
    : shown.replace(/^Bearer /, '');
  const colon = text.indexOf(':');
  return colon >= 0 && admits(text.slice(0, colon), text.slice(colon + 1));
}

function told(status: number, value: unknown, int64 = false): RestAnswer {
  const fields = { ...cors, 'content-type': 'application/json; charset=utf-8' };
  return { status, fields, body: jsonOf(value, int64) };
}

/** Whole numbers of 64 bits are written as such, or as text. */
function jsonOf(value: unknown, int64: boolean): string {
  if (typeof value === 'bigint') return int64 ? String(value) : `"${value}"`;
  if (Array.isArray(value)) return `[${value.map((each) => jsonOf(each, int64)).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, each]) => {
    return `${JSON.stringify(key)}:${jsonOf(each, int64)}`;
  });
  return `{${members.join()}}`;
}

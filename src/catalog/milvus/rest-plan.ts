import type { Shape } from '../reading/shape.ts';
import { defaultCap, type RestPlan } from './row.ts';

/** What may be said of a route beside its path and keys. */
interface RouteOptions {
  readonly wide?: boolean;
  readonly onlyDefault?: boolean;
}

/** Bodies without entities are small. */
const smallCap = 1024 * 1024;

/** A route of REST v2, all of which are a POST. The SDK adds `dbName` to any body. */
export function post(path: string, keys = '', options: RouteOptions = {}): RestPlan {
  return {
    method: 'POST',
    path: `/v2/vectordb/${path}`,
    version: 2,
    query: [],
    shape: shapeOf(`dbName ${keys}`),
    cap: options.wide ? defaultCap : smallCap,
    onlyDefault: options.onlyDefault ?? false,
  };
}

/** A route of REST v2 that no Milvus which was looked at serves. */
export function unread(path: string): RestPlan {
  return { ...post(path), closed: 'what its body may name is not known' };
}

/** A route of REST v1: `GET collections`. The keys are those of its query where it is a GET. */
export function v1(route: string, keys: string): RestPlan {
  const [method, path] = route.split(' ') as [string, string];
  const get = method === 'GET';
  return {
    method,
    path: `/v1/vector/${path}`,
    version: 1,
    query: get ? keys.split(' ') : [],
    shape: get ? null : shapeOf(keys),
    cap: get ? 0 : defaultCap,
    onlyDefault: false,
  };
}

const text = (what: string, mark: string): Shape => ({ what, text: true, mark });
const partition = text('a partition name', 'partition');
const free: Shape = { what: 'data', free: true };

/** What is known of a key, wherever a body has it. The rows of an insert, the vectors of a search
 * and the values of a filter are the caller's own data: their keys may be any. */
const marked = new Map<string, Shape>([
  ['dbName', text('dbName', 'database')],
  ['collectionName', text('collectionName', 'collection')],
  ['targetCollectionName', text('targetCollectionName', 'collection')],
  ['newCollectionName', text('newCollectionName', 'new-collection')],
  ['newDbName', { ...text('newDbName', 'target-database'), nullable: true }],
  ['aliasName', text('aliasName', 'alias')],
  ['partitionName', { ...partition, nullable: true }],
  ['partitionNames', { what: 'partitionNames', items: partition, nullable: true }],
  ['exprParams', free],
  ['data', free],
]);

/** The body of a route: an object with these keys and no other, in their very case. */
function shapeOf(keys: string): Shape {
  const known = new Set(keys.split(' ').filter((key) => key !== ''));
  const members = new Map([...marked].filter(([key]) => known.has(key)));
  return { what: 'the body', members, known };
}

import type { Json } from './json.ts';
import { Failure, type Store, type Touch } from './store.ts';

/** A request as its route sees it. */
export interface RestCall {
  readonly store: Store;
  readonly touch: Touch;
  readonly version: 1 | 2;
  readonly database: string;
  /** A member of the body or the query, as sonic binds it. */
  readonly bound: (key: string) => Json | undefined;
  /** The same of the raw body, as gjson finds it. */
  readonly raw: (key: string) => Json | undefined;
}

/** A string that a body binds; empty where it has none. Throws `Failure` 1801 where it is another
 * thing. */
export function textOf(key: string, value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw notJson(`cannot unmarshal into Go struct field ${key} of type string`);
}

/** What Milvus says of a body that it cannot bind. */
export function notJson(why: string): Failure {
  return new Failure(1801, `can only accept json format request, error: ${why}`);
}

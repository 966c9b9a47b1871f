import type { Json } from '../json/write.ts';
import type { Collection } from '../store/collection.ts';
import { collectionNamed } from '../store/storage.ts';
import type { Call } from './route.ts';

/** The collection that a request is about. */
export function collectionOf({ session, collection }: Call<unknown>): Collection {
  return collectionNamed(session, collection);
}

/** What came of a change: it is made at once, but only said to be so if the client waits. */
export function updated({ parameters }: Call<unknown>, operation: number): Json {
  const status = parameters.wait ? 'completed' : 'acknowledged';
  return { operation_id: operation, status };
}

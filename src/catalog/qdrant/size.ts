import type { OwnRequest } from '../database.ts';

/** Asks what a collection is, its size among the rest. */
export function sizeRequest(_database: string | null, collection: string): OwnRequest {
  const target = `/collections/${encodeURIComponent(collection)}`;
  return { protocol: 'http', method: 'GET', target, body: null };
}

/** How many points it has, as Qdrant counts them without looking at each. Throws `TypeError` where
 * the answer does not say. */
export function readSize(answer: Buffer): number {
  const told = JSON.parse(answer.toString('utf8')) as { result?: { points_count?: unknown } };
  const points = told.result?.points_count;
  if (typeof points !== 'number') throw new TypeError("the database's answer has no points_count");
  return points;
}

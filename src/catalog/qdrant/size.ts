import type { Ask } from '../database.ts';

/** How many points a collection has, as Qdrant counts them without looking at each. Rejects with
 * `TypeError` where the answer does not say. */
export async function readSize(
  ask: Ask,
  _database: string | null,
  collection: string,
): Promise<number> {
  const target = `/collections/${encodeURIComponent(collection)}`;
  const answer = await ask({ protocol: 'http', method: 'GET', target, body: null });
  const told = JSON.parse(answer.toString('utf8')) as { result?: { points_count?: unknown } };
  const points = told.result?.points_count;
  if (typeof points !== 'number') throw new TypeError("the database's answer has no points_count");
  return points;
}

import type { OwnRequest, PayloadMatch } from '../database.ts';

/** Asks for one point whose payload has all of these values, as Qdrant itself does for the
 * `value_exists` of its tokens (src/common/auth/mod.rs). */
export function valueRequest(collection: string, matches: readonly PayloadMatch[]): OwnRequest {
  const must = matches.map(({ key, value }) => ({ key, match: { value } }));
  const body = { filter: { must }, limit: 1, with_payload: false, with_vector: false };
  return {
    protocol: 'http',
    method: 'POST',
    target: `/collections/${encodeURIComponent(collection)}/points/scroll`,
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** Whether that answer has a point. Throws `TypeError` where it is not as expected. */
export function readValueAnswer(answer: Buffer): boolean {
  const told = JSON.parse(answer.toString('utf8')) as { result?: { points?: unknown } };
  const points = told.result?.points;
  if (!Array.isArray(points)) throw new TypeError("the database's answer has no list points");
  return points.length > 0;
}

import type { OwnRequest } from '../database.ts';
import { type AnswerField, answerFields, statusIn } from './answer-fields.ts';
import { defaultDatabase } from './name.ts';
import { ownCall } from './own-call.ts';

/** Asks for the statistics of a collection (GetCollectionStatisticsRequest: db_name 2,
 * collection_name 3). */
export function sizeRequest(database: string | null, collection: string): OwnRequest {
  const within = database ?? defaultDatabase;
  const texts = [
    [2, within],
    [3, collection],
  ] as const;
  return ownCall('GetCollectionStatistics', texts, within);
}

/** Its row_count, among the pairs of field 2: rows in segments that Milvus knows of. Throws `TypeError`
 * where the answer does not say. */
export function readSize(answer: Buffer): number {
  const fields = answerFields(answer);
  const pairs = statusIn(fields) === 0n ? fields.filter(({ number }) => number === 2) : [];
  for (const { value } of pairs) {
    const pair = Buffer.isBuffer(value) ? answerFields(value) : [];
    const count = textIn(pair, 2);
    if (textIn(pair, 1) === 'row_count' && /^\d{1,15}$/.test(count)) return Number(count);
  }
  throw new TypeError("the database's answer has no row_count");
}

function textIn(fields: readonly AnswerField[], wanted: number): string {
  const value = fields.find(({ number }) => number === wanted)?.value;
  return Buffer.isBuffer(value) ? value.toString('utf8') : '';
}

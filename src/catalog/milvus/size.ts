import type { Ask, OwnRequest } from '../database.ts';
import { type AnswerField, fieldsOf, textsIn } from './answer-message.ts';
import { numbersIn } from './answer-numbers.ts';
import { defaultDatabase } from './name.ts';
import { ownCall } from './own-call.ts';
import { codeOf, statusIn } from './status.ts';

/** QueryRequest: guarantee_timestamp 8 is 1 and consistency_level 11 is Eventually, so that nothing
 * is waited for. */
const whatever = Buffer.from([0x40, 0x01, 0x58, 0x03]);

/**
 * How many entities a collection has: what `count(*)` tells, of the segments that grow too. Where
 * it is not loaded, its statistics, which know nothing of those. Rejects where neither tells.
 */
export async function readSize(
  ask: Ask,
  database: string | null,
  collection: string,
): Promise<number> {
  const within = database ?? defaultDatabase;
  try {
    return countIn(await ask(countCall(within, collection)));
  } catch {
    const texts = [
      [2, within],
      [3, collection],
    ] as const;
    return rowsIn(await ask(ownCall('GetCollectionStatistics', texts, within)));
  }
}

function countCall(database: string, collection: string): OwnRequest {
  const texts = [
    [2, database],
    [3, collection],
    [5, 'count(*)'],
  ] as const;
  const call = ownCall('Query', texts, database);
  return { ...call, body: Buffer.concat([call.body ?? Buffer.alloc(0), whatever]) };
}

/** QueryResults.fields_data 2, its one column: scalars 3, long_data 3, data 1, packed. */
function countIn(answer: Buffer): number {
  let fields = succeeded(answer);
  for (const inner of [2, 3, 3]) {
    fields = fieldsOf(fields.find(({ number }) => number === inner)?.content ?? nothing);
  }
  const [count] = numbersIn(fields, 1);
  if (count === undefined) throw new TypeError("the database's answer has no count(*)");
  return Number(count);
}

/** GetCollectionStatisticsResponse.stats 2: pairs of key 1 and value 2, row_count among them. */
function rowsIn(answer: Buffer): number {
  for (const { number, wire, content } of succeeded(answer)) {
    if (number !== 2 || wire !== 2) continue;
    const pair = fieldsOf(content);
    const [key, count] = [1, 2].map((wanted) => textsIn(pair, wanted)[0]);
    if (key === 'row_count' && /^\d{1,15}$/.test(count ?? '')) return Number(count);
  }
  throw new TypeError("the database's answer has no row_count");
}

const nothing = Buffer.alloc(0);

function succeeded(answer: Buffer): readonly AnswerField[] {
  const fields = fieldsOf(answer);
  const code = codeOf(statusIn(fields));
  if (code !== 0n) throw new TypeError(`the database's answer is a failure, ${code}`);
  return fields;
}

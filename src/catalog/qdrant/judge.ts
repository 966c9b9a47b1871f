import type { Names } from '../operation.ts';
import { needsOf } from './need.ts';
import type { Given, RowOf, Verdict } from './row.ts';

/** What must be judged of a request: by its row's own rule, else its collections. */
export function judge(given: Given, names: Names, rowOf: RowOf): Verdict {
  const { row } = given;
  if (row.judge) return row.judge(given, names, rowOf);
  return { needs: needsOf(given, names, rowOf), objection: null, instead: null };
}

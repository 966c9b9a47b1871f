import type { Names } from '../operation.ts';
import { unreadable } from '../reading/unreadable.ts';
import { needsOf } from './need.ts';
import type { Given, RowOf, Verdict } from './row.ts';

/** What must be judged of a request: by its row's own rule, else its collections. */
export function judge(given: Given, names: Names, rowOf: RowOf): Verdict {
  const { row } = given;
  if (row.judge) return row.judge(given, names, rowOf);
  return { needs: needsOf(given, names, rowOf), objection: null, instead: null };
}

/** How many collections and aliases one request may name: each is judged and recorded. */
const mostNames = 1000;

/** The names that a request gives, each once. Throws `Refusal` unreadable-request for too many. */
export function distinct(names: readonly string[]): readonly string[] {
  if (names.length < 2) return names;
  const found = new Set(names);
  if (found.size > mostNames) throw unreadable('the request names too many collections');
  return [...found];
}

import type { Names, Need, Reference } from '../operation.ts';
import { isName } from '../reading/name.ts';
import { unreadable } from '../reading/unreadable.ts';
import type { Given, Row, RowOf } from './row.ts';

/** What a request needs that uses collections: its own right on its collection, for a batch the
 * right of every operation inside, and its own right on every collection it looks into. */
export function needsOf(given: Given, names: Names, rowOf: RowOf): Need[] {
  const { row, collection } = given;
  if (collection === null) return databaseWide(row);
  const reference = referTo(row, collection, names);
  const needs = [needOf(row, reference)];
  if (row.each !== null) needs.push(needOf(rowOf(row.each), reference));
  for (const operation of given.inner) needs.push(needOf(rowOf(operation), reference));
  const judged = new Set([collection]);
  for (const { mark, value } of given.texts) {
    if (mark !== 'lookup' || judged.has(value)) continue;
    judged.add(value);
    needs.push(needOf(row, referTo(row, value, names)));
  }
  return needs;
}

/** A name as this row's database operation will understand it. Throws `Refusal` unreadable-request
 * where an alias leads to a name that the gateway does not speak of. */
export function referTo(row: Row, named: string, names: Names): Reference {
  if (row.literal) return { named, resolved: named };
  const resolved = names.resolve(named);
  if (resolved !== named && !isName(resolved)) {
    throw unreadable(`${named} leads to a collection whose name is outside the gateway's grammar`);
  }
  return { named, resolved };
}

/** A need of this row's own right. */
export function needOf(row: Row, collection: Reference | null): Need {
  return { operation: row, action: row.action, collection, database: null };
}

/** Lists that name no collection need an identity only: they are trimmed. */
function databaseWide(row: Row): Need[] {
  return row.action === 'list' || row.action === 'public' ? [] : [needOf(row, null)];
}

import type { Names, Need, Reference } from '../operation.ts';
import { bothOf, referTo } from './reference.ts';
import type { Given, Row, Verdict } from './row.ts';

/** A need of this row's own right. */
export function needOf(row: Row, database: string | null, collection: Reference | null): Need {
  return { operation: row, action: row.action, collection, database };
}

/**
 * What must be judged of a request: its row's right on every collection it names; where it names
 * none, on its database or the server. A list of the server's is trimmed and needs nothing. What
 * reaches outside of its collections needs `admin` on the server as well.
 */
export function judge(given: Given, names: Names): Verdict {
  const { row, database } = given;
  const needs = row.free
    ? []
    : collectionsOf(given, names).map((each) => needOf(row, database, each));
  const trimmed = row.action === 'list' && row.about === 'server';
  if (needs.length === 0 && !row.free && !trimmed) needs.push(wide(row, database));
  return verdict(given, needs);
}

/** A verdict of these needs, and of what reaches beside them: no right on one collection says that
 * the files, the addresses and the nodes of the whole server may be used. */
export function verdict({ row, outside }: Given, needs: readonly Need[]): Verdict {
  const server = needOf(row, null, null);
  const told = needs.some(({ collection, database }) => collection === null && database === null);
  const beyond = row.beyond && !told ? [server] : [];
  const admin = outside === null ? [] : [{ ...server, action: 'admin' as const }];
  return { needs: [...needs, ...beyond, ...admin], objection: null, instead: null };
}

function collectionsOf({ row, database, texts }: Given, names: Names): Reference[] {
  const found = new Set<string>();
  for (const { mark, value } of texts) if (mark === 'collection') found.add(value);
  if (row.literal) return [...found].flatMap((named) => bothOf(database, named, names));
  return [...found].map((named) => referTo(row, database, named, names));
}

function wide(row: Row, database: string): Need {
  return needOf(row, row.about === 'server' ? null : database, null);
}

import type { Names, Reference } from '../operation.ts';
import { keyOf } from './name.ts';
import type { Row } from './row.ts';

/** A name as this row's operation will understand it. */
export function referTo(row: Row, database: string, named: string, names: Names): Reference {
  return { named, resolved: row.literal ? named : resolved(database, named, names) };
}

/** The collection that a name leads to. */
export function resolved(database: string, named: string, names: Names): string {
  const key = names.resolve(keyOf(database, named));
  return key.slice(key.indexOf('/') + 1);
}

/** A name as it stands, and the collection it leads to where it is an alias: Milvus is said to
 * refuse an alias here, which is not relied on. */
export function bothOf(database: string, named: string, names: Names): Reference[] {
  const target = resolved(database, named, names);
  const itself = { named, resolved: named };
  return target === named ? [itself] : [itself, { named: target, resolved: target }];
}

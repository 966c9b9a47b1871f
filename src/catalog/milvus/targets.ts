import type { Names } from '../operation.ts';
import { checkName } from './name.ts';
import { needOf, verdict } from './need.ts';
import { bothOf, referTo } from './reference.ts';
import type { Given, RowOf, Verdict } from './row.ts';

/** What renaming needs: its own right on the old name and on the new one, in whichever database
 * that is to be. */
export function judgeRename(given: Given, names: Names): Verdict {
  const { row, database } = given;
  const { name, inside } = targetOf(given, 'new-collection');
  const from = bothOf(database, textOf(given, 'collection'), names);
  const to = bothOf(inside, name, names);
  return verdict(given, [
    ...from.map((each) => needOf(row, database, each)),
    ...to.map((each) => needOf(row, inside, each)),
  ]);
}

/** What restoring a snapshot needs: its own right on the collection that it is of, and on the one
 * that it makes; and the first one's data goes where its limits do not hold, as in an export. */
export function judgeRestore(given: Given, names: Names, rowOf: RowOf): Verdict {
  const { row, database } = given;
  const { name, inside } = targetOf(given, 'target-collection');
  const source = referTo(row, database, textOf(given, 'collection'), names);
  const to = bothOf(inside, name, names).map((each) => needOf(row, inside, each));
  const exported = needOf(rowOf('snapshots.export'), database, source);
  return verdict(given, [needOf(row, database, source), ...to, exported]);
}

function targetOf(given: Given, mark: string): { name: string; inside: string } {
  const name = textOf(given, mark);
  checkName('collection', name);
  return { name, inside: textOf(given, 'target-database') || given.database };
}

function textOf({ texts }: Given, mark: string): string {
  return texts.find((text) => text.mark === mark)?.value ?? '';
}

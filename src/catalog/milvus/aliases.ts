import type { Names, Need } from '../operation.ts';
import { checkName } from './name.ts';
import { needOf, verdict } from './need.ts';
import { bothOf, resolved } from './reference.ts';
import type { Given, Verdict } from './row.ts';
import { shadowing } from './shadowing.ts';

/**
 * What making, moving or dropping an alias needs: its own right on the alias, on the collection it
 * leads to now, and on the one it is to lead to. Milvus looks an alias up before a collection of
 * its name (internal/rootcoord/meta_table.go), so that an alias may not take one's.
 */
export function judgeAlias(given: Given, names: Names): Verdict {
  const { row, database, texts } = given;
  const needs: Need[] = [];
  const add = (named: string) => {
    for (const each of bothOf(database, named, names)) needs.push(needOf(row, database, each));
  };
  for (const { mark, value } of texts) if (mark === 'collection' || mark === 'alias') add(value);
  const alias = aliasOf(given);
  const makes = texts.some(({ mark }) => mark === 'collection');
  return { ...verdict(given, needs), objection: makes ? shadowing(database, alias, names) : null };
}

/** What describing an alias needs: its right on the collection, by this alias. */
export function judgeDescribedAlias(given: Given, names: Names): Verdict {
  const named = aliasOf(given);
  const reference = { named, resolved: resolved(given.database, named, names) };
  return verdict(given, [needOf(given.row, given.database, reference)]);
}

function aliasOf({ texts }: Given): string {
  const alias = texts.find(({ mark }) => mark === 'alias')?.value ?? '';
  checkName('alias', alias);
  return alias;
}

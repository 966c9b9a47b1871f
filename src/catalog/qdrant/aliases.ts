import { Refusal } from '../../refusal.ts';
import type { Names, Need } from '../operation.ts';
import { needOf } from './need.ts';
import type { Given, Verdict } from './row.ts';

/**
 * What a change of aliases needs: its own right on every alias named, old and new, on every
 * collection named, and on the collection that each alias named leads to now. An alias may not take
 * a collection's name: aliases are looked up first, so that it would shadow the collection.
 */
export function judgeAliases(given: Given, names: Names): Verdict {
  const literal = new Set<string>();
  for (const { value } of given.texts) {
    literal.add(value);
    if (names.isAlias(value)) literal.add(names.resolve(value));
  }
  const needs: Need[] = [...literal].map((name) =>
    needOf(given.row, { named: name, resolved: name }),
  );
  if (needs.length === 0) needs.push(needOf(given.row, null));
  return { needs, objection: shadowing(given, names), instead: null };
}

/** Qdrant's own words for it: collection_meta_ops.rs refuses so on create, but not on rename. */
function shadowing(given: Given, names: Names): Refusal | null {
  for (const { mark, value } of given.texts) {
    if (mark !== 'new-alias' || !names.isCollection(value)) continue;
    return new Refusal('unreadable-request', `the alias ${value} would shadow a collection`, {
      http: 409,
      grpc: 6,
      told: `Wrong input: Collection \`${value}\` already exists!`,
    });
  }
  return null;
}

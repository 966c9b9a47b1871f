import { Refusal } from '../../refusal.ts';
import type { Names } from '../operation.ts';
import { needOf, needsOf } from './need.ts';
import type { Given, RowOf, Verdict } from './row.ts';

/**
 * What creating a collection needs: `manage` on the name as it stands. Where the collection exists
 * and the caller may list it, a caller without `manage` hears what a second create hears, so that
 * frameworks which create at start run under a small role.
 */
export function judgeCreate(given: Given, names: Names, rowOf: RowOf): Verdict {
  const needs = needsOf(given, names, rowOf);
  const named = given.collection as string;
  if (!names.isCollection(named)) return { needs, objection: null, instead: null };
  const need = needOf(rowOf('collections.get'), { named, resolved: named });
  return { needs, objection: null, instead: { need, refusal: alreadyExists(named) } };
}

function alreadyExists(name: string): Refusal {
  return new Refusal('not-permitted', `${name} exists and may not be created anew`, {
    http: 409,
    grpc: 6,
    told: `Wrong input: Collection \`${name}\` already exists!`,
  });
}

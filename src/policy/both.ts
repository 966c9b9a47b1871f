import type { Decision, Grants, Limited } from './decision.ts';
import { bothExtents } from './extent.ts';

/** What two identities may both do: denied where either is, listed where both may, within the
 * limits of both. */
export function bothGrants(one: Grants, other: Grants): Grants {
  return {
    decide(need) {
      const decision = one.decide(need);
      if (decision.effect === 'deny') return decision;
      const second = other.decide(need);
      return second.effect === 'deny' ? second : within(decision, second);
    },
    mayList: (name, resolved, database) =>
      one.mayList(name, resolved, database) && other.mayList(name, resolved, database),
    mayListDatabase: (database) => one.mayListDatabase(database) && other.mayListDatabase(database),
    listsEverything: one.listsEverything === true && other.listsEverything === true,
    roles: [...new Set([...(one.roles ?? []), ...(other.roles ?? [])])],
    limiting: bothLimited(one.limiting ?? null, other.limiting ?? null),
  };
}

function within(decision: Decision, { quotas, extent }: Decision): Decision {
  if (!quotas && !extent) return decision;
  const both = bothExtents(decision.extent ?? null, extent ?? null);
  return {
    ...decision,
    quotas: [...(decision.quotas ?? []), ...(quotas ?? [])],
    ...(both ? { extent: both } : {}),
  };
}

function bothLimited(one: Limited | null, other: Limited | null): Limited | null {
  if (!one || !other) return one ?? other;
  return {
    quotas: [...one.quotas, ...other.quotas],
    confined: one.confined || other.confined,
    ruleQuotas: () => [...one.ruleQuotas(), ...other.ruleQuotas()],
  };
}

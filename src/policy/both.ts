import type { Decision, Grants, Limited } from './decision.ts';

/** What two identities may both do: denied where either is, listed where both may, within the limits
 * of both. */
export function bothGrants(one: Grants, other: Grants): Grants {
  return {
    decide(need) {
      const decision = one.decide(need);
      if (decision.effect === 'deny') return decision;
      const second = other.decide(need);
      return second.effect === 'deny' ? second : within(decision, second.quotas ?? []);
    },
    mayList: (name, resolved, database) =>
      one.mayList(name, resolved, database) && other.mayList(name, resolved, database),
    mayListDatabase: (database) => one.mayListDatabase(database) && other.mayListDatabase(database),
    listsEverything: one.listsEverything === true && other.listsEverything === true,
    limiting: bothLimited(one.limiting ?? null, other.limiting ?? null),
  };
}

function within(decision: Decision, more: NonNullable<Decision['quotas']>): Decision {
  if (more.length === 0) return decision;
  return { ...decision, quotas: [...(decision.quotas ?? []), ...more] };
}

function bothLimited(one: Limited | null, other: Limited | null): Limited | null {
  if (!one || !other) return one ?? other;
  return {
    quotas: [...one.quotas, ...other.quotas],
    ruleQuotas: () => [...one.ruleQuotas(), ...other.ruleQuotas()],
  };
}

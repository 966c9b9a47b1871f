import type { Grants } from './decision.ts';

/** What two identities may both do: denied where either is, listed where both may. */
export function bothGrants(one: Grants, other: Grants): Grants {
  return {
    decide(need) {
      const decision = one.decide(need);
      if (decision.effect === 'deny') return decision;
      const second = other.decide(need);
      return second.effect === 'deny' ? second : decision;
    },
    mayList: (name, resolved, database) =>
      one.mayList(name, resolved, database) && other.mayList(name, resolved, database),
    mayListDatabase: (database) => one.mayListDatabase(database) && other.mayListDatabase(database),
    listsEverything: one.listsEverything === true && other.listsEverything === true,
  };
}

import { Refusal } from '../refusal.ts';

/** The refusal of a request that asks its answer for more than its extent: the caller hears the
 * rule, the record the fact too. */
export function overreach(rule: string, fact: string): Refusal {
  return new Refusal('not-permitted', `${rule}, and ${fact}`, { told: `Forbidden: ${rule}` });
}

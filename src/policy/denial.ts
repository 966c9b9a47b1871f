import type { Need } from '../catalog/operation.ts';
import { Refusal } from '../refusal.ts';
import type { Decision, Grants } from './decision.ts';

/** A denial, in words that tell the caller no more than what it may list. */
export function notPermitted(need: Need, { rule }: Decision, grants: Grants): Refusal {
  const { operation, action, collection, database } = need;
  const on = collection ? ` on ${collection.named}` : '';
  const why = rule === null ? 'no rule allows it' : `denied by ${rule}`;
  const known = collection && grants.mayList(collection.named, collection.resolved, database);
  return new Refusal('not-permitted', `${operation.name} needs ${action}${on}: ${why}`, {
    told: operation.denial(need, known ?? false),
    rule,
  });
}

const sentence = /^[\w.]+ needs \w+( on |: (no rule allows it$|denied by ))/;

/** Whether a denial was recorded for a reason that policies give: others may say otherwise. */
export function isPolicyReason(reason: string): boolean {
  return sentence.test(reason);
}

import type { Need, Operation, Reference } from '../catalog/operation.ts';
import type { Decision, Subject } from './decision.ts';
import type { LoadedPolicy } from './load.ts';

/** One decision as it was recorded: who asked, for what, and what was said. */
export interface Recorded {
  readonly subject: Subject;
  /** `points.query` */
  readonly operation: string;
  readonly collections: readonly Reference[];
  /** The operations inside it whose rights it needs as well. */
  readonly also: readonly string[];
}

/** What the policies of today, or of tomorrow, say to it; null where the catalogue has no such
 * operation any more. */
export type Replay = (recorded: Recorded) => Decision | null;

/** Judges recorded requests again, by the very function that judges requests. Give the same subject
 * object for the same subject: what is compiled for it is kept beside it. */
export function replayOn(policy: LoadedPolicy, operations: readonly Operation[]): Replay {
  const byName = new Map<string, Operation>();
  for (const operation of operations) {
    const known = byName.get(operation.name);
    if (!known || known.action === 'never') byName.set(operation.name, operation);
  }
  return ({ subject, operation, collections, also }) => {
    const rows = [operation, ...also].map((name) => byName.get(name));
    const needs = rows.flatMap((row) => (row ? needsOf(row, collections) : []));
    if (rows.includes(undefined)) return null;
    const grants = policy.grantsFor(subject);
    const decisions = needs.map((need) => grants.decide(need));
    const denied = decisions.find(({ effect }) => effect === 'deny');
    return denied ?? decisions[0] ?? { effect: 'allow', rule: null };
  };
}

/** Lists that name no collection need an identity only. */
function needsOf(row: Operation, collections: readonly Reference[]): Need[] {
  const { action } = row;
  if (collections.length > 0) {
    return collections.map((collection) => ({
      operation: row,
      action,
      collection,
      database: null,
    }));
  }
  const free = action === 'list' || action === 'public';
  return free ? [] : [{ operation: row, action, collection: null, database: null }];
}

import type { Need, Operation, Reference } from '../catalog/operation.ts';
import type { Decision, Subject } from './decision.ts';
import type { LoadedPolicy } from './load.ts';

/** One decision as it was recorded: who asked, for what, and what was said. */
export interface Recorded {
  readonly subject: Subject;
  /** `points.query` */
  readonly operation: string;
  readonly collections: readonly RecordedReference[];
  /** Databases that were needed as such. */
  readonly databases: readonly string[];
  /** The operations inside it whose rights it needs as well. */
  readonly also: readonly string[];
}

/** A collection as a record has it. */
export interface RecordedReference extends Reference {
  /** The database that holds it; absent where the product has none. */
  readonly database?: string;
}

/** What the policies of today, or of tomorrow, say to it; null where the catalogue has no such
 * operation any more. */
export type Replay = (recorded: Recorded) => Decision | null;

/** Judges recorded requests again, by the very function that judges requests. Give the same subject
 * object for the same subject: what is compiled for it is kept beside it. */
export function replayOn(policy: LoadedPolicy): Replay {
  const byName = new Map<string, Operation>();
  for (const operation of policy.ground.operations) {
    const known = byName.get(operation.name);
    if (!known || known.action === 'never') byName.set(operation.name, operation);
  }
  return ({ subject, operation, collections, databases, also }) => {
    const rows = [operation, ...also].map((name) => byName.get(name));
    const needs = rows.flatMap((row) => (row ? needsOf(row, collections, databases) : []));
    if (rows.includes(undefined)) return null;
    const grants = policy.grantsFor(subject);
    const decisions = needs.map((need) => grants.decide(need));
    const denied = decisions.find(({ effect }) => effect === 'deny');
    return denied ?? decisions[0] ?? { effect: 'allow', rule: null };
  };
}

/** Lists that name no collection and no database need an identity only. */
function needsOf(
  row: Operation,
  collections: readonly RecordedReference[],
  databases: readonly string[],
): Need[] {
  const { action } = row;
  const needs: Need[] = [
    ...collections.map(({ database = null, ...collection }) => {
      return { operation: row, action, collection, database };
    }),
    ...databases.map((database) => ({ operation: row, action, collection: null, database })),
  ];
  const free = action === 'list' || action === 'public';
  const server = { operation: row, action, collection: null, database: null };
  if (row.beyond) return [...needs, server];
  return needs.length > 0 || free ? needs : [server];
}

import type { Action, Reference } from '../catalog/operation.ts';
import type { Decision } from './decision.ts';
import { type Glob, matchesGlob } from './glob.ts';
import type { Placed } from './quota.ts';

/** A rule as it is for one identity. */
export interface CompiledRule {
  /** The databases it holds in; null: it does not say. */
  readonly databases: readonly Glob[] | null;
  /** The one database that it holds in where it does not say; null: every one. */
  readonly unsaid: string | null;
  /** The collections it speaks of. */
  readonly globs: readonly Glob[];
  /** It speaks of whole databases, or of the server. */
  readonly whole: boolean;
  readonly actions: ReadonlySet<Action>;
  readonly operations: ReadonlySet<string>;
  readonly decision: Decision;
  readonly limits: Placed | null;
}

/** Whether a rule is about an action, or the operation of that name, on whatever it is done. */
export function speaksOf(rule: CompiledRule, action: Action, operation: string | null): boolean {
  return rule.actions.has(action) || (operation !== null && rule.operations.has(operation));
}

/** Whether a rule is about a collection: by its own name, or by the alias it was reached by. */
export function reaches(
  rule: CompiledRule,
  database: string | null,
  collection: Reference,
): boolean {
  if (!holdsIn(rule, database) || (database === null && rule.unsaid !== null)) return false;
  for (const glob of rule.globs) {
    if (matchesGlob(glob, collection.named) || matchesGlob(glob, collection.resolved)) return true;
  }
  return false;
}

/** Whether a rule holds in a database, or on the server (null): what it says without `databases` it
 * says of the server as well. */
export function holdsIn({ databases, unsaid }: CompiledRule, database: string | null): boolean {
  if (databases === null) return database === null || unsaid === null || unsaid === database;
  if (database === null) return false;
  for (const glob of databases) if (matchesGlob(glob, database)) return true;
  return false;
}

import type { Action } from '../catalog/operation.ts';
import type { Document, Path } from '../document.ts';
import { grantable, type RoleFile } from './language.ts';
import type { Limits } from './limits.ts';
import type { Pattern } from './pattern.ts';
import type { Placed } from './quota.ts';

/** One rule of a role, as loaded. */
export interface Rule {
  /** `policies/search.yaml:3` */
  readonly id: string;
  /** Where it stands in its role's document. */
  readonly path: Path;
  /** Null where it says nothing: an allow then holds in the default database and for the server as
   * a whole, a deny in every database. */
  readonly databases: readonly Pattern[] | null;
  /** Null: an allow speaks of whole databases, and of no collection; a deny of all there is in
   * them. */
  readonly collections: readonly Pattern[] | null;
  readonly actions: ReadonlySet<Action>;
  /** Labels that its role and the rule require of whoever it allows something; none on a deny. */
  readonly labels: Readonly<Record<string, string>>;
  /** Single operations by name, each with its own action only. */
  readonly operations: ReadonlySet<string>;
  /** Null: none of its own; always of a deny. */
  readonly limits: Placed | null;
}

/** One role: a file of the policy folder. */
export interface Role {
  readonly name: string;
  readonly document: Document;
  readonly allow: readonly Rule[];
  readonly deny: readonly Rule[];
  /** What counts for everything that whoever holds the role does. */
  readonly limits: Placed | null;
}

const none: ReadonlySet<never> = new Set();
const every: ReadonlySet<Action> = new Set(grantable);

/** A role from its file. `shown` is the file's name in rule ids. */
export function roleOf(file: RoleFile, document: Document, shown: string): Role {
  const at = (path: Path) => ({ id: `${shown}:${document.line(path)}`, path });
  return {
    name: file.role,
    document,
    limits: placed(file.role, file.limits),
    allow: (file.allow ?? []).map((rule, index) => ({
      ...at(['allow', index]),
      databases: rule.databases ?? null,
      collections: rule.collections ?? null,
      actions: rule.access ?? none,
      operations: rule.operations ?? none,
      labels: { ...file.labels, ...rule.labels },
      limits: placed(`${file.role}.allow[${index}]`, rule.limits),
    })),
    deny: (file.deny ?? []).map((rule, index) => ({
      ...at(['deny', index]),
      databases: rule.databases ?? null,
      collections: rule.collections ?? null,
      actions: rule.access ?? every,
      operations: none,
      labels: {},
      limits: null,
    })),
  };
}

function placed(name: string, limits: Limits | undefined): Placed | null {
  return limits ? { name, limits } : null;
}

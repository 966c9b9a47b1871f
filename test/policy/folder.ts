import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Action } from '../../src/catalog/operation.ts';
import type { Grants } from '../../src/policy/decision.ts';
import { type LoadedPolicy, loadPolicy } from '../../src/policy/load.ts';
import { Misconfigured } from '../../src/problem.ts';
import { ground, operation } from './operations.ts';

const parents: string[] = [];

afterAll(() => {
  for (const parent of parents) rmSync(parent, { recursive: true, force: true });
});

/** A folder called `policies` with these files, gone when the tests of its file are over. */
export function folder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const parent = mkdtempSync(join(tmpdir(), 'policies-'));
  parents.push(parent);
  const directory = join(parent, 'policies');
  mkdirSync(directory);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

/** The policy of one role file, or of several. */
export function policyOf(...texts: readonly string[]): LoadedPolicy {
  const files = Object.fromEntries(texts.map((text, index) => [`${index}.yaml`, text]));
  return loadPolicy(folder(files), ground);
}

/** What the problems of a folder say, each with its line and path. */
export function problemsOf(load: () => unknown): readonly string[] {
  try {
    load();
  } catch (error) {
    if (!(error instanceof Misconfigured)) throw error;
    return error.problems.map(({ line, path, message }) => `${line ?? '-'} ${path}: ${message}`);
  }
  return [];
}

/** The grants of a caller with these roles and claims. */
export function grantsOf(
  policy: LoadedPolicy,
  roles: readonly string[],
  claims: Readonly<Record<string, string | readonly string[]>> = {},
  labels: Readonly<Record<string, string>> = {},
): Grants {
  return policy.grantsFor({ roles, claims, labels });
}

/** Whether an operation is allowed on a collection, by an alias where one is given; null:
 * database-wide. */
export function may(
  grants: Grants,
  name: string,
  collection: string | null = null,
  alias = collection,
  action: Action = operation(name).action,
): boolean {
  const reference =
    collection === null || alias === null ? null : { named: alias, resolved: collection };
  const need = { operation: operation(name), action, collection: reference, database: null };
  return grants.decide(need).effect === 'allow';
}

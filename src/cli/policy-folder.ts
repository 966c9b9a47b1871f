import { databaseNamed } from '../catalog/databases.ts';
import type { Operation } from '../catalog/operation.ts';
import { type LoadedPolicy, loadPolicy } from '../policy/load.ts';
import type { Verb, VerbInput } from './verb.ts';

/** The options of every `policy` command. */
export const policyOptions = {
  policies: { type: 'string', default: 'policies', help: 'the folder of policies (policies/)' },
  database: { type: 'string', default: 'qdrant', help: 'whose operations they speak of (qdrant)' },
} as const satisfies Verb['options'];

/** A policy folder as a command reads it. */
export interface PolicyFolder {
  readonly directory: string;
  readonly operations: readonly Operation[];
  readonly policy: LoadedPolicy;
}

/** Reads the folder that the options name. Throws `Misconfigured`. */
export function readPolicies(values: VerbInput['values']): PolicyFolder {
  const directory = String(values['policies'] ?? policyOptions.policies.default);
  const name = String(values['database'] ?? policyOptions.database.default);
  const { operations } = databaseNamed(name);
  return { directory, operations, policy: loadPolicy(directory, operations) };
}

import type { Database } from '../catalog/database.ts';
import { databases } from '../catalog/databases.ts';
import { type LoadedPolicy, loadPolicy } from '../policy/load.ts';
import { BadUsage, type Verb, type VerbInput } from './verb.ts';

/** The options of every `policy` command. */
export const policyOptions = {
  policies: { type: 'string', default: 'policies', help: 'their folder (default: policies/)' },
  database: { type: 'string', default: 'qdrant', help: 'whose operations (default: qdrant)' },
} as const satisfies Verb['options'];

/** A policy folder as a command reads it. */
export interface PolicyFolder {
  readonly directory: string;
  readonly policy: LoadedPolicy;
}

/** Reads the folder that the options name; `builtIn`: with the roles of the database's own tokens,
 * as a gateway that takes such tokens has them. Throws `Misconfigured` and `BadUsage`. */
export function readPolicies(values: VerbInput['values'], builtIn: boolean): PolicyFolder {
  const directory = String(values['policies'] ?? policyOptions.policies.default);
  const database = databaseBy(values);
  const roles = builtIn ? database.tokenPolicies : [];
  return { directory, policy: loadPolicy(directory, database, roles) };
}

/** The database that `--database` names. Throws `BadUsage`. */
export function databaseBy(values: VerbInput['values']): Database {
  const name = String(values['database'] ?? policyOptions.database.default);
  const found = databases.find((database) => database.name === name);
  if (found) return found;
  const known = databases.map((database) => database.name).join(' or ');
  throw new BadUsage(`--database ${name} is unknown; write ${known}`);
}

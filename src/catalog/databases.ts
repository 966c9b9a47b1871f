import type { Database } from './database.ts';
import { milvus } from './milvus/database.ts';
import { qdrant } from './qdrant/database.ts';

/** Every database the gateway can stand in front of. */
export const databases: readonly Database[] = [qdrant, milvus];

/** The database that configurations call by this name. Throws `Error` with a sentence for
 * people. */
export function databaseNamed(name: string): Database {
  const found = databases.find((database) => database.name === name);
  if (found) return found;
  const known = databases.map((database) => database.name).join(', ');
  throw new Error(`there is no database ${JSON.stringify(name)}; use one of: ${known}`);
}

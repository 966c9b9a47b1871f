import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A lock that this process holds until it lets go or dies. */
export interface Lock {
  release(): void;
}

/**
 * Makes this process the only writer of its name in a directory. The lock is the kernel's record
 * lock that SQLite takes on an empty file, as Node has no call for it: it ends with the process, so
 * none can be stale, and it holds between containers that share the directory, where a process id
 * would mean nothing. Throws `Error` where another process holds it.
 */
export function lockWriter(directory: string, writer: string): Lock {
  const path = join(directory, `${writer}.lock`);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec('PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    throw new Error(unlockable(directory, path, error), { cause: error });
  }
  const held = database;
  return { release: () => held.close() };
}

const busy = 5;

function unlockable(directory: string, path: string, error: unknown): string {
  if (error instanceof Error && 'errcode' in error && error.errcode === busy) {
    return (
      `another gateway writes to ${directory} (it holds ${path}); ` +
      'stop it, or give this one an audit.directory of its own'
    );
  }
  const cause = error instanceof Error ? error.message : String(error);
  return (
    `${path} cannot be locked (${cause}); ` +
    'give audit.directory a local directory that this user may write'
  );
}

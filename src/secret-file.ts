import { readFileSync, statSync } from 'node:fs';
import type { constants } from 'node:os';

const groupRead = 0o040;
const groupWrite = 0o020;
const others = 0o007;

/**
 * Reads a file that holds a secret. Refused: readable or writable by others, writable by its group;
 * readable by its group, unless the process holds that group (Kubernetes' `fsGroup`).
 * Throws `Error` with a sentence for people, ending in what to do after `; `.
 */
export function readSecretFile(path: string): Buffer {
  const { mode, gid } = statSync(path);
  if (process.platform !== 'win32') {
    const held = process.getgroups?.().includes(gid) ?? false;
    if ((mode & others) !== 0) throw new Error(`${path} is open to every user; chmod 600 ${path}`);
    if ((mode & groupWrite) !== 0)
      throw new Error(`${path} is writable by its group; chmod 600 ${path}`);
    if ((mode & groupRead) !== 0 && !held)
      throw new Error(`${path} is readable by a group this process is not in; chmod 600 ${path}`);
  }
  return readFileSync(path);
}

/** Whether an error is one of the file system's, by its code (`ENOENT`). */
export function isFileError(error: unknown, code: keyof typeof constants.errno): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { isFileError } from '../../secret-file.ts';

/**
 * Puts a new text in a file's place, mode 0600, so that every reader, also after a crash, sees the
 * old one or the new one whole. A symbolic link stays; what it leads to is replaced. Throws file
 * system errors.
 */
export function replaceFile(path: string, text: string): void {
  const target = realPath(path);
  const fresh = `${target}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = openSync(fresh, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      keepOwner(target, fresh);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  syncDirectory(dirname(target));
}

/** The path behind symbolic links; a file that is not there yet is its own. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return path;
    throw error;
  }
}

/** Root that changes a service's file must not take it away from the service. */
function keepOwner(target: string, fresh: string): void {
  const before = statSync(target, { throwIfNoEntry: false });
  const now = statSync(fresh);
  if (before && (before.uid !== now.uid || before.gid !== now.gid)) {
    chownSync(fresh, before.uid, before.gid);
  }
}

/** Makes the new name itself survive a crash; Windows cannot open directories, nor need it. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { isFileError } from '../../secret-file.ts';

const retryAfter = 20;

/**
 * Does some work while no other process that asks for the same lock does. The lock is a file that
 * only one can make; it is never taken from a holder. Throws `Error` with a sentence for people
 * where it is still held after `patience` milliseconds.
 */
export async function withLock<T>(lock: string, work: () => T, patience = 10_000): Promise<T> {
  for (let waited = 0; !tryMake(lock); waited += retryAfter) {
    if (waited >= patience) {
      throw new Error(`${lock} is held by process ${holderOf(lock)}; if it is gone, rm ${lock}`);
    }
    await pause(retryAfter);
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function tryMake(lock: string): boolean {
  try {
    const file = openSync(lock, 'wx', 0o600);
    writeSync(file, `${process.pid}\n`);
    closeSync(file);
    return true;
  } catch (error) {
    if (isFileError(error, 'EEXIST')) return false;
    throw error;
  }
}

function holderOf(lock: string): string {
  try {
    return readFileSync(lock, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}

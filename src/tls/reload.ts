import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A watch over files that goes on until it is closed. */
export interface FileWatch {
  close(): void;
}

const interval = 150;
/** A change counts once two looks agree; whoever never stops writing holds it back no longer. */
const looksAtMost = 4;

/**
 * Calls `onChange` within a second after any of the files, or of the files in a directory, changes.
 * To be started before they are read, so that no change falls between. It looks at what each path
 * leads to, and so sees the symbolic link `..data` of Kubernetes being swapped, files replaced by
 * renaming, and changes on file systems that report none. Does not keep the process alive.
 */
export function watchFiles(paths: readonly string[], onChange: () => void): FileWatch {
  let known = marksOf(paths);
  let last = known;
  let looks = 0;
  const look = () => {
    const seen = marksOf(paths);
    looks = seen === known ? 0 : looks + 1;
    const settled = looks > 1 && (seen === last || looks >= looksAtMost);
    last = seen;
    if (!settled) return;
    known = seen;
    looks = 0;
    onChange();
  };
  const timer = setInterval(look, interval).unref();
  return { close: () => clearInterval(timer) };
}

/** Differs whenever a file is another one than before, or was written. */
function marksOf(paths: readonly string[]): string {
  return paths.map((path) => markOf(path, true)).join('\n');
}

function markOf(path: string, inside: boolean): string {
  try {
    const stats = statSync(path, { bigint: true });
    const { dev, ino, size, mode, uid, gid, mtimeNs, ctimeNs } = stats;
    const own = `${dev} ${ino} ${size} ${mode} ${uid} ${gid} ${mtimeNs} ${ctimeNs}`;
    if (!inside || !stats.isDirectory()) return own;
    const names = readdirSync(path).sort();
    return [own, ...names.map((name) => `${name} ${markOf(join(path, name), false)}`)].join(',');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
}

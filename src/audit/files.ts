import fs from 'node:fs';

/** What a file operation answers, later. */
export type Done = (error: Error | null) => void;

/** The file operations of the writer: few, so that a test can make each of them fail. */
export interface FileOperations {
  /** Creates a file that must not exist, readable by its owner alone. Throws. */
  create(path: string): number;
  /** Appends from a buffer; answers how many bytes the kernel took. Throws. */
  write(file: number, bytes: Uint8Array, offset: number, length: number): number;
  datasync(file: number, done: Done): void;
  /** Puts on the disk what a file holds, by whomever it was written. Throws. */
  syncPath(path: string): void;
  /** Makes the names in a directory durable. */
  syncDirectory(directory: string, done: Done): void;
  /** Cuts a file to its first bytes. Throws. */
  truncate(path: string, bytes: number): void;
  /** Removes a file, if it is there. Throws. */
  remove(path: string): void;
  /** Whether the open file is still the one that its path names. */
  stands(file: number, path: string): boolean;
  close(file: number): void;
}

/** The file operations of this machine. */
export const systemFiles: FileOperations = {
  create: (path) => fs.openSync(path, 'ax', 0o600),
  write: (file, bytes, offset, length) => fs.writeSync(file, bytes, offset, length),
  datasync: fs.fdatasync,
  syncPath: (path) => {
    const file = fs.openSync(path, 'r');
    try {
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
  },
  syncDirectory: (directory, done) => {
    fs.open(directory, 'r', (error, file) => {
      if (error) return done(error);
      fs.fsync(file, (failed) => fs.close(file, (unclosed) => done(failed ?? unclosed ?? null)));
    });
  },
  truncate: fs.truncateSync,
  remove: (path) => fs.rmSync(path, { force: true }),
  stands: (file, path) => {
    const held = fs.fstatSync(file);
    const named = fs.statSync(path, { throwIfNoEntry: false });
    return named?.ino === held.ino && named.dev === held.dev;
  },
  close: fs.closeSync,
};

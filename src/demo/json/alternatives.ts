import { Malformed } from './malformed.ts';
import type { Read } from './read.ts';
import { buffered } from './reading.ts';

/** Reads the first of several forms that fits. */
export function firstOf<T>(message: string, ...reads: readonly Read<T>[]): Read<T> {
  return (node, mode) => {
    for (const read of reads) {
      try {
        return read(node, buffered(node, mode));
      } catch (error) {
        if (!(error instanceof Malformed)) throw error;
      }
    }
    throw new Malformed(message);
  };
}

/** Reads a value, or `null` as nothing. */
export function nullable<T>(read: Read<T>): Read<T | undefined> {
  return (node, mode) => (node.kind === 'null' ? undefined : read(node, mode));
}

/** Reads what another reader reads, and makes something of it. */
export function mapped<T, U>(read: Read<T>, make: (value: T) => U): Read<U> {
  return (node, mode) => make(read(node, mode));
}

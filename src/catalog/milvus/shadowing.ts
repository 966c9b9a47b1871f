import type { Refusal } from '../../refusal.ts';
import type { Names } from '../operation.ts';
import { unreadable } from '../reading/unreadable.ts';
import { keyOf } from './name.ts';

/** The refusal of an alias that would take a collection's name; null where none has it. */
export function shadowing(database: string, alias: string, names: Names): Refusal | null {
  if (!names.isCollection(keyOf(database, alias))) return null;
  return unreadable(`${alias} is a collection, and no alias may take its name`);
}

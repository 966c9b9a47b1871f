import { Failure } from '../failure.ts';
import type { Collection } from './collection.ts';
import type { Snapshot } from './snapshot.ts';

/** Everything the database holds. */
export interface Storage {
  readonly collections: Map<string, Collection>;
  /** Alias to collection. Consulted before the collections, as Qdrant does. */
  readonly aliases: Map<string, string>;
  readonly snapshots: Map<string, Snapshot>;
  readonly snapshotBytes: number;
}

/** One request's way to the storage: what it may do, and what it reached. */
export interface Session {
  readonly storage: Storage;
  readonly access: 'manage' | 'read';
  /** The real names of the collections that the request reached. */
  readonly touched: Set<string>;
}

/** Finds a collection by its name or alias, and notes that the request reached it. */
export function collectionNamed(session: Session, name: string): Collection {
  const found = reached(session, name);
  if (!found) throw new Failure('notFound', `Collection \`${name}\` doesn't exist!`);
  return found;
}

/** As `collectionNamed`, for a collection that another one's request refers to. */
export function collectionReferred(session: Session, name: string): Collection {
  const found = reached(session, name);
  if (!found) throw new Failure('notFound', `Collection ${name} not found`);
  return found;
}

/** The collection of a name or alias, if there is one; it counts as reached either way. */
export function reached({ storage, touched }: Session, name: string): Collection | undefined {
  const real = storage.aliases.get(name) ?? name;
  touched.add(real);
  return storage.collections.get(real);
}

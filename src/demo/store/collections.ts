import { Failure } from '../failure.ts';
import { type DenseConfig, type FieldIndex, newCollection, type Section } from './collection.ts';
import { configOf, type GivenConfig, mergedSections } from './collection-config.ts';
import { collectionNamed, type Session } from './storage.ts';

/** What the vectors of a new name are. */
export type NewVector = { readonly dense: DenseConfig } | { readonly sparse: Section };

/** What can be done with collections as a whole, and with their indexes and vector names. */
export const collections = { create, update, drop, index, dropIndex, addVector, dropVector };

function create({ storage, touched }: Session, name: string, given: GivenConfig): void {
  touched.add(name);
  if (storage.collections.has(name)) {
    throw new Failure('exists', `Collection \`${name}\` already exists!`);
  }
  const alias = storage.aliases.get(name);
  if (alias !== undefined) {
    touched.add(alias);
    const message = `Can't create collection with name ${name}. Alias with the same name already`;
    throw new Failure('wrongInput', `${message} exists`);
  }
  storage.collections.set(name, newCollection(name, configOf(given)));
}

function update(session: Session, name: string, changes: Section): void {
  const { config } = collectionNamed(session, name);
  config.sections = mergedSections(config.sections, changes);
}

/** Drops a collection by its own name: an alias's name drops nothing. */
function drop({ storage, touched }: Session, name: string): boolean {
  touched.add(name);
  for (const [alias, of] of storage.aliases) if (of === name) storage.aliases.delete(alias);
  return storage.collections.delete(name);
}

function index(session: Session, name: string, key: string, made: FieldIndex): number {
  const collection = collectionNamed(session, name);
  collection.indexes.set(key, made);
  // An index is made in two steps, and so is its end.
  collection.operations += 2;
  return collection.operations;
}

function dropIndex(session: Session, name: string, key: string): number {
  const collection = collectionNamed(session, name);
  collection.indexes.delete(key);
  collection.operations += 2;
  return collection.operations;
}

function addVector(session: Session, name: string, vector: string, added: NewVector): number {
  const collection = collectionNamed(session, name);
  const { dense, sparse } = collection.config;
  if (dense.has(vector) || sparse.has(vector)) {
    throw new Failure('wrongInput', `Vector name '${vector}' already exists`);
  }
  if ('dense' in added) collection.config.dense = new Map([...dense, [vector, added.dense]]);
  else collection.config.sparse = new Map([...sparse, [vector, added.sparse]]);
  collection.operations += 1;
  return collection.operations;
}

function dropVector(session: Session, name: string, vector: string): number {
  const collection = collectionNamed(session, name);
  const { config, points } = collection;
  config.dense = new Map([...config.dense].filter(([kept]) => kept !== vector));
  config.sparse = new Map([...config.sparse].filter(([kept]) => kept !== vector));
  for (const point of points.values()) {
    point.vectors = new Map([...point.vectors].filter(([kept]) => kept !== vector));
  }
  collection.operations += 1;
  return collection.operations;
}

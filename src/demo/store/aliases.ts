import { Failure } from '../failure.ts';
import type { Session } from './storage.ts';

/** One change of the alias table. */
export type AliasAction =
  | { readonly kind: 'create'; readonly collection: string; readonly alias: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'delete'; readonly alias: string };

/** Makes the changes in order; those before a failing one persist. */
export function changeAliases(session: Session, actions: readonly AliasAction[]): void {
  for (const action of actions) {
    if (action.kind === 'create') createAlias(session, action.collection, action.alias);
    else if (action.kind === 'rename') renameAlias(session, action.from, action.to);
    else {
      reach(session, action.alias);
      session.storage.aliases.delete(action.alias);
    }
  }
}

/** The aliases of a collection, or of all of them; the collections they name are reached. */
export function aliasesOf(session: Session, collection?: string): [string, string][] {
  const { aliases } = session.storage;
  if (collection !== undefined) session.touched.add(collection);
  const listed = [...aliases].filter(([, of]) => collection === undefined || of === collection);
  for (const [, of] of listed) session.touched.add(of);
  return listed.sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function createAlias(session: Session, collection: string, alias: string): void {
  const { storage, touched } = session;
  touched.add(collection);
  reach(session, alias);
  // The target is not looked up among the aliases: there are no chains of them.
  if (!storage.collections.has(collection)) {
    throw new Failure('notFound', `Collection \`${collection}\` doesn't exist!`);
  }
  if (storage.collections.has(alias)) {
    throw new Failure('exists', `Collection \`${alias}\` already exists!`);
  }
  storage.aliases.set(alias, collection);
}

function renameAlias(session: Session, from: string, to: string): void {
  const { aliases } = session.storage;
  reach(session, from);
  reach(session, to);
  const collection = aliases.get(from);
  if (collection === undefined) {
    throw new Failure('notFound', `Alias ${from} does not exists!`);
  }
  aliases.delete(from);
  // The new name is not checked: it may take another alias's place, or a collection's.
  aliases.set(to, collection);
}

/** Notes what stood behind a name: the collection of an alias, or the one it will hide. */
function reach({ storage, touched }: Session, name: string): void {
  const target = storage.aliases.get(name);
  if (target !== undefined) touched.add(target);
  if (storage.collections.has(name)) touched.add(name);
}

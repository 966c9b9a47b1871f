import { aliasesOf, changeAliases } from '../store/aliases.ts';
import { named } from './checks.ts';
import { collectionAnswer } from './collection-methods.ts';
import { get, type Message } from './message.ts';
import { type Methods, method, nameOf } from './method.ts';
import { aliasActionOf } from './read-alias.ts';

function aliases(found: readonly (readonly [string, string])[]): Message {
  return {
    aliases: found.map(([alias_name, collection_name]) => ({ alias_name, collection_name })),
  };
}

/** Methods for aliases. */
export const aliasMethods: Methods = {
  '/qdrant.Collections/UpdateAliases': method(
    'aliases.update',
    'manage',
    ['ChangeAliases', collectionAnswer],
    (session, message) => {
      changeAliases(session, get.list(message, 'actions').map(aliasActionOf));
      return { result: true };
    },
  ),
  '/qdrant.Collections/ListAliases': method(
    'aliases.list',
    'read',
    ['ListAliasesRequest', 'ListAliasesResponse'],
    (session) => aliases(aliasesOf(session)),
  ),
  '/qdrant.Collections/ListCollectionAliases': method(
    'aliases.list_collection',
    'read',
    ['ListCollectionAliasesRequest', 'ListAliasesResponse'],
    (session, message) => aliases(aliasesOf(session, nameOf(message))),
    [named],
  ),
};

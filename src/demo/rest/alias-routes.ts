import type { Json } from '../json/write.ts';
import { aliasesOf, changeAliases } from '../store/aliases.ts';
import { aliasChanges } from './aliases.ts';
import { type Route, route, usual } from './route.ts';

function aliases(found: readonly (readonly [string, string])[]): Json {
  const shown = found.map(([alias, of]) => ({ alias_name: alias, collection_name: of }));
  return { aliases: shown };
}

/** Routes for aliases. */
export const aliasRoutes: readonly Route[] = [
  // Stands before the routes of a collection: one called `aliases` is not meant here.
  route(
    'aliases.update',
    'POST /collections/aliases',
    { ...usual.managing, body: aliasChanges },
    (call) => {
      changeAliases(call.session, call.body);
      return true;
    },
  ),
  route('aliases.list', 'GET /aliases', usual.reading, ({ session }) =>
    aliases(aliasesOf(session)),
  ),
  route(
    'aliases.list_collection',
    `GET ${usual.path}/aliases`,
    usual.reading,
    ({ session, collection }) => aliases(aliasesOf(session, collection)),
  ),
];

import type { Plain } from './messages.ts';
import { methods } from './methods.ts';
import { type RestCall, textOf } from './rest-call.ts';
import { entityRoutes } from './rest-entities.ts';
import { createdBy, described } from './rest-schema.ts';
import { Failure } from './store.ts';

type Route = (call: RestCall) => unknown;

/** What Milvus says where a key is missing that a route wants. */
export function wanted(call: RestCall, key: string): string {
  const text = textOf(key, call.bound(key));
  if (text !== '') return text;
  throw new Failure(1802, `missing required parameters, required parameters: [${key}]`);
}

/** Does what the call of this name does, about the request's database. */
function perform(call: RestCall, method: string, asked: Plain): Plain {
  const act = methods[method];
  if (!act) throw new TypeError(`the double knows no ${method}`);
  const { store, touch, database } = call;
  return act({ store, touch, database, asked: { db_name: database, ...asked } });
}

const named = (call: RestCall) => ({ collection_name: wanted(call, 'collectionName') });

/** A route that does what one call does, and tells nothing or this of its answer. */
function as(
  method: string,
  ask: (call: RestCall) => Plain = named,
  tell: (answer: Plain) => unknown = () => ({}),
): Route {
  return (call) => tell(perform(call, method, ask(call)));
}

const nothing = () => ({});
const alias = (call: RestCall) => ({ ...named(call), alias: wanted(call, 'aliasName') });
const aliasOnly = (call: RestCall) => ({ alias: wanted(call, 'aliasName') });
const database = (call: RestCall) => ({ db_name: wanted(call, 'dbName') });

const list = as('ShowCollections', nothing, ({ collection_names }) => collection_names);
const create: Route = (call) => {
  const collection_name = wanted(call, 'collectionName');
  const { schema, index } = createdBy(call, collection_name);
  perform(call, 'CreateCollection', { collection_name, schema });
  if (index) {
    perform(call, 'CreateIndex', { collection_name, ...index });
    perform(call, 'LoadCollection', { collection_name });
  }
  return {};
};
const describe: Route = (call) => {
  return described(call.version, perform(call, 'DescribeCollection', named(call)), call);
};
const drop = as('DropCollection');

const v2: Readonly<Record<string, Route>> = {
  'collections/list': list,
  'collections/has': as('HasCollection', named, ({ value }) => ({ has: value })),
  'collections/describe': describe,
  'collections/create': create,
  'collections/drop': drop,
  'collections/rename': as('RenameCollection', (call) => ({
    oldName: wanted(call, 'collectionName'),
    newName: wanted(call, 'newCollectionName'),
    newDBName: textOf('newDbName', call.bound('newDbName')),
  })),
  'collections/load': as('LoadCollection'),
  'collections/release': as('ReleaseCollection'),
  'collections/get_load_state': as('GetLoadState', named, ({ state }) => ({
    loadState: state === 3 ? 'LoadStateLoaded' : 'LoadStateNotLoad',
  })),
  'aliases/list': as(
    'ListAliases',
    (call) => ({ collection_name: textOf('collectionName', call.bound('collectionName')) }),
    ({ aliases }) => aliases,
  ),
  'aliases/describe': as('DescribeAlias', aliasOnly, (answer) => ({
    aliasName: answer['alias'],
    collectionName: answer['collection'],
  })),
  'aliases/create': as('CreateAlias', alias),
  'aliases/alter': as('AlterAlias', alias),
  'aliases/drop': as('DropAlias', aliasOnly),
  'databases/list': as('ListDatabases', nothing, ({ db_names }) => db_names),
  'databases/create': as('CreateDatabase', database),
  'databases/drop': as('DropDatabase', database),
  'users/list': as('ListCredUsers', nothing, ({ usernames }) => usernames),
};

const v1: Readonly<Record<string, Route>> = {
  'GET collections': list,
  'GET collections/describe': describe,
  'POST collections/create': create,
  'POST collections/drop': drop,
};

const entities = Object.entries(entityRoutes);

/** The routes that the double serves: `POST /v2/vectordb/entities/search`. */
export const routes: ReadonlyMap<string, Route> = new Map([
  ...Object.entries(v2).map(([path, route]) => [`POST /v2/vectordb/${path}`, route] as const),
  ...Object.entries(v1).map(([path, route]) => [path.replace(' ', ' /v1/vector/'), route] as const),
  ...entities.map(([path, route]) => [`POST /v2/vectordb/entities/${path}`, route] as const),
  ...entities.map(([path, route]) => [`POST /v1/vector/${path}`, route] as const),
]);

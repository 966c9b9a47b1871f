import { operations } from '../../../src/catalog/milvus/operations.ts';
import { encode, requestOf } from '../../catalog/milvus/descriptions.ts';
import { encode as encodeType } from '../../support/milvus/messages.ts';
import { emptyDatabase, newCollection, type Store } from '../../support/milvus/store.ts';

/** The collection that every request is about, an alias of it, and names that are free. */
export const every = 'every';
export const alias = 'elsewhere';
const [fresh, newer] = ['fresh', 'newer'];

const schema = { name: every, fields: [{ name: 'id', data_type: 5, is_primary_key: true }] };
const { id } = newCollection(schema);

/** Puts back what every request is about. */
export function seedEvery(store: Store): void {
  const database = emptyDatabase();
  database.collections.set(every, { ...newCollection(schema), id });
  database.aliases.set(alias, every);
  store.clear();
  store.set('default', database);
}

/** A route over REST, and the keys or parameters by which it names something. */
const plans = new Map(
  operations.flatMap(({ rest }) => rest.map((plan) => [`${plan.method} ${plan.path}`, plan])),
);

/** Whether a route passes for nobody though its operation does. */
export function isClosed(route: string): boolean {
  return plans.get(route)?.closed !== undefined;
}

/** A request on a route which names what it can. */
export function requestOn(route: string): { method: string; path: string; body?: string } {
  const [method = '', path = ''] = route.split(' ');
  const said: Record<string, unknown> = {
    ...{ dbName: 'default', collectionName: every, data: [{ id: 1 }] },
    ...{ targetCollectionName: fresh, newCollectionName: fresh, aliasName: alias },
  };
  if (path.endsWith('/collections/create')) said['collectionName'] = fresh;
  if (path.endsWith('/aliases/create')) said['aliasName'] = newer;
  const plan = plans.get(route);
  if (method === 'GET') {
    const query = (plan?.query ?? []).map((name) => `${name}=${said[name]}`).join('&');
    return { method, path: `${path}?${query}` };
  }
  const known = Object.entries(said).filter(([key]) => plan?.shape?.known?.has(key));
  return { method, path, body: JSON.stringify(Object.fromEntries(known)) };
}

/** A message of a call which names what it can. */
export function messageTo(path: string): Buffer {
  const create = path.endsWith('/CreateCollection');
  const content: Record<string, unknown> = {};
  for (const { name, repeated } of requestOf(path).fieldsArray) {
    const value = valueFor(name, create, path);
    if (value !== undefined) content[name] = repeated ? [value] : value;
  }
  if (create) {
    content['schema'] = encodeType('milvus.proto.schema.CollectionSchema', {
      ...schema,
      name: fresh,
    });
  }
  return encode(path, content);
}

function valueFor(name: string, create: boolean, path: string): string | number | undefined {
  if (name === 'dsl_type') return 1;
  if (/^(db_?name|database)$/i.test(name)) return 'default';
  if (/^(collection_?names?|oldName)$/i.test(name)) return create ? fresh : every;
  if (/^(newName|target_collection_name)$/.test(name)) return fresh;
  if (name === 'alias') return path.endsWith('/CreateAlias') ? newer : alias;
  return undefined;
}

import { fieldsOf, keyFieldOf, nearest, rowsWhere } from './columns.ts';
import type { Json, JsonObject } from './json.ts';
import { likeGjson } from './json.ts';
import { type RestCall, textOf } from './rest-call.ts';
import { collectionOf, type DoubleCollection, Failure, nextId, type TouchKind } from './store.ts';

type Row = ReadonlyMap<string, unknown>;

/** What REST does with entities, by the last part of its path: what it is about is bound, what it
 * does it with is found in the raw body. */
export const entityRoutes: Readonly<Record<string, (call: RestCall) => unknown>> = {
  insert: (call) => {
    const ids = put(call);
    return { insertCount: ids.length, insertIds: ids };
  },
  upsert: (call) => {
    const ids = put(call);
    return { upsertCount: ids.length, upsertIds: ids };
  },
  delete: (call) => {
    const collection = reach(call, 'write');
    for (const [id] of picked(call, collection)) collection.rows.delete(id);
    return {};
  },
  query: (call) => {
    const collection = reach(call, 'read');
    const rows = rowsWhere(collection, textOf('filter', call.bound('filter')));
    return rows.map(([, row]) => shown(call, collection, row));
  },
  get: (call) => {
    const collection = reach(call, 'read');
    return picked(call, collection).map(([, row]) => shown(call, collection, row));
  },
  search: (call) => {
    const collection = reach(call, 'read');
    const key = call.version === 1 ? [call.bound('vector')] : [call.bound('data')].flat();
    const limit = Number(textIn(call.bound('limit')) || 100);
    const field = textOf('annsField', call.bound('annsField')) || 'vector';
    return key.flatMap((vector) => {
      const near = nearest(collection, field, numbersIn(vector)).slice(0, limit);
      return near.map(({ row, score }) => {
        return { ...shown(call, collection, row), distance: score };
      });
    });
  },
  hybrid_search: (call) => {
    reach(call, 'read');
    return [];
  },
};

function reach(call: RestCall, kind: TouchKind): DoubleCollection {
  const named = textOf('collectionName', call.bound('collectionName'));
  if (named === '') throw missing('collectionName');
  if (
    call.version === 1 &&
    kind === 'read' &&
    ['vector', 'filter', 'id'].every((key) => !call.bound(key))
  )
    throw missing('collectionName, vector');
  const { name, collection } = collectionOf(call.store, call.database, named);
  call.touch(kind, call.database, name);
  return collection;
}

function missing(keys: string): Failure {
  return new Failure(1802, `missing required parameters, required parameters: [${keys}]`);
}

/** The rows of `data`: several, or one alone. Answers their keys. */
function put(call: RestCall): unknown[] {
  const collection = reach(call, 'write');
  const key = keyFieldOf(collection);
  const field = fieldsOf(collection).find(({ name }) => name === key);
  const data = [call.raw('data')].flat().filter((each) => each !== undefined);
  if (data.length === 0) throw missing('data');
  return data.map((each) => {
    if (!isObject(each)) throw new Failure(1801, 'a row is an object');
    const names = new Set(each.members.map(([name]) => name));
    const row = new Map([...names].map((name) => [name, kept(likeGjson(each, name))]));
    if (field?.['autoID']) row.set(key, nextId());
    const id = String(row.get(key));
    collection.rows.set(id, row);
    return keyShown(collection, id);
  });
}

/** The rows whose keys the raw body gives, or that its filter picks. */
function picked(call: RestCall, collection: DoubleCollection): readonly (readonly [string, Row])[] {
  const ids = call.raw('id');
  if (ids === undefined) {
    return rowsWhere(collection, textOf('filter', call.bound('filter')));
  }
  const wanted = new Set([ids].flat().map(textIn));
  return [...collection.rows].filter(([id]) => wanted.has(id));
}

function shown(call: RestCall, collection: DoubleCollection, row: Row): Record<string, unknown> {
  const key = keyFieldOf(collection);
  const names = [call.bound('outputFields') ?? []].flat().map(String);
  const wanted = names.includes('*') ? [...row.keys()] : names;
  const found = wanted.filter((name) => row.has(name)).map((name) => [name, row.get(name)]);
  return { ...Object.fromEntries(found), [key]: keyShown(collection, String(row.get(key))) };
}

function keyShown(collection: DoubleCollection, id: string): unknown {
  const key = keyFieldOf(collection);
  const isText = fieldsOf(collection).some(
    (each) => each['name'] === key && each['data_type'] === 21,
  );
  return isText ? id : BigInt(id);
}

/** A value as the double keeps it: whole numbers as text, as protobuf's are. */
function kept(value: Json | undefined): unknown {
  if (Array.isArray(value)) return numbersIn(value);
  const text = textIn(value);
  return typeof value === 'object' && /[.e]/i.test(text) ? Number(text) : text;
}

function numbersIn(value: Json | undefined): number[] {
  return Array.isArray(value) ? value.map((each) => Number(textIn(each))) : [];
}

function textIn(value: Json | undefined): string {
  if (typeof value === 'object' && value !== null && 'number' in value) return value.number;
  return typeof value === 'string' ? value : '';
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && 'members' in value;
}

import { columnOf, fieldsOf, keyFieldOf, nearest, rowsIn, rowsWhere } from './columns.ts';
import { decode, type Plain } from './messages.ts';
import { snapshotMethods } from './snapshots.ts';
import {
  collectionOf,
  type DoubleCollection,
  databaseOf,
  emptyDatabase,
  Failure,
  newCollection,
  type Store,
  type Touch,
  type TouchKind,
} from './store.ts';

/** A call as its method sees it: its message, and the database that it is about. */
export interface DoubleCall {
  readonly store: Store;
  readonly touch: Touch;
  readonly asked: Plain;
  readonly database: string;
}

type Method = (call: DoubleCall) => Plain;

const text = (asked: Plain, name: string) => String(asked[name] ?? '');
function find({ store, touch, database, asked }: DoubleCall, kind: TouchKind = 'read') {
  const [name, id] = [text(asked, 'collection_name'), text(asked, 'collectionID')];
  const found = collectionOf(store, database, name, id);
  touch(kind, database, found.name);
  return found;
}
const tag = 'v2.3.5-lite';

/** The methods of the double, each as Milvus 2.3.5 answers it; what fails throws `Failure`. */
export const methods: Readonly<Record<string, Method>> = {
  Connect: () => ({ server_info: { build_tags: tag }, identifier: '470644954592182274' }),
  GetVersion: () => ({ version: tag }),
  CheckHealth: () => ({ isHealthy: true }),
  ListDatabases: ({ store }) => ({ db_names: [...store.keys()] }),
  CreateDatabase: ({ store, asked }) => {
    store.set(text(asked, 'db_name'), emptyDatabase());
    return {};
  },
  DropDatabase: ({ store, asked }) => {
    const { collections } = databaseOf(store, text(asked, 'db_name'));
    if (collections.size > 0) throw new Failure(65535, 'database not empty');
    store.delete(text(asked, 'db_name'));
    return {};
  },
  // The names that it is asked for count only where what is loaded is asked for.
  ShowCollections: ({ store, database }) => {
    const shown = [...databaseOf(store, database).collections];
    return {
      collection_names: shown.map(([name]) => name),
      collection_ids: shown.map(([, { id }]) => id),
    };
  },
  HasCollection: (call) => {
    try {
      find(call);
      return { value: true };
    } catch {
      return { value: false };
    }
  },
  DescribeCollection: (call) => {
    const { name, collection, database } = find(call);
    const collection_name = text(call.asked, 'collection_name');
    const aliases = [...database.aliases].flatMap(([alias, to]) => (to === name ? [alias] : []));
    return {
      ...{ schema: collection.schema, collectionID: collection.id, aliases },
      ...{ collection_name, db_name: call.database, shards_num: 1, num_partitions: 1 },
      ...collection.made,
    };
  },
  CreateCollection: ({ store, touch, database, asked }) => {
    const name = text(asked, 'collection_name');
    touch('write', database, name);
    const schema = decode('milvus.proto.schema.CollectionSchema', asked['schema'] as Buffer);
    const fields = (schema['fields'] as Plain[]).map((field, at) => {
      return { ...field, fieldID: String(100 + at) };
    });
    const { consistency_level, properties } = asked;
    const made = newCollection({ ...schema, fields }, { consistency_level, properties });
    databaseOf(store, database).collections.set(name, made);
    return {};
  },
  DropCollection: ({ store, touch, database, asked }) => {
    const { collections } = databaseOf(store, database);
    const name = text(asked, 'collection_name');
    touch('write', database, name);
    // By its own name only: an alias is none.
    if (!collections.delete(name)) throw new Failure(100, 'not found');
    return {};
  },
  RenameCollection: ({ store, touch, database, asked }) => {
    const [from, to] = [text(asked, 'oldName'), text(asked, 'newName')];
    const into = text(asked, 'newDBName') || database;
    touch('write', database, from);
    touch('write', into, to);
    const { collections } = databaseOf(store, database);
    const found = collections.get(from);
    if (!found) throw new Failure(100, 'not found');
    databaseOf(store, into).collections.set(to, found);
    collections.delete(from);
    return {};
  },
  GetCollectionStatistics: (call) => {
    const { rows } = find(call).collection;
    return { stats: [{ key: 'row_count', value: String(rows.size) }] };
  },
  CreateIndex: (call) => {
    const { indexes } = find(call, 'write').collection;
    const field_name = text(call.asked, 'field_name');
    const params = call.asked['extra_params'];
    indexes.push({ index_name: field_name, field_name, params, state: 3 });
    return {};
  },
  DescribeIndex: (call) => {
    const { indexes } = find(call).collection;
    if (indexes.length === 0) throw new Failure(700, 'index not found');
    return { index_descriptions: indexes };
  },
  LoadCollection: (call) => {
    find(call, 'write').collection.loaded = true;
    return {};
  },
  ReleaseCollection: (call) => {
    find(call, 'write').collection.loaded = false;
    return {};
  },
  GetLoadingProgress: (call) => ({ progress: find(call).collection.loaded ? 100 : 0 }),
  GetLoadState: (call) => ({ state: find(call).collection.loaded ? 3 : 1 }),
  Insert: (call) => {
    const { collection } = find(call, 'write');
    const key = keyFieldOf(collection);
    const count = Number(call.asked['num_rows']);
    const rows = rowsIn(call.asked['fields_data'] as Plain[], count);
    for (const row of rows) collection.rows.set(String(row.get(key)), row);
    const IDs = { int_id: { data: rows.map((row) => row.get(key)) } };
    return { IDs, insert_cnt: count, succ_index: rows.map((_, at) => at) };
  },
  // A partial one keeps what it says nothing of, of the rows that are there.
  Upsert: (call) => {
    const { collection } = find(call, 'write');
    const key = keyFieldOf(collection);
    const count = Number(call.asked['num_rows']);
    const rows = rowsIn(call.asked['fields_data'] as Plain[], count);
    for (const row of rows) {
      const id = String(row.get(key));
      const kept = call.asked['partial_update'] ? collection.rows.get(id) : undefined;
      collection.rows.set(id, new Map([...(kept ?? []), ...row]));
    }
    return { IDs: { int_id: { data: rows.map((row) => row.get(key)) } }, upsert_cnt: count };
  },
  Query: (call) => {
    const { name, collection } = find(call);
    const most = Number(pairsIn(call.asked['query_params'] ?? []).get('limit') ?? 16_384);
    const found = rowsWhere(collection, text(call.asked, 'expr')).slice(0, most);
    const rows = found.map(([, row]) => row);
    if ((call.asked['output_fields'] as string[]).includes('count(*)')) {
      const counted = { type: 5, field_name: 'count(*)' };
      return { fields_data: [{ ...counted, scalars: { long_data: { data: [found.length] } } }] };
    }
    const fields = outputOf(call, collection, keyFieldOf(collection));
    const fields_data = fields.map((field) => columnOf(field, rows));
    return { fields_data, collection_name: name, output_fields: fields.map(({ name }) => name) };
  },
  Search: (call) => {
    const { name, collection } = find(call);
    const said = pairsIn(call.asked['search_params']);
    const group = decode(
      'milvus.proto.common.PlaceholderGroup',
      (call.asked['placeholder_group'] as Buffer | undefined) ?? Buffer.alloc(0),
    );
    const [placeholder] = group['placeholders'] as { values: Buffer[] }[];
    const found = (placeholder?.values ?? []).map((bytes) => {
      return nearest(collection, said.get('anns_field') || 'vector', floatsIn(bytes)).slice(
        0,
        Number(said.get('topk') ?? said.get('limit') ?? 10),
      );
    });
    const hits = found.flat();
    const fields = outputOf(call, collection);
    const rows = hits.map(({ row }) => row);
    const results = {
      ...{
        fields_data: fields.map((field) => columnOf(field, rows)),
        output_fields: fields.map(({ name }) => name),
      },
      ...{ num_queries: found.length, top_k: found[0]?.length ?? 0 },
      scores: hits.map(({ score }) => score),
      ids: { int_id: { data: hits.map(({ id }) => id) } },
      topks: found.map(({ length }) => length),
    };
    return { results, collection_name: name };
  },
  CreateAlias: setAlias,
  AlterAlias: setAlias,
  DropAlias: (call) => {
    const { aliases, alias } = aliasOf(call);
    aliases.delete(alias);
    return {};
  },
  ListAliases: (call) => {
    const of = text(call.asked, 'collection_name');
    const { aliases } = databaseOf(call.store, call.database);
    const target = of === '' ? null : find(call).name;
    const shown = [...aliases].filter(([, to]) => target === null || to === target);
    return { db_name: call.database, aliases: shown.map(([alias]) => alias) };
  },
  ...snapshotMethods,
  ListCredUsers: () => ({ usernames: ['root'] }),
  DescribeAlias: ({ store, database, asked }) => {
    const alias = text(asked, 'alias');
    const collection = databaseOf(store, database).aliases.get(alias);
    if (!collection) throw new Failure(1600, `alias not found[alias=${alias}]`);
    return { alias, collection };
  },
};

/** An alias, and what it leads to until now: both are touched. */
function aliasOf({ store, touch, database, asked }: DoubleCall) {
  const { aliases } = databaseOf(store, database);
  const alias = text(asked, 'alias').trim();
  touch('write', database, aliases.get(alias) ?? alias);
  return { aliases, alias };
}

function setAlias(call: DoubleCall): Plain {
  const { aliases, alias } = aliasOf(call);
  aliases.set(alias, find(call, 'write').name);
  return {};
}

function outputOf({ asked }: DoubleCall, collection: DoubleCollection, always = ''): Plain[] {
  const wanted = new Set([always, ...(asked['output_fields'] as string[])]);
  return fieldsOf(collection).filter(({ name }) => wanted.has('*') || wanted.has(String(name)));
}

function pairsIn(pairs: unknown): Map<string, string> {
  return new Map((pairs as { key: string; value: string }[]).map(({ key, value }) => [key, value]));
}

function floatsIn(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
}

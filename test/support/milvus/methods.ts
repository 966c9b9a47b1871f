import { columnOf, fieldsOf, keyFieldOf, nearest, rowsIn, rowsWhere } from './columns.ts';
import { decode, type Plain } from './messages.ts';
import {
  collectionOf,
  type DoubleCollection,
  databaseOf,
  emptyDatabase,
  Failure,
  newCollection,
  type Store,
} from './store.ts';

/** A call as its method sees it: its message, and the database that it is about. */
export interface DoubleCall {
  readonly store: Store;
  readonly asked: Plain;
  readonly database: string;
}

type Method = (call: DoubleCall) => Plain;

const text = (asked: Plain, name: string) => String(asked[name] ?? '');
const find = ({ store, database, asked }: DoubleCall) =>
  collectionOf(store, database, text(asked, 'collection_name'), text(asked, 'collectionID'));
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
      ...{ collection_name, db_name: call.database, shards_num: 1 },
    };
  },
  CreateCollection: ({ store, database, asked }) => {
    const name = text(asked, 'collection_name');
    const schema = decode('milvus.proto.schema.CollectionSchema', asked['schema'] as Buffer);
    const fields = (schema['fields'] as Plain[]).map((field, at) => {
      return { ...field, fieldID: String(100 + at) };
    });
    databaseOf(store, database).collections.set(name, newCollection({ ...schema, fields }));
    return {};
  },
  DropCollection: ({ store, database, asked }) => {
    const { collections } = databaseOf(store, database);
    // By its own name only: an alias is none.
    if (!collections.delete(text(asked, 'collection_name'))) throw new Failure(100, 'not found');
    return {};
  },
  CreateIndex: (call) => {
    const { indexes } = find(call).collection;
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
    find(call).collection.loaded = true;
    return {};
  },
  GetLoadingProgress: (call) => ({ progress: find(call).collection.loaded ? 100 : 0 }),
  GetLoadState: (call) => ({ state: find(call).collection.loaded ? 3 : 2 }),
  Insert: (call) => {
    const { collection } = find(call);
    const key = keyFieldOf(collection);
    const count = Number(call.asked['num_rows']);
    const rows = rowsIn(call.asked['fields_data'] as Plain[], count);
    for (const row of rows) collection.rows.set(String(row.get(key)), row);
    const IDs = { int_id: { data: rows.map((row) => row.get(key)) } };
    return { IDs, insert_cnt: count, succ_index: rows.map((_, at) => at) };
  },
  Query: (call) => {
    const { name, collection } = find(call);
    const rows = rowsWhere(collection, text(call.asked, 'expr')).map(([, row]) => row);
    const fields = outputOf(call, collection, keyFieldOf(collection));
    const fields_data = fields.map((field) => columnOf(field, rows));
    return { fields_data, collection_name: name, output_fields: fields.map(({ name }) => name) };
  },
  Search: (call) => {
    const { name, collection } = find(call);
    const said = pairsIn(call.asked['search_params']);
    const group = decode(
      'milvus.proto.common.PlaceholderGroup',
      call.asked['placeholder_group'] as Buffer,
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
  CreateAlias: (call) => {
    const { aliases } = databaseOf(call.store, call.database);
    aliases.set(text(call.asked, 'alias').trim(), find(call).name);
    return {};
  },
  DropAlias: ({ store, database, asked }) => {
    databaseOf(store, database).aliases.delete(text(asked, 'alias').trim());
    return {};
  },
  ListAliases: (call) => {
    const of = text(call.asked, 'collection_name');
    const { aliases } = databaseOf(call.store, call.database);
    const target = of === '' ? null : find(call).name;
    const shown = [...aliases].filter(([, to]) => target === null || to === target);
    return { db_name: call.database, aliases: shown.map(([alias]) => alias) };
  },
  DescribeAlias: ({ store, database, asked }) => {
    const alias = text(asked, 'alias');
    const collection = databaseOf(store, database).aliases.get(alias);
    if (!collection) throw new Failure(1600, `alias not found[alias=${alias}]`);
    return { alias, collection };
  },
};

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

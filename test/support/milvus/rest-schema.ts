import type { Json } from './json.ts';
import { likeSonic } from './json.ts';
import { encode, type Plain } from './messages.ts';
import type { RestCall } from './rest-call.ts';
import { collectionOf } from './store.ts';

/** The names of the types that the double knows, by their numbers in schema.proto. */
const types = new Map([
  ['Int64', 5],
  ['VarChar', 21],
  ['FloatVector', 101],
]);

/** The schema of a collection to be made, and its index where a dimension alone says how. */
export function createdBy(call: RestCall, name: string): { schema: Buffer; index: Plain | null } {
  const dimension = numberIn(call.bound('dimension'));
  const schema = call.bound('schema');
  const fields = isObject(schema)
    ? ((likeSonic(schema, 'fields') ?? []) as Json[]).map(fieldOf)
    : [
        { name: 'id', data_type: 5, is_primary_key: true, autoID: call.version === 1 },
        { name: 'vector', data_type: 101, type_params: [{ key: 'dim', value: dimension }] },
      ];
  const content = { name, fields, enable_dynamic_field: true };
  const index = { field_name: 'vector', extra_params: [{ key: 'metric_type', value: 'COSINE' }] };
  return {
    schema: encode('milvus.proto.schema.CollectionSchema', content),
    index: isObject(schema) ? null : index,
  };
}

/** What REST tells of a collection. */
export function described(version: 1 | 2, answer: Plain, { store, database }: RestCall): unknown {
  const schema = answer['schema'] as Plain;
  const { collection, name } = collectionOf(store, database, String(answer['collection_name']));
  const fields = schema['fields'] as Plain[];
  return {
    collectionName: version === 1 ? answer['collection_name'] : name,
    description: '',
    enableDynamicField: schema['enable_dynamic_field'] === true,
    fields: fields.map((field) => ({
      autoId: field['autoID'] === true,
      ...{ description: '', name: field['name'], primaryKey: field['is_primary_key'] === true },
      type: typeText(field),
    })),
    indexes: collection.indexes.map(({ field_name, index_name, params }) => ({
      ...{ fieldName: field_name, indexName: index_name },
      metricType: (params as Plain[]).find(({ key }) => key === 'metric_type')?.['value'],
    })),
    load: collection.loaded ? 'LoadStateLoaded' : 'LoadStateNotLoad',
    shardsNum: 1,
    ...(version === 1
      ? {}
      : {
          ...{ aliases: answer['aliases'], partitionsNum: 1, properties: [] },
          consistencyLevel: 'Bounded',
        }),
  };
}

function fieldOf(field: Json): Plain {
  const text = (key: string) => (isObject(field) ? likeSonic(field, key) : undefined);
  return {
    name: text('fieldName'),
    data_type: types.get(String(text('dataType'))) ?? 0,
    is_primary_key: text('isPrimary') === true,
    autoID: text('autoID') === true,
  };
}

function typeText({ data_type, type_params = [] }: Plain): string {
  const name = [...types].find(([, number]) => number === data_type)?.[0] ?? '';
  const [size] = type_params as { value: string }[];
  return size ? `${name}(${size.value})` : name;
}

function isObject(value: Json | undefined): value is Extract<Json, { members: unknown }> {
  return typeof value === 'object' && value !== null && 'members' in value;
}

/** A number as its text, where it is one. */
function numberIn(value: Json | undefined): string {
  return typeof value === 'object' && value !== null && 'number' in value ? value.number : '0';
}

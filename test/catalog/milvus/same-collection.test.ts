import { describe, expect, it } from 'vitest';
import { isSameCollection } from '../../../src/catalog/milvus/same-collection.ts';
import { described, encode } from './descriptions.ts';

const service = '/milvus.proto.milvus.MilvusService/';
const [create, describing] = ['CreateCollection', 'DescribeCollection'].map((method) => {
  return described.get(service + method);
});
const schemaType = create?.root.lookupType('milvus.proto.schema.CollectionSchema');

type Parts = Readonly<Record<string, unknown>>;

const pair = (key: string, value: string) => ({ key, value });
const id = { name: 'id', data_type: 'Int64', is_primary_key: true };
const vector = { name: 'vector', data_type: 'FloatVector', type_params: [pair('dim', '4')] };
const text = { name: 'text', data_type: 'VarChar', type_params: [pair('max_length', '64')] };
const plain = [id, vector, text];

/** A request as a client writes it. */
function asking(fields: readonly Parts[], schema: Parts = {}, more: Parts = {}): Buffer {
  const content = schemaType?.fromObject({ name: 'pub', fields, ...schema });
  const bytes = schemaType?.encode(content ?? {}).finish();
  return encode(`${service}CreateCollection`, { collection_name: 'pub', schema: bytes, ...more });
}

/** An answer as a Milvus 2.3.5 tells it. */
function telling(fields: readonly Parts[], schema: Parts = {}, more: Parts = {}): Buffer {
  const numbered = fields.map((each, at) => ({ fieldID: 100 + at, ...each }));
  const type = describing?.resolvedResponseType;
  const content = type?.fromObject({
    status: {},
    schema: { name: 'pub', fields: numbered, ...schema },
    ...{ collectionID: 470, shards_num: 1, num_partitions: 1, collection_name: 'pub' },
    ...{ virtual_channel_names: ['v0'], created_timestamp: 7, ...more },
  });
  return Buffer.from(type?.encode(content ?? {}).finish() ?? []);
}

const there = telling(plain);
const other = (at: number, change: Parts) =>
  plain.map((each, index) => (index === at ? { ...each, ...change } : each));

// Each was sent to a Milvus 2.3.5, twice: it answered so.
describe('a second create is the same', () => {
  it.each([
    ['as it was made', asking(plain)],
    ['with the shards it has anyway', asking(plain, {}, { shards_num: 1 })],
    ['with no number of shards', asking(plain, {}, { shards_num: -1 })],
    ['at the level it has anyway', asking(plain, {}, { consistency_level: 'Strong' })],
    ['with autoID of the schema, which counts for nothing', asking(plain, { autoID: true })],
    ['with properties of the schema', asking(plain, { properties: [pair('a', 'b')] })],
    ['with ids of its own', asking(other(0, { fieldID: 777 }))],
    ['with a state', asking(other(2, { state: 'FieldCreating' }))],
  ])('%s', (_how, request) => {
    expect(isSameCollection(request, there)).toBe(true);
  });

  it('with parameters in another order', () => {
    const indexed = (...index_params: Parts[]) => [id, { ...vector, index_params }];
    const told = telling(indexed(pair('a', '1'), pair('b', '2')));
    const same = asking(indexed(pair('b', '2'), pair('a', '1')));
    expect(isSameCollection(same, told)).toBe(true);
    const changed = asking(indexed(pair('b', '1'), pair('a', '2')));
    expect(isSameCollection(changed, told)).toBe(false);
  });

  it('with the properties it has, of which a newer server adds its own', () => {
    const ttl = pair('collection.ttl.seconds', '10');
    const asked = asking(plain, {}, { properties: [ttl] });
    expect(isSameCollection(asked, telling(plain, {}, { properties: [ttl] }))).toBe(true);
    const added = [pair('timezone', 'UTC'), ttl, pair('max_field_id', '102')];
    expect(isSameCollection(asked, telling(plain, {}, { properties: added }))).toBe(true);
    expect(isSameCollection(asking(plain), telling(plain, {}, { properties: [ttl] }))).toBe(false);
    expect(isSameCollection(asked, there)).toBe(false);
  });

  it('with a partition key and the partitions it has, or none said', () => {
    const keyed = other(2, { is_partition_key: true });
    const told = (num_partitions: number) => telling(keyed, {}, { num_partitions });
    expect(isSameCollection(asking(keyed), told(64))).toBe(true);
    expect(isSameCollection(asking(keyed), told(16))).toBe(true);
    expect(isSameCollection(asking(keyed), told(8))).toBe(false);
    expect(isSameCollection(asking(keyed, {}, { num_partitions: 8 }), told(8))).toBe(true);
    expect(isSameCollection(asking(keyed, {}, { num_partitions: 16 }), told(64))).toBe(false);
    expect(isSameCollection(asking(plain), told(64))).toBe(false);
  });
});

describe('a second create is another one', () => {
  const array = { name: 'more', data_type: 'Array', element_type: 'Int64' };
  it.each([
    ['of two shards', asking(plain, {}, { shards_num: 2 })],
    ['at another level', asking(plain, {}, { consistency_level: 'Bounded' })],
    ['with a property', asking(plain, {}, { properties: [pair('a', 'b')] })],
    ['with partitions', asking(plain, {}, { num_partitions: 4 })],
    ['with a description', asking(plain, { description: 'x' })],
    ['with dynamic fields', asking(plain, { enable_dynamic_field: true })],
    ['of another dimension', asking(other(1, { type_params: [pair('dim', '8')] }))],
    ['of a dimension spelled otherwise', asking(other(1, { type_params: [pair('dim', '04')] }))],
    ['without a dimension', asking(other(1, { type_params: [] }))],
    [
      'with a parameter twice',
      asking(other(1, { type_params: [pair('dim', '4'), pair('dim', '4')] })),
    ],
    ['with an index', asking(other(1, { index_params: [pair('index_type', 'FLAT')] }))],
    ['of longer texts', asking(other(2, { type_params: [pair('max_length', '65')] }))],
    ['with a field described', asking(other(2, { description: 'q' }))],
    ['with ids made by itself', asking(other(0, { autoID: true }))],
    ['with a partition key', asking(other(2, { is_partition_key: true }))],
    ['with a default', asking(other(2, { default_value: { string_data: 'a' } }))],
    ['with a type of elements', asking(other(2, { element_type: 'Int64' }))],
    ['with a dynamic field', asking(other(2, { is_dynamic: true }))],
    ['with nulls', asking(other(2, { nullable: true }))],
    ['with another name', asking(other(0, { name: 'idd' }))],
    ['of another type', asking(other(1, { data_type: 'BinaryVector' }))],
    ['in another order', asking([...plain].reverse())],
    ['with one more', asking([...plain, array])],
    ['with one that says nothing', asking([...plain, {}])],
    ['without one', asking(plain.slice(0, 2))],
    ['without any', asking([])],
    ['without a schema', encode(`${service}CreateCollection`, { collection_name: 'pub' })],
  ])('%s', (_how, request) => {
    expect(isSameCollection(request, there)).toBe(false);
  });

  it('with a partition, made since', () => {
    const parted = telling(plain, {}, { num_partitions: 2 });
    expect(isSameCollection(asking(plain), parted)).toBe(false);
  });

  it('with the very default it has, as Milvus 2.3 holds no two for the same', () => {
    const fields = other(2, { default_value: { string_data: 'a' } });
    expect(isSameCollection(asking(fields), telling(fields))).toBe(false);
  });

  it('where a text spells what another field would say', () => {
    const sly = other(2, { description: '[13,"1"]' });
    const asked = asking(sly, {}, { num_partitions: 64 });
    expect(isSameCollection(asked, telling(sly, {}, { num_partitions: 64 }))).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { sameOverRest } from '../../../src/catalog/milvus/same-over-rest.ts';

type Parts = Readonly<Record<string, unknown>>;

const usual = { primaryKey: false, autoId: false, description: '', partitionKey: false };
const id = { ...usual, id: 100, name: 'id', type: 'Int64', primaryKey: true };
const vector = {
  ...usual,
  ...{ id: 101, name: 'vector', type: 'FloatVector', params: [{ key: 'dim', value: '4' }] },
};
const data = {
  ...{ collectionName: 'pub', description: '', enableDynamicField: true, shardsNum: 1 },
  ...{ partitionsNum: 1, consistencyLevel: 'Bounded', functions: [], aliases: [] },
  properties: [{ key: 'timezone', value: 'UTC' }],
  fields: [id, vector],
  indexes: [{ fieldName: 'vector', indexName: 'vector', metricType: 'COSINE' }],
  load: 'LoadStateLoaded',
};
const quick = { collectionName: 'pub', dimension: 4 };
const fields = [
  { fieldName: 'id', dataType: 'Int64', isPrimary: true },
  { fieldName: 'vector', dataType: 'FloatVector', elementTypeParams: { dim: 4 } },
];
const schema = { fields, autoId: false, enableDynamicField: true };

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

function heard(request: Parts, told: Parts = {}, version: 1 | 2 = 2): string {
  const body = { collectionName: 'pub', ...request };
  return sameOverRest(version, bytes(body), bytes({ code: 0, data: { ...data, ...told } }));
}

describe('a second create over REST v2 is the same', () => {
  it.each<[string, Parts, Parts?]>([
    ['of a dimension alone', quick],
    [
      'with all that it takes anyway',
      {
        ...quick,
        ...{ idType: 'Int64', autoID: false, metricType: 'COSINE', description: '' },
        ...{ primaryFieldName: 'id', vectorFieldName: 'vector' },
        params: { shardsNum: 1, consistencyLevel: 'Bounded', enableDynamicField: true },
      },
    ],
    ['while it is loaded still', quick, { load: 'LoadStateLoading' }],
    [
      'with ids that are text',
      { ...quick, idType: 'VarChar', params: { max_length: 64 } },
      {
        fields: [{ ...id, type: 'VarChar', params: [{ key: 'max_length', value: '64' }] }, vector],
      },
    ],
    [
      'with a schema, indexed or not, loaded or not',
      { schema },
      {
        ...{ indexes: [], load: 'LoadStateNotLoad' },
      },
    ],
    [
      'with a schema and an index by its metric',
      {
        schema,
        indexParams: [{ fieldName: 'vector', indexName: 'vector', metricType: 'COSINE' }],
      },
    ],
  ])('%s', (_how, request, told) => {
    expect(heard(request, told)).toBe('same');
  });
});

describe('a second create over REST v2 is different', () => {
  it.each<[string, Parts, Parts?]>([
    ['of another dimension', { dimension: 5 }],
    ['of another metric', { ...quick, metricType: 'L2' }],
    ['by another key', { ...quick, primaryFieldName: 'key' }],
    ['by another vector', { ...quick, vectorFieldName: 'embedding' }],
    ['of ids of another type', { ...quick, idType: 'VarChar', params: { max_length: 64 } }],
    ['with ids of the server', { ...quick, autoID: true }],
    ['without further fields', { ...quick, params: { enableDynamicField: false } }],
    ['with more shards', { ...quick, params: { shardsNum: 2 } }],
    ['at another level', { ...quick, params: { consistencyLevel: 'Strong' } }],
    ['with a description', { ...quick, description: 'mine' }],
    [
      'with a field more',
      { schema: { ...schema, fields: [...fields, { fieldName: 'a', dataType: 'Int8' }] } },
    ],
    ['with fields in another order', { schema: { ...schema, fields: fields.toReversed() } }],
    ['where it cannot be told: a property', { ...quick, properties: { a: 'b' } }],
    ['where it cannot be told: a lifetime', { ...quick, params: { ttlSeconds: 9 } }],
    ['where it cannot be told: a function', { schema: { ...schema, functions: [{}] } }],
    [
      'where it cannot be told: a default',
      {
        schema: { ...schema, fields: [fields[0], { ...fields[1], nullable: true }] },
      },
    ],
    [
      'where it cannot be told: a kind of index',
      {
        schema,
        indexParams: [{ fieldName: 'vector', metricType: 'COSINE', indexType: 'HNSW' }],
      },
    ],
    ['where the key is in another case', { ...quick, Dimension: 4 }],
    ['where it has properties', quick, { properties: [{ key: 'a', value: 'b' }] }],
    ['where it has functions', quick, { functions: [{ name: 'bm25' }] }],
    [
      'where a field is a key of partitions',
      quick,
      { fields: [{ ...id, partitionKey: true }, vector] },
    ],
    [
      'where its index has another name',
      quick,
      { indexes: [{ ...data.indexes[0], indexName: 'a' }] },
    ],
    ['where it has no index', quick, { indexes: [] }],
    ['where nothing is told', quick, { fields: null }],
  ])('%s', (_how, request, told) => {
    expect(heard(request, told)).toBe('different');
  });

  it('where it is longer than is decoded', () => {
    expect(heard({ ...quick, description: ' '.repeat(1 << 20) })).toBe('different');
  });
});

it('is not loaded where loading it is what would be left to do', () => {
  expect(heard(quick, { load: 'LoadStateNotLoad' })).toBe('not loaded');
});

describe('over REST v1, which tells no level and makes ids itself', () => {
  const told = {
    indexes: [{ fieldName: 'vector', indexName: 'vector_idx', metricType: 'COSINE' }],
    ...{ partitionsNum: undefined, consistencyLevel: undefined, properties: undefined },
    fields: [
      { name: 'id', type: 'Int64', primaryKey: true, autoId: true, description: '' },
      { name: 'vector', type: 'FloatVector(4)', primaryKey: false, autoId: false, description: '' },
    ],
  };

  it.each<[string, Parts, string]>([
    ['same', quick, 'of a dimension alone'],
    ['same', { ...quick, metricType: 'COSINE', primaryField: 'id', vectorField: 'vector' }, 'said'],
    ['different', { dimension: 5 }, 'of another dimension'],
    ['different', { ...quick, metricType: 'L2' }, 'of another metric'],
    ['different', { ...quick, primaryField: 'key' }, 'by another key'],
    ['different', { ...quick, description: 'mine' }, 'with a description'],
    ['different', { ...quick, enableDynamicField: false }, 'without further fields'],
  ] as [string, Parts, string][])('is %s: %j (%s)', (sameness, request) => {
    expect(heard(request, told, 1)).toBe(sameness);
  });
});

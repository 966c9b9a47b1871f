import type { RestPlan } from './row.ts';

type Version = RestPlan['version'];
type Members = Readonly<Record<string, unknown>>;

/** What a collection is made of, each part a text or a number; what REST v1 tells nothing of is left
 * out of both. */
interface Made {
  readonly parts: Members;
  /** Its indexes; null where a create makes none and does not load it. */
  readonly indexes: readonly string[] | null;
}

/** How a second create over REST turns out. */
export type Sameness = 'different' | 'not loaded' | 'same';

/** How long a body may be that is compared, in bytes: it is decoded. */
const longest = 1 << 20;
const usualMetric = 'COSINE';
const plainBody = 'dbName collectionName dimension metricType description';
const bodyKeys: Readonly<Record<Version, ReadonlySet<string>>> = {
  1: keys(`${plainBody} primaryField vectorField enableDynamicField`),
  2: keys(`${plainBody} idType autoID primaryFieldName vectorFieldName params schema indexParams`),
};
const paramKeys = keys('max_length enableDynamicField shardsNum consistencyLevel');
const schemaKeys = keys('fields autoId enableDynamicField enabledDynamicField');
const schemaFieldKeys = keys('fieldName dataType isPrimary elementTypeParams');
const indexKeys = keys('fieldName indexName metricType');
const toldFieldKeys = keys('name type primaryKey autoId params id description');
/** What newer versions add to a collection's properties by themselves. */
const added = keys('consistency_level timezone max_field_id namespace.sharding.enabled');

/**
 * Whether what a create over REST makes, indexes and loads is what the description of a collection
 * tells (internal/distributed/proxy/httpserver, handler_v2.go and handler_v1.go). Parameters of an
 * index, defaults, keys, functions and properties are not told in full, or not at all: whoever asks
 * for any hears that it is different. Both bodies are well-formed.
 */
export function sameOverRest(version: Version, request: Buffer, description: Buffer): Sameness {
  if (request.length > longest) return 'different';
  const asked = askedIn(version, JSON.parse(request.toString('utf8')));
  const data = membersOf(JSON.parse(description.toString('utf8'))['data']);
  const told = toldIn(version, data);
  if (!asked || !told || JSON.stringify(asked.parts) !== JSON.stringify(told.parts)) {
    return 'different';
  }
  if (asked.indexes === null) return 'same';
  if (!asked.indexes.every((index) => told.indexes?.includes(index))) return 'different';
  return /^LoadState(?:Loaded|Loading)$/.test(String(data['load'])) ? 'same' : 'not loaded';
}

/** Null where it asks for more than can be compared. */
function askedIn(version: Version, body: Members): Made | null {
  const params = membersOf(body['params']);
  if (!within(body, bodyKeys[version]) || !within(params, paramKeys)) return null;
  const schema = membersOf(body['schema']);
  const quick = listOf(schema['fields']).length === 0;
  const fields = quick ? quickFields(version, body, params) : schemaFields(schema);
  const indexes = quick ? [quickIndex(version, body)] : indexesAsked(body);
  if (fields === null || indexes === undefined) return null;
  const dynamic = version === 1 ? body['enableDynamicField'] : params['enableDynamicField'];
  const stated = schema['enableDynamicField'] ?? schema['enabledDynamicField'];
  const general = {
    fields,
    dynamic: String(quick ? (dynamic ?? true) : (stated ?? false)),
    description: String(body['description'] ?? ''),
    shards: String(params['shardsNum'] ?? 1),
  };
  if (version === 1) return { parts: general, indexes };
  const level = String(params['consistencyLevel'] ?? 'Bounded');
  return { parts: { ...general, level, partitions: '1' }, indexes };
}

function quickFields(version: Version, body: Members, params: Members): readonly string[] {
  const [first, second] = quickNames(version, body);
  const isText = version === 2 && /^var[cC]har$/i.test(String(body['idType'] ?? ''));
  const length = isText ? { max_length: params['max_length'] } : {};
  const auto = version === 1 || body['autoID'] === true;
  return [
    spell(
      [
        first,
        isText ? 'VarChar' : String(body['idType'] || 'Int64').replace('int', 'Int'),
        true,
        auto,
      ],
      length,
    ),
    spell([second, 'FloatVector', false, false], { dim: body['dimension'] }),
  ];
}

function quickNames(version: Version, body: Members): [string, string] {
  const [primary, vector] =
    version === 1 ? ['primaryField', 'vectorField'] : ['primaryFieldName', 'vectorFieldName'];
  return [String(body[primary as string] || 'id'), String(body[vector as string] || 'vector')];
}

function quickIndex(version: Version, body: Members): string {
  const [, vector] = quickNames(version, body);
  const metricType = String(body['metricType'] || usualMetric);
  return spellIndex({ fieldName: vector, indexName: version === 2 && vector, metricType });
}

function schemaFields(schema: Members): readonly string[] | null {
  const fields = listOf(schema['fields']);
  if (!within(schema, schemaKeys) || !fields.every((each) => within(each, schemaFieldKeys))) {
    return null;
  }
  return fields.map(({ fieldName, dataType, isPrimary, elementTypeParams }) => {
    const primary = isPrimary === true;
    const auto = primary && schema['autoId'] === true;
    return spell([fieldName, dataType, primary, auto], membersOf(elementTypeParams));
  });
}

/** Null where it asks for none; undefined where one says more than is told. */
function indexesAsked(body: Members): readonly string[] | null | undefined {
  const indexes = listOf(body['indexParams']);
  if (indexes.length === 0) return null;
  if (!indexes.every((each) => within(each, indexKeys))) return undefined;
  return indexes.map(spellIndex);
}

/** Null where the collection has what no create can be compared with. */
function toldIn(version: Version, data: Members): Made | null {
  const fields = listOf(data['fields']);
  const further = listOf(data['properties']).some(({ key }) => !added.has(String(key)));
  if (further || listOf(data['functions']).length > 0 || !fields.every(isPlain)) return null;
  const general = {
    fields: fields.map(({ name, type, primaryKey, autoId, params }) => {
      const [, bare, size] = /^(\w+)(?:\((\d+)\))?$/.exec(String(type)) ?? [];
      const pairs = listOf(params).map(({ key, value }) => [String(key), value]);
      const sizeKey = bare === 'VarChar' ? 'max_length' : 'dim';
      const sized = size === undefined ? Object.fromEntries(pairs) : { [sizeKey]: size };
      return spell([name, bare, primaryKey === true, autoId === true], sized);
    }),
    dynamic: String(data['enableDynamicField'] === true),
    description: String(data['description'] ?? ''),
    shards: String(data['shardsNum']),
  };
  const indexes = listOf(data['indexes']).flatMap((index) => {
    return [spellIndex(index), spellIndex({ ...index, indexName: null })];
  });
  if (version === 1) return { parts: general, indexes };
  const level = String(data['consistencyLevel']);
  const partitions = String(data['partitionsNum']);
  return { parts: { ...general, level, partitions }, indexes };
}

/** Whether a field has nothing but its name, type, size and part in the primary key. */
function isPlain(field: Members): boolean {
  const further = Object.entries(field).filter(([key]) => !toldFieldKeys.has(key));
  return !field['description'] && further.every(([, value]) => !value);
}

/** A field and its parameters, so that two which mean the same are the same text. */
function spell(field: readonly unknown[], params: Members): string {
  const pairs = Object.entries(params).map(([key, value]) => `${key}=${value}`);
  return JSON.stringify([...field, ...pairs.sort()]);
}

/** An index by its name or, where Milvus names it, by any. */
function spellIndex({ fieldName, indexName, metricType }: Members): string {
  return JSON.stringify([fieldName, indexName || null, metricType]);
}

function within(members: Members, known: ReadonlySet<string>): boolean {
  return Object.keys(members).every((key) => known.has(key));
}

function membersOf(value: unknown): Members {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Members) : {};
}

function listOf(value: unknown): readonly Members[] {
  return Array.isArray(value) ? value.map(membersOf) : [];
}

function keys(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}

import { type AnswerField, fieldsOf, textsIn } from './answer-message.ts';
import { numberOf, numbersIn } from './answer-numbers.ts';

/** How two messages are compared: without what the server gives by itself, and by their parts. */
interface Compared {
  readonly ignored: readonly number[];
  /** Repeated fields of which the order says nothing. */
  readonly unordered?: readonly number[];
  readonly inner?: Readonly<Record<number, Compared>>;
  /** A value here equals none, not even itself. */
  readonly never?: number;
}

const pairs: Compared = { ignored: [] };
/** Without its id and state. 2.3 compares defaults as pointers: no two are the same. */
const field: Compared = {
  ignored: [1, 9, 16],
  unordered: [6, 7],
  inner: { 6: pairs, 7: pairs },
  never: 11,
};
const struct: Compared = { ignored: [1], unordered: [5], inner: { 4: field, 5: pairs } };
const computing: Compared = { ignored: [2, 6, 8], unordered: [9], inner: { 9: pairs } };
/** Without its name and database, which are told apart already, and autoID, which Milvus takes from
 * the primary field. */
const schema: Compared = {
  ignored: [1, 3, 6, 8, 10, 13, 14],
  inner: { 4: field, 7: computing, 9: struct },
};

/** What is compared of a collection. */
interface Made {
  readonly schema: string | null;
  readonly shards: bigint;
  readonly level: bigint;
  readonly properties: readonly string[];
  readonly partitions: bigint;
}

/** Where a request and a description have each part of it, by field number. */
interface Places {
  readonly schema: number;
  readonly shards: number;
  readonly level: number;
  readonly properties: number;
  readonly partitions: number;
}

const inRequest: Places = { schema: 4, shards: 5, level: 6, properties: 7, partitions: 8 };
const inDescription: Places = { schema: 2, shards: 8, level: 11, properties: 13, partitions: 15 };
/** What newer versions add to a collection's properties (rootcoord, create_collection_task.go). */
const added = /^\["(?:consistency_level|timezone|max_field_id|namespace[._]sharding[._]enabled)"/;
/** `is_partition_key` of a field, as a schema is spelled. */
const partitionKey = '[13,\\"1\\"]';
/** The partitions behind a partition key where a request does not say: up to 2.3, and since. */
const usualPartitions = [64n, 16n];

/**
 * Whether a CreateCollectionRequest makes the collection that a DescribeCollectionResponse tells
 * of, as Milvus compares the two (internal/metastore/model/collection.go and field.go, `Equal`).
 * Measured against 2.3.5; what only newer versions know is compared as well. Throws `Refusal`
 * unreadable-request where the answer is no message.
 */
export function isSameCollection(request: Buffer, description: Buffer): boolean {
  const asked = madeOf(fieldsOf(request), inRequest);
  const told = madeOf(fieldsOf(description), inDescription);
  if (asked.schema === null || asked.schema !== told.schema) return false;
  if ((asked.shards > 0n ? asked.shards : 1n) !== told.shards) return false;
  if (asked.level !== told.level || !isPartedSo(asked, told.partitions)) return false;
  const named = new Set(asked.properties);
  const others = told.properties.filter((each) => named.has(each) || !added.test(each));
  return others.length === named.size && others.every((each) => named.has(each));
}

/** Whether a collection has the partitions that a request asks for; an older server tells of none.
 * Their number may be given with a partition key only. */
function isPartedSo({ schema: fields, partitions }: Made, told: bigint): boolean {
  const keyed = fields?.includes(partitionKey) === true;
  if (!keyed) return partitions <= 0n && told <= 1n;
  if (told === 0n) return true;
  return partitions > 0n ? partitions === told : usualPartitions.includes(told);
}

function madeOf(fields: readonly AnswerField[], places: Places): Made {
  const at = (wanted: number) => fields.filter(({ number }) => number === wanted);
  const [first] = at(places.schema);
  const numberAt = (wanted: number) => numbersIn(fields, wanted)[0] ?? 0n;
  return {
    schema: first === undefined ? null : spell(first.content, schema),
    shards: numberAt(places.shards),
    level: numberAt(places.level),
    properties: [...new Set(at(places.properties).map(pairOf))],
    partitions: numberAt(places.partitions),
  };
}

/** A message written so that two which mean the same are the same text; null: it equals none. */
function spell(message: Buffer, compared: Compared): string | null {
  const { ignored, unordered = [], inner = {}, never } = compared;
  const parts: [number, string][] = [];
  for (const field of fieldsOf(message)) {
    const { number, wire, content } = field;
    if (number === never) return null;
    const within = inner[number];
    if (ignored.includes(number) || (within === undefined && isNothing(field))) continue;
    const said = wire === 0 ? numberOf(content) : content;
    const text = wire === 2 && within ? spell(content, within) : String(said);
    if (text === null) return null;
    parts.push([number, text]);
  }
  const sorted = parts.sort(([a, x], [b, y]) => {
    if (a !== b || !unordered.includes(a)) return a - b;
    return x < y ? -1 : Number(x > y);
  });
  return JSON.stringify(sorted);
}

function isNothing({ wire, content }: AnswerField): boolean {
  return wire === 0 ? numberOf(content) === 0n : content.length === 0;
}

/** A KeyValuePair, as `["key","value"]`. */
function pairOf({ content }: AnswerField): string {
  const fields = fieldsOf(content);
  return JSON.stringify([1, 2].map((number) => textsIn(fields, number)[0] ?? ''));
}

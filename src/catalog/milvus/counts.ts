import type { Counter, Protocol, Rebuilt } from '../operation.ts';
import { JsonCounter } from '../reading/json-counter.ts';
import { JsonView } from '../reading/json-view.ts';
import { type FieldTally, MessageCounter } from '../reading/protobuf-counter.ts';

/** The message at field 1 of an array: its numbers, or whatever else stands there. */
const array = (each: FieldTally): FieldTally => ({ fields: { 1: each } });
const listed = array({ itself: true });
const varints = array({ packed: 'varints' });
const sized = true;

/** ScalarField of schema.proto, each kind of which is an array. */
const scalars: FieldTally = {
  fields: {
    ...{ 1: varints, 2: varints, 3: varints, 11: varints, 15: varints, 16: varints },
    ...{ 4: array({ packed: 4 }), 5: array({ packed: 8 }) },
    ...{ 6: listed, 7: listed, 8: listed, 9: listed, 10: listed, 12: listed, 13: listed },
    14: listed,
  },
};
/** VectorField: `dim`, then floats, bits, halves, sparse ones, bytes, or lists of vectors. */
const vectors: FieldTally = {
  size: 1,
  fields: {
    2: array({ packed: 4, sized }),
    3: { packed: 1 / 8, sized },
    4: { packed: 2, sized },
    5: { packed: 2, sized },
    6: listed,
    7: { packed: 1, sized },
    8: { fields: { 2: { itself: true } } },
  },
};
const column: FieldTally = { column: true, fields: { 3: scalars, 4: vectors } };
/** FieldData, a column; that of structs is several. */
const fieldData: FieldTally = { column: true, fields: { ...column.fields, 8: array(column) } };

/** AggBucket, with its hits and the buckets within. */
const bucketFields: Record<number, FieldTally> = { 4: { itself: true } };
const bucket: FieldTally = { itself: true, fields: bucketFields };
bucketFields[5] = bucket;

/** SearchResults.results: columns of hits, scores among them, or buckets. */
const found = {
  fields: {
    2: {
      fields: {
        ...{ 3: fieldData, 8: fieldData, 17: fieldData },
        4: { column: true, packed: 4 },
        5: { column: true, fields: { 1: varints, 2: listed } },
        18: bucket,
      },
    },
  },
} as const satisfies FieldTally;
const read: FieldTally = { fields: { 2: fieldData } };
const rows = { members: { data: { elements: true } } } as const;

/** Entities that an answer to a search carries: the elements of `data`; over gRPC the length of the
 * longest column that has passed, since whoever goes away amid the answer has had that much; and
 * buckets, with the hits in them. */
export function countFound(protocol: Protocol): Counter {
  return protocol === 'http' ? new JsonCounter(rows) : new MessageCounter(found);
}

/** Entities that an answer to a query carries, in the same way. What is grouped has no column of
 * primary keys. */
export function countRead(protocol: Protocol): Counter {
  return protocol === 'http' ? new JsonCounter(rows) : new MessageCounter(read);
}

/** The member of a REST search by which buckets come in place of hits, and how long a body may be
 * in which it is looked for, in bytes. */
const buckets = 'searchAggregation';
const longest = 1024 * 1024;

/** Whether a search asks for an answer that nobody counts: `Operation.uncounted`. Over REST each
 * bucket is an object of the caller's own names, with hits and further buckets within. The body has
 * been read strictly. */
export function bringsBuckets(protocol: Protocol, { body, tail }: Rebuilt): boolean {
  if (protocol === 'grpc' || body === null) return false;
  const bytes = Buffer.concat(tail ? [body, tail] : [body]);
  // Without an escape its name stands there as it is.
  if (!bytes.includes(buckets) && !bytes.includes(0x5c)) return false;
  return bytes.length > longest || new JsonView(bytes).at(buckets) !== null;
}

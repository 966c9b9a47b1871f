import { field, framed } from './work.ts';

/** The work that is measured before a Milvus: 1,000 rows of 768 dimensions, and a search for ten. */
const rows = 1000;
const dimensions = 768;
const vectors = Float32Array.from({ length: rows * dimensions }, (_, index) => Math.sin(index + 1));
const first = vectors.subarray(0, dimensions);

/** 3 MB of protobuf: `InsertRequest` with its gRPC prefix. */
export const insertMessage = framed(
  Buffer.concat([
    field(3, Buffer.from('bench')),
    field(5, column(5, 'id', 3, field(3, field(1, varints(rows))))),
    field(5, column(101, 'vector', 4, floatVectors())),
    Buffer.concat([Buffer.from([7 * 8]), varint(rows)]),
  ]),
  false,
);

/** 3 KB: `SearchRequest` as pymilvus and the Node client write it, with its gRPC prefix. */
export const searchRequest = framed(
  Buffer.concat([
    field(3, Buffer.from('bench')),
    field(6, placeholders()),
    Buffer.from([7 * 8, 1]),
    ...parameters(),
    Buffer.from([12 * 8, 1]),
  ]),
  false,
);

/** 15 MB of JSON for `entities/insert`. */
export const insertBody = JSON.stringify({
  collectionName: 'bench',
  data: Array.from({ length: rows }, (_, id) => ({
    id,
    vector: Array.from(vectors.subarray(id * dimensions, (id + 1) * dimensions)),
  })),
});

/** 15 KB for `entities/search`. */
export const searchMilvusBody = JSON.stringify({
  collectionName: 'bench',
  data: [Array.from(first)],
  annsField: 'vector',
  limit: 10,
});

/** `MutationResult`, and `SearchResults` with ten, with their prefixes. */
export const insertedMessage = framed(Buffer.from([6 * 8, 0xe8, 7]), false);
export const foundMessage = framed(
  field(
    2,
    Buffer.concat([
      Buffer.from([8, 1, 16, 10]),
      field(4, Buffer.from(new Float32Array(10).fill(0.5).buffer)),
      field(5, field(1, field(1, varints(10)))),
      field(6, Buffer.from([10])),
    ]),
  ),
  false,
);

export const insertedBody = '{"code":0,"cost":0,"data":{"insertCount":1000,"insertIds":[0]}}';
export const foundBody = JSON.stringify({
  code: 0,
  cost: 0,
  data: Array.from({ length: 10 }, (_, id) => ({ id, distance: 0.5 })),
});

/** FieldData: `type` 1, `field_name` 2, its values. */
function column(type: number, name: string, place: number, values: Buffer): Buffer {
  return Buffer.concat([Buffer.from([8, type]), field(2, Buffer.from(name)), field(place, values)]);
}

/** VectorField: `dim` 1, `float_vector` 2 { `data` 1 } */
function floatVectors(): Buffer {
  const data = field(1, Buffer.from(vectors.buffer));
  return Buffer.concat([Buffer.from([8]), varint(dimensions), field(2, data)]);
}

/** PlaceholderGroup of one FloatVector (101). */
function placeholders(): Buffer {
  const bytes = Buffer.from(first.buffer, 0, first.byteLength);
  const value = [field(1, Buffer.from('$0')), Buffer.from([16, 101]), field(3, bytes)];
  return field(1, Buffer.concat(value));
}

function parameters(): Buffer[] {
  const pairs = [
    ['anns_field', 'vector'],
    ['metric_type', 'L2'],
    ['round_decimal', '-1'],
    ['params', '{}'],
    ['topk', '10'],
  ] as const;
  return pairs.map(([key, value]) => {
    return field(9, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))]));
  });
}

function varints(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, value) => varint(value)));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

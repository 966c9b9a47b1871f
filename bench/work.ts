import { gzipSync } from 'node:zlib';

/** The work that is measured: one search of 768 dimensions, and an answer of ten points. */
const vector = Float32Array.from({ length: 768 }, (_, index) => Math.sin(index + 1));

/** 15 KB of JSON, as `@qdrant/js-client-rest` writes it. */
export const searchBody = JSON.stringify({ query: Array.from(vector), limit: 10 });

export const searchAnswer = JSON.stringify({
  result: { points: Array.from({ length: 10 }, (_, id) => ({ id, version: 1, score: 0.9 })) },
  status: 'ok',
  time: 0.0002,
});

/** `QueryPoints` with its gRPC prefix: 3 KB. */
export const queryMessage = framed(queryPoints(), false);

/** The same as the JavaScript client sends it: compressed. */
export const queryMessageGzip = framed(gzipSync(queryPoints()), true);

/** `QueryResponse` with ten points, with its prefix. */
export const searchMessage = framed(
  Buffer.concat(
    Array.from({ length: 10 }, (_, id) =>
      field(
        1,
        Buffer.concat([field(1, Buffer.from([0x08, id])), Buffer.from([0x1d, 0, 0, 0x80, 0x3f])]),
      ),
    ),
  ),
  false,
);

/** collection_name = 1, query = 3 { nearest = 1 { dense = 2 { data = 1 } } }, limit = 9 */
function queryPoints(): Buffer {
  const data = field(1, Buffer.from(vector.buffer));
  const query = field(3, field(1, field(2, data)));
  return Buffer.concat([field(1, Buffer.from('bench')), query, Buffer.from([0x48, 10])]);
}

/** A field of a message that has a length. */
export function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** A message with its gRPC prefix. */
export function framed(message: Buffer, compressed: boolean): Buffer {
  const head = Buffer.alloc(5);
  head[0] = compressed ? 1 : 0;
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

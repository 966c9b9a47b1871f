import { type Cursor, readVarint, skipValue, varint } from '../reading/wire.ts';
import type { AskKind, Lowered } from './confine.ts';
import { askFields, pairOf } from './confine-rpc.ts';

/** What a field of a message becomes; null: it stays. */
type Rewrite = (number: number, value: Buffer) => Uint8Array | null;

const nothing = new Uint8Array(0);
/** Of HybridSearchRequest: its searches; of each of them: the fields that it asks for. */
const requests = 5;
const inner = askFields.search.output;

/** Writes into a message what it may ask for, behind its other fields, which stay as they are. The
 * message has been read strictly. */
export function writeLoweredRpc(kind: AskKind, body: Buffer, { limit, fields }: Lowered): Buffer {
  const { output, parameters, limitKey } = askFields[kind];
  const kept = rewritten(body, (number, value) => {
    if (limit !== undefined && number === parameters && pairOf(value)[0] === limitKey)
      return nothing;
    if (fields === undefined) return null;
    if (number === output) return nothing;
    return kind === 'hybrid' && number === requests ? delimited(requests, bare(value)) : null;
  });
  const added = (fields ?? []).map((field) => delimited(output, Buffer.from(field)));
  if (limit !== undefined) added.push(delimited(parameters, pair(limitKey, String(limit))));
  return Buffer.concat([kept, ...added]);
}

function bare(search: Buffer): Buffer {
  return rewritten(search, (number) => (number === inner ? nothing : null));
}

/** KeyValuePair: `key` 1, `value` 2. */
function pair(key: string, value: string): Buffer {
  return Buffer.concat([delimited(1, Buffer.from(key)), delimited(2, Buffer.from(value))]);
}

function rewritten(message: Buffer, rewrite: Rewrite): Buffer {
  const pieces: Uint8Array[] = [];
  const cursor: Cursor = { bytes: message, at: 0 };
  while (cursor.at < message.length) {
    const start = cursor.at;
    const tag = readVarint(cursor, message.length);
    const value = { bytes: message, at: cursor.at };
    skipValue(cursor, tag % 8, message.length);
    if (tag % 8 === 2) readVarint(value, message.length);
    const instead = rewrite(Math.floor(tag / 8), message.subarray(value.at, cursor.at));
    pieces.push(instead ?? message.subarray(start, cursor.at));
  }
  return Buffer.concat(pieces);
}

function delimited(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

import { delimited, rewritten } from '../reading/write.ts';
import type { AskKind, Lowered } from './confine.ts';
import { askFields, pairOf } from './confine-rpc.ts';

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
  const added = (fields ?? []).map((field) => delimited(output, field));
  if (limit !== undefined) added.push(delimited(parameters, pair(limitKey, String(limit))));
  return Buffer.concat([kept, ...added]);
}

function bare(search: Buffer): Buffer {
  return rewritten(search, (number) => (number === inner ? nothing : null));
}

/** KeyValuePair: `key` 1, `value` 2. */
function pair(key: string, value: string): Buffer {
  return Buffer.concat([delimited(1, key), delimited(2, value)]);
}

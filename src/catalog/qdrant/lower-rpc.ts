import { varint } from '../reading/wire.ts';
import { delimited, rewritten } from '../reading/write.ts';
import type { AskField, AskPlan } from './confine.ts';
import type { Lowered, LoweredSelection } from './lowered.ts';

/** Writes into each search of a message what it may ask for, behind its other fields, which stay as
 * they are. The message has been read strictly. */
export function writeLoweredRpc(plan: AskPlan, body: Buffer, lowered: readonly Lowered[]): Buffer {
  const { batch } = plan;
  if (!batch) return lowerSearch(plan, body, lowered[0]);
  let index = 0;
  return rewritten(body, (number, value) => {
    if (number !== batch.field) return null;
    return delimited(number, lowerSearch(plan, value, lowered[index++]));
  });
}

function lowerSearch({ fields }: AskPlan, search: Buffer, change: Lowered | undefined): Buffer {
  if (!change) return search;
  const added = new Map<number, Uint8Array>();
  const set = (field: AskField, write: (number: number) => Uint8Array) => {
    const number = fields[field];
    if (number !== undefined) added.set(number, write(number));
  };
  const { limit, groupSize, own, lookup } = change;
  if (limit !== undefined) set('limit', (number) => counted(number, limit));
  if (groupSize !== undefined) set('groupSize', (number) => counted(number, groupSize));
  const { payload, vectors } = own;
  if (payload) set('payload', (number) => delimited(number, payloadSelector(payload)));
  if (vectors === false) set('vectors', (number) => delimited(number, disabled));
  const looked = rewritten(search, (number, value) =>
    number === fields.lookup ? delimited(number, lowerLookup(value, lookup)) : null,
  );
  return replaced(looked, added);
}

/** WithLookup: `with_payload` 2, `with_vectors` 3. */
function lowerLookup(lookup: Buffer, { payload, vectors }: LoweredSelection): Buffer {
  const added = new Map<number, Uint8Array>();
  if (payload) added.set(2, delimited(2, payloadSelector(payload)));
  if (vectors === false) added.set(3, delimited(3, disabled));
  return replaced(lookup, added);
}

/** `enable: false`, the first field of both selectors. */
const disabled = Uint8Array.of(0x08, 0x00);

/** WithPayloadSelector: `enable` 1, `include` 2. */
function payloadSelector(fields: readonly string[]): Uint8Array {
  if (fields.length === 0) return disabled;
  return delimited(2, Buffer.concat(fields.map((field) => delimited(1, field))));
}

function replaced(message: Buffer, added: ReadonlyMap<number, Uint8Array>): Buffer {
  if (added.size === 0) return message;
  const rest = rewritten(message, (number) => (added.has(number) ? nothing : null));
  return Buffer.concat([rest, ...added.values()]);
}

const nothing = new Uint8Array(0);

function counted(number: number, count: number): Uint8Array {
  return Buffer.concat([varint(number * 8), varint(count)]);
}

import { unreadable } from '../reading/unreadable.ts';
import { readVarint, skipValue } from '../reading/wire.ts';
import type { Asked, AskField, AskPlan, Selection } from './confine.ts';

const usual = { results: 10, groupSize: 3, sample: 10, neighbours: 3 };

/** The fields of one message: numbers, and the bytes of whatever has a length. */
type Fields = ReadonlyMap<number, readonly (number | Buffer)[]>;

/** What each search of a gRPC message asks for (lib/api/src/grpc/proto/points.proto). Of a number
 * the last counts; a message that stands there in several pieces is refused. Throws `Refusal`. */
export function readAskedRpc(plan: AskPlan, body: Buffer): readonly Asked[] {
  const whole = fieldsOf(body);
  const { batch } = plan;
  if (!batch) return [askedBy(plan, whole)];
  return (whole.get(batch.field) ?? []).map((one) => askedBy(plan, fieldsOf(bytesOf(one))));
}

function askedBy(plan: AskPlan, message: Fields): Asked {
  const values = (field: AskField) => message.get(plan.fields[field] ?? -1) ?? [];
  const limit = limitOf(plan, values);
  const lookup = messageIn(values('lookup'));
  return {
    results: limit ? limit.most * limit.groupSize : resultsOf(plan, values),
    limit,
    offset: numberIn(values('offset'), 0),
    own: {
      payload: payloadOf(values('payload'), plan.payload),
      vectors: asksVectors(values('vectors')),
    },
    lookup: lookup && {
      payload: payloadOf(lookup.get(2) ?? [], true),
      vectors: asksVectors(lookup.get(3) ?? []),
    },
    revealed: revealedBy(values),
  };
}

type Values = (field: AskField) => readonly (number | Buffer)[];

function resultsOf({ results }: AskPlan, values: Values): number {
  if (results === 'ids') return values('ids').length;
  return numberIn(values('sample'), usual.sample) * numberIn(values('limit'), usual.neighbours);
}

function limitOf({ results }: AskPlan, values: Values): Asked['limit'] {
  if (results === 'ids' || results === 'matrix') return null;
  const grouped = results === 'groups';
  return {
    most: numberIn(values('limit'), usual.results),
    groupSize: grouped ? numberIn(values('groupSize'), usual.groupSize) : 1,
  };
}

/** Fields whose values an answer tells without carrying payload: what it is grouped or ordered
 * by. */
function revealedBy(values: Values): string[] {
  const order = messageIn(values('orderBy'))?.get(1) ?? [];
  // Query.order_by is its own OrderBy, whose key is its first field.
  const query = messageIn(messageIn(values('query'))?.get(queryOrder) ?? [])?.get(1) ?? [];
  const keys = [...values('groupBy'), ...values('key'), ...order, ...query];
  return keys.map((key) => bytesOf(key).toString('utf8'));
}

/** points.proto, Query: `order_by`. */
const queryOrder = 5;

/** WithPayloadSelector: `enable` 1, `include` 2, `exclude` 3, of which one may stand there. */
function payloadOf(values: readonly (number | Buffer)[], usually: boolean): Selection['payload'] {
  const selector = messageIn(values);
  if (!selector) return usually ? 'all' : [];
  const [enable, ...more] = [...selector.values()].flat();
  if (more.length === 0 && selector.has(1)) return enable === 0 ? [] : 'all';
  const include = selector.get(2);
  if (!include || selector.size > 1) return 'rest';
  const fields = messageIn(include)?.get(1) ?? [];
  return fields.map((field) => bytesOf(field).toString('utf8'));
}

/** WithVectorsSelector: whatever is not `enable: false` asks for some. */
function asksVectors(values: readonly (number | Buffer)[]): boolean {
  const selector = messageIn(values);
  if (!selector) return false;
  const all = [...selector.entries()].flatMap(([number, given]) =>
    given.map((one) => [number, one]),
  );
  return !(all.length === 1 && all[0]?.[0] === 1 && all[0][1] === 0);
}

function messageIn(values: readonly (number | Buffer)[]): Fields | null {
  const [value, ...more] = values;
  if (more.length > 0) throw unreadable('a message of the request is in pieces');
  return value === undefined ? null : fieldsOf(bytesOf(value));
}

function numberIn(values: readonly (number | Buffer)[], usually: number): number {
  const last = values.at(-1) ?? usually;
  if (typeof last === 'number') return last;
  throw unreadable('a number of the request has a wrong wire type');
}

function bytesOf(value: number | Buffer): Buffer {
  if (typeof value !== 'number') return value;
  throw unreadable('a field of the request has a wrong wire type');
}

function fieldsOf(bytes: Buffer): Fields {
  const fields = new Map<number, (number | Buffer)[]>();
  const cursor = { bytes, at: 0 };
  while (cursor.at < bytes.length) {
    const tag = readVarint(cursor, bytes.length);
    const start = cursor.at;
    skipValue(cursor, tag % 8, bytes.length);
    const value = tag % 8 === 2 ? delimited(bytes, start, cursor.at) : numberAt(bytes, start);
    const number = Math.floor(tag / 8);
    const known = fields.get(number);
    if (known) known.push(value);
    else fields.set(number, [value]);
  }
  return fields;
}

function delimited(bytes: Buffer, start: number, end: number): Buffer {
  const cursor = { bytes, at: start };
  readVarint(cursor, end);
  return bytes.subarray(cursor.at, end);
}

/** A varint of 64 bits, as near as a number can be: what is larger than any limit stays so. */
function numberAt(bytes: Buffer, start: number): number {
  let value = 0;
  let scale = 1;
  for (let at = start; at < bytes.length; at++, scale *= 128) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  return value;
}

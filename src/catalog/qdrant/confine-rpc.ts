import { bytesOf, type Fields, type FieldValue, fieldsOf } from '../reading/fields.ts';
import { unreadable } from '../reading/unreadable.ts';
import type { Asked, AskField, AskPlan, Selection } from './confine.ts';

const usual = { results: 10, groupSize: 3, sample: 10, neighbours: 3 };

/** Each id and each search is a field. As many ids as fit in 1 MiB, which is what a body may have
 * over REST: none takes less than four bytes. */
const mostFields = (1024 * 1024) / 4;

/** What each search of a gRPC message asks for (lib/api/src/grpc/proto/points.proto). Of a number
 * the last counts; a message that stands there in several pieces is refused. Throws `Refusal`. */
export function readAskedRpc(plan: AskPlan, body: Buffer): readonly Asked[] {
  const whole = fieldsOf(body, mostFields);
  const { batch } = plan;
  if (!batch) return [askedBy(plan, whole)];
  return (whole.get(batch.field) ?? []).map((one) => askedBy(plan, messageOf(one)));
}

function askedBy(plan: AskPlan, message: Fields): Asked {
  const values = (field: AskField) => message.get(plan.fields[field] ?? -1) ?? [];
  const limit = limitOf(plan, values);
  const lookup = messageIn(values('lookup'));
  return {
    results: limit ? limit.most * (limit.groupSize + limit.lookedUp) : resultsOf(plan, values),
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

type Values = (field: AskField) => readonly FieldValue[];

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
    lookedUp: values('lookup').length === 0 ? 0 : 1,
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
function payloadOf(values: readonly FieldValue[], usually: boolean): Selection['payload'] {
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
function asksVectors(values: readonly FieldValue[]): boolean {
  const selector = messageIn(values);
  if (!selector) return false;
  const all = [...selector.entries()].flatMap(([number, given]) =>
    given.map((one) => [number, one]),
  );
  return !(all.length === 1 && all[0]?.[0] === 1 && all[0][1] === 0);
}

function messageIn(values: readonly FieldValue[]): Fields | null {
  const [value, ...more] = values;
  if (more.length > 0) throw unreadable('a message of the request is in pieces');
  return value === undefined ? null : messageOf(value);
}

function numberIn(values: readonly FieldValue[], usually: number): number {
  const last = values.at(-1) ?? usually;
  if (typeof last === 'number') return last;
  throw unreadable('a number of the request has a wrong wire type');
}

function messageOf(value: FieldValue): Fields {
  return fieldsOf(bytesOf(value), mostFields);
}

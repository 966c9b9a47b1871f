import type { Head, Located, Names, Reading, Rebuilt } from '../operation.ts';
import type { FieldMention } from '../reading/message.ts';
import { isName, unnameable } from '../reading/name.ts';
import { MessageReader } from '../reading/protobuf.ts';
import { type Rewrite, rewriteMessage } from '../reading/rewrite.ts';
import { readThrough } from '../reading/slices.ts';
import { unreadable } from '../reading/unreadable.ts';
import { distinct, judge } from './judge.ts';
import { referTo } from './need.ts';
import type { Given, Row, RowOf, RpcPlan } from './row.ts';

/** None: what a call needs upstream is the forwarder's own. */
const fields: readonly string[] = [];
/** Strings that name nothing which policy must judge. */
const unjudged = new Set(['echo', 'file']);

/** A gRPC call matched to its row: its name is inside the message. Throws `Refusal`
 * unreadable-request. */
export function locateRpc(row: Row, head: Head, rowOf: RowOf): Located {
  const plan = row.rpc as RpcPlan;
  checkType(head);
  const early: Given = { protocol: 'grpc', row, collection: null, texts: [], inner: [] };
  const hasName = row.judge !== null || namesCollection(plan);
  return {
    operation: row,
    hold: plan.cap,
    names: [],
    needs: (names) => (hasName ? [] : judge(early, names, rowOf).needs),
    read: (body) => {
      const read = readThrough(new MessageReader(body ?? Buffer.alloc(0), plan.message));
      return read instanceof Promise
        ? read.then((reader) => readingOf(row, reader, rowOf))
        : readingOf(row, read, rowOf);
    },
  };
}

function namesCollection({ message }: RpcPlan): boolean {
  const first = message.fields.get(1);
  return first?.kind === 'text' && first.mark === 'collection';
}

/** Qdrant serves any type; we do not, so that no web page's call passes for a client's. */
function checkType(head: Head): void {
  const type = head.field('content-type') ?? '';
  if (type === 'application/grpc' || /^application\/grpc[+;]/.test(type)) return;
  throw unreadable('the content type must be application/grpc', { http: 415 });
}

function readingOf(row: Row, reader: MessageReader, rowOf: RowOf): Reading {
  const { mentions, marks } = reader;
  const collection = mentions.find(({ mark }) => mark === 'collection') ?? null;
  checkNames(mentions, collection);
  const texts = mentions.filter(({ mark }) => mark !== 'collection' && mark !== 'echo');
  const given: Given = {
    protocol: 'grpc',
    row,
    collection: collection?.value ?? null,
    texts,
    inner: [...marks],
  };
  return {
    names: distinct(mentions.filter(({ mark }) => !unjudged.has(mark)).map(({ value }) => value)),
    intent: (names) => ({
      operation: row,
      ...judge(given, names, rowOf),
      request: rebuild(row, reader, names),
      points: reader.count,
      ...(row.countWork ? { work: reader.parts } : {}),
    }),
  };
}

/** The name in an element of a batch is ignored upstream, so it may say nothing else. */
function checkNames(mentions: readonly FieldMention[], collection: FieldMention | null): void {
  for (const { mark, value } of mentions) {
    if (mark === 'echo') {
      if (value === '' || value === collection?.value) continue;
      throw unreadable('an element of the batch names another collection');
    }
    if (!isName(value)) throw unnameable(value);
  }
}

function rebuild(row: Row, reader: MessageReader, names: Names): Rebuilt {
  const rewrites: Rewrite[] = [];
  for (const mention of reader.mentions) {
    const value = standing(row, mention, names);
    if (value !== mention.value || mention.places.length > 1) rewrites.push({ mention, value });
  }
  const body = rewrites.length === 0 ? reader.bytes : rewriteMessage(reader.bytes, rewrites);
  return { method: 'POST', target: (row.rpc as RpcPlan).path, fields, body };
}

/** What is to stand in a field: the collection that is judged, where the database would resolve. */
function standing(row: Row, { mark, value }: FieldMention, names: Names): string {
  const resolves = mark === 'collection' || mark === 'echo' || mark === 'lookup';
  return resolves && value !== '' ? referTo(row, value, names).resolved : value;
}

import type { Head, Located, Names, Reading, Rebuilt } from '../operation.ts';
import { readThrough } from '../reading/slices.ts';
import { unreadable } from '../reading/unreadable.ts';
import { type Call, callOf } from './call.ts';
import { MessageReader } from './message-reader.ts';
import { judge } from './need.ts';
import { rebuildBody } from './rebuild.ts';
import type { Given, Row, RowOf, RpcPlan } from './row.ts';

/** A gRPC call matched to its row: its names are inside the message, its database there or in its
 * metadata. Throws `Refusal` unreadable-request. */
export function locateRpc(row: Row, head: Head, rowOf: RowOf): Located {
  const plan = row.rpc as RpcPlan;
  checkType(head);
  const dbname = head.field('dbname') ?? '';
  const early: Given = {
    ...{ protocol: 'grpc', row, database: '', texts: [], outside: null },
  };
  const told = row.about === 'server' && row.judge === null && plan.message.fields.size <= 1;
  return {
    operation: row,
    hold: plan.cap,
    names: [],
    needs: (names) => (told ? judge(early, names).needs : []),
    read: (body) => {
      const read = readThrough(new MessageReader(body ?? Buffer.alloc(0), plan.message));
      return read instanceof Promise
        ? read.then((reader) => readingOf(callOf(row, reader, dbname), rowOf))
        : readingOf(callOf(row, read, dbname), rowOf);
    },
  };
}

/** Exactly what a client of Milvus sends: up to 2.5 any other type goes to REST upstream. */
function checkType(head: Head): void {
  const type = head.field('content-type') ?? '';
  if (type === 'application/grpc' || /^application\/grpc[+;]/.test(type)) return;
  throw unreadable('the content type must be application/grpc', { http: 415 });
}

function readingOf(call: Call, rowOf: RowOf): Reading {
  const { row } = call;
  return {
    names: call.keys,
    intent: (names) => {
      const { given, id } = call.named(names);
      return {
        operation: row,
        ...(row.judge ?? judge)(given, names, rowOf),
        request: rebuild(call, given, id, names),
        points: call.points,
        ...(call.work === undefined ? {} : { work: call.work }),
      };
    },
  };
}

function rebuild(call: Call, given: Given, id: string | null, names: Names): Rebuilt {
  const { row } = call;
  const fields = isBound(row) ? ['dbname', given.database] : [];
  const { path } = row.rpc as RpcPlan;
  return { method: 'POST', target: path, fields, ...rebuildBody(call, given, id, names) };
}

/** Whether Milvus may look into the metadata for the database: a right granted without one is
 * granted there. What asks for no right at all goes on without it. */
function isBound({ about, action, free, ownDatabase }: Row): boolean {
  return !ownDatabase && !free && !(about === 'server' && action === 'list');
}

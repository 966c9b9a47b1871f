import { Refusal } from '../../refusal.ts';
import type { Head, Located } from '../operation.ts';
import { unreadable } from '../reading/unreadable.ts';
import { needOf } from './need.ts';
import { operations } from './operations.ts';
import { locateRest } from './rest.ts';
import type { Row } from './row.ts';
import { locateRpc } from './rpc.ts';

const rows = new Map(operations.map((row) => [row.name, row]));
const requests = new Map(
  operations.flatMap((row) => row.http.map((route) => [route, row] as const)),
);
const calls = new Map(operations.flatMap((row) => row.grpc.map((path) => [path, row] as const)));

/**
 * Matches a request to its row of Milvus's catalogue by its head alone.
 * Throws `Refusal` unknown-operation or unreadable-request.
 */
export function locate(head: Head): Located {
  return head.protocol === 'grpc' ? locateCall(head) : locateRequest(head);
}

/** Milvus decodes a path before it matches it (gin): only the very bytes of a route are taken. */
function locateRequest(head: Head): Located {
  const mark = head.target.indexOf('?');
  const path = mark === -1 ? head.target : head.target.slice(0, mark);
  const row = requests.get(`${head.method} ${path}`);
  if (row === undefined) {
    throw new Refusal('unknown-operation', `${head.method} has no such path`);
  }
  const plan = row.rest.find((each) => each.path === path && each.method === head.method);
  const closed = row.closed ?? plan?.closed;
  if (closed !== undefined) return locateClosed(row, closed);
  return plan === undefined ? locateAnswered(row) : locateRest(row, plan, head, rowOf);
}

function locateCall(head: Head): Located {
  if (head.method !== 'POST') throw unreadable('a call must be a POST');
  const row = calls.get(head.target);
  if (row === undefined) throw new Refusal('unknown-operation', 'no such method');
  if (row.closed !== undefined) return locateClosed(row, row.closed);
  return row.rpc === null ? locateAnswered(row) : locateRpc(row, head, rowOf);
}

/** A row that the gateway answers by itself, or over the other protocol only. */
function locateAnswered(operation: Row): Located {
  const read = () => {
    throw new Refusal('unknown-operation', `${operation.name} is not passed on`);
  };
  return { operation, hold: null, names: [], needs: () => [], read };
}

/** What is known and passes for nobody. */
function locateClosed(operation: Row, closed: string): Located {
  const read = () => {
    throw new Refusal('not-permitted', `${operation.name} passes for nobody: ${closed}`, {
      told: operation.denial(needOf(operation, null, null), false),
    });
  };
  const open = operation.action === 'public';
  const needs = () => (open ? [] : [needOf(operation, null, null)]);
  return { operation, hold: null, names: [], needs, read };
}

/** A row by its operation's name. Throws `TypeError` where the catalogue has none. */
function rowOf(operation: string): Row {
  const row = rows.get(operation);
  if (row === undefined) throw new TypeError(`the catalogue has no operation ${operation}`);
  return row;
}

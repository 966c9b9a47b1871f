import { Refusal } from '../../refusal.ts';
import type { Head, Located } from '../operation.ts';
import { unreadable } from '../reading/unreadable.ts';
import { needOf } from './need.ts';
import { operations } from './operations.ts';
import type { Row } from './row.ts';
import { locateRpc } from './rpc.ts';

const rows = new Map(operations.map((row) => [row.name, row]));
const calls = new Map(operations.flatMap((row) => row.grpc.map((path) => [path, row] as const)));

/**
 * Matches a request to its row of Milvus's catalogue by its head alone.
 * Throws `Refusal` unknown-operation or unreadable-request.
 */
export function locate(head: Head): Located {
  if (head.protocol === 'grpc') return locateCall(head);
  throw new Refusal('unknown-operation', `${head.method} has no such path`);
}

function locateCall(head: Head): Located {
  if (head.method !== 'POST') throw unreadable('a call must be a POST');
  const row = calls.get(head.target);
  if (row === undefined) throw new Refusal('unknown-operation', 'no such method');
  if (row.closed !== undefined) return locateClosed(row);
  return row.rpc === null ? locateAnswered(row) : locateRpc(row, head, rowOf);
}

/** A row that the gateway answers by itself, or over the other protocol only. */
function locateAnswered(operation: Row): Located {
  const read = () => {
    throw new Refusal('unknown-operation', `${operation.name} is not passed on`);
  };
  return { operation, hold: null, names: [], needs: () => [], read };
}

/** A row that is known and passes for nobody. */
function locateClosed(operation: Row): Located {
  const read = () => {
    throw new Refusal('not-permitted', `${operation.name} passes for nobody: ${operation.closed}`, {
      told: operation.denial?.(needOf(operation, null, null)) ?? '',
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

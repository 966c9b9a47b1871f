import { Refusal } from '../../refusal.ts';
import { buildRoutes, findRoute, type Route } from '../classify.ts';
import type { Head, Located } from '../operation.ts';
import { readTarget } from '../reading/path.ts';
import { unreadable } from '../reading/unreadable.ts';
import { needOf } from './need.ts';
import { operations } from './operations.ts';
import { locateRest } from './rest.ts';
import type { Row } from './row.ts';
import { locateRpc } from './rpc.ts';

const rows = new Map(operations.map((row) => [row.name, row]));
const calls = new Map(operations.flatMap((row) => (row.rpc ? [[row.rpc.path, row] as const] : [])));
const routes = buildRoutes(
  operations.flatMap((row): Route<Row>[] => (row.rest ? [{ ...row.rest, row }] : [])),
);

/**
 * Matches a request to its row of Qdrant's catalogue by its head alone.
 * Throws `Refusal` unknown-operation or unreadable-request.
 */
export function locate(head: Head): Located {
  return head.protocol === 'grpc' ? locateCall(head) : locateRequest(head);
}

function locateRequest(head: Head): Located {
  const target = readTarget(head.target);
  const row =
    head.method === 'OPTIONS'
      ? rowOf('cors.preflight')
      : findRoute(routes, head.method, target.segments);
  if (row === null) throw unknown(`${head.method} has no such path`);
  return row.closed === undefined ? locateRest(row, target, head, rowOf) : locateClosed(row);
}

function locateCall(head: Head): Located {
  if (head.method !== 'POST') throw unreadable('a call must be a POST');
  const row = calls.get(head.target);
  if (row === undefined) throw unknown('no such method');
  return row.closed === undefined ? locateRpc(row, head, rowOf) : locateClosed(row);
}

function unknown(reason: string): Refusal {
  return new Refusal('unknown-operation', reason);
}

/** A row that is known and passes for nobody: whoever is known to us hears that it is not there,
 * or, where a policy speaks of its action, that it is not permitted. */
function locateClosed(row: Row): Located {
  const open = row.action === 'public' || row.action === 'list';
  const code = open ? 'unknown-operation' : 'not-permitted';
  return {
    operation: row,
    hold: null,
    names: [],
    needs: () => (open ? [] : [needOf(row, null)]),
    read: () => {
      throw new Refusal(code, `${row.name} passes for nobody: ${row.closed}`);
    },
  };
}

/** A row by its operation's name. Throws `TypeError` where the catalogue has none. */
function rowOf(operation: string): Row {
  const row = rows.get(operation);
  if (row === undefined) throw new TypeError(`the catalogue has no operation ${operation}`);
  return row;
}

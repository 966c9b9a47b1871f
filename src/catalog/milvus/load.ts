import { Refusal } from '../../refusal.ts';
import type { Instead, Intent, Names, Need } from '../operation.ts';
import { fieldsOf, varintsIn } from './answer-message.ts';
import { row, rpc } from './define.ts';
import { messages } from './messages.ts';
import { judge, needOf } from './need.ts';
import { ownCall } from './own-call.ts';
import type { Given, RowOf, Verdict } from './row.ts';
import { isSuccess, statusIn } from './status.ts';

/** LoadState of common.proto: Milvus takes the load of a collection in one of these for done. */
const underWay = new Set([2, 3]);

/** GetLoadState in the place of LoadCollection: its status, where there is nothing to load. */
const whetherLoaded = row('collections.load_state', 'list', 'collection.list', {
  rpc: rpc('GetLoadState', messages.progress('GetLoadStateRequest')),
  trim: (_protocol, answer, _view, { needs }) => {
    const status = statusIn(answer);
    const state = varintsIn(fieldsOf(answer), 2).at(-1)?.[0] ?? 0;
    if (!isSuccess(status)) return status;
    if (underWay.has(state)) return status;
    throw notLoaded(needs);
  },
});

/**
 * What loading a collection needs: its own right. Frameworks load what they are going to search: a
 * caller who may list the collection hears that it is loaded, where it is.
 */
export function judgeLoad(given: Given, names: Names, rowOf: RowOf): Verdict {
  const verdict = judge(given, names);
  return { ...verdict, instead: insteadOf(given, verdict.needs, rowOf) };
}

function insteadOf(given: Given, needs: readonly Need[], rowOf: RowOf): Instead | null {
  const [first] = needs;
  const plain = given.texts.every(({ mark, value }) => mark !== 'refresh' || value === '0');
  if (given.protocol !== 'grpc' || needs.length !== 1 || !first?.collection || !plain) return null;
  const { database } = given;
  const need = needOf(rowOf('collections.load_state'), database, first.collection);
  const request = ownCall(
    'GetLoadState',
    [
      [2, first.collection.resolved],
      [4, database],
    ],
    database,
  );
  const { method, target, body, fields = [] } = request;
  const intent: Intent = {
    operation: whetherLoaded,
    needs: [need],
    request: { method, target, fields, body },
    ...{ points: 0, objection: null, instead: null },
  };
  return { need, intent };
}

function notLoaded(needs: readonly Need[]): Refusal {
  const [need] = needs;
  const told = need ? denialOf(need) : '';
  return new Refusal('not-permitted', 'the collection is not loaded, and may not be', { told });
}

function denialOf({ database }: Need): string {
  return `PrivilegeLoadCollection: permission deny to this caller in the \`${database}\` database`;
}
